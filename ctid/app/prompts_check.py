"""What `ctid check-config` says of recordings, and of a folder of built prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ctid.app import prompts_recordings as recordings
from ctid.app.prompts_jobs import collect, text_problems
from ctid.app.prompts_manifest import Manifest
from ctid.core.errors import ConfigError

NAMED: Final = 20
"""As many prompts with the same problem are named one by one."""


def sound_problems(config: Path, sounds: Path | None, *, settled: bool) -> tuple[str, ...]:
    """What is wrong with the recordings beside the main file `config`, and with the prompts that
    were built into `sounds`; one line each.

    `settled` says that the flow files themselves have no problem: without it nobody can tell what
    should be built.
    """
    flows, recorded = config.parent / "flows", config.parent / "prompts"
    if not settled or not any(flows.glob("*.toml")):
        return (*text_problems(flows), *recordings.problems(recorded))
    try:
        jobs = collect(flows, recorded)
    except ConfigError as error:
        return error.problems
    if sounds is None:
        return ()
    manifest = Manifest.read(sounds)
    doubts: dict[str, list[str]] = {}
    for job in jobs:
        if doubt := manifest.doubt(job.name, job.source()):
            doubts.setdefault(doubt, []).append(job.name)
    todo = f"run ctid prompts build --flows {flows} --out {sounds}"
    found: list[str] = []
    for doubt, names in doubts.items():
        found += [f"{sounds}/{name}.wav: {doubt}; {todo}" for name in names[:NAMED]]
        if len(names) > NAMED:
            found.append(f"{sounds}: {len(names) - NAMED} prompts more, each {doubt}; {todo}")
    return tuple(found)
