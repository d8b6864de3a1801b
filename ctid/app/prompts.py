"""Make the audio of all prompts: 8 kHz mono WAV files that Asterisk plays as they are.

The prompts are those of the flows, and those that tell of place and wait in a queue.
`ctid prompts build` speaks each prompt's text with espeak-ng, or takes a recorded file of the same
name from the recordings' folder, and writes OUT/LANGUAGE/PROMPT.wav. Only what changed is made
again; the same input gives the same bytes. Copy OUT to Asterisk's sounds as the folder that the
setting pbx.sounds names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ctid.acd import wait_prompts
from ctid.app.prompts_audio import Engine, Job, collect, make
from ctid.app.prompts_manifest import Manifest
from ctid.core.errors import CtidError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words that may follow `ctid prompts`."""
    parser.add_argument("what", choices=("build",), help="build: make what is new or changed")
    parser.add_argument(
        "--flows", type=Path, default=Path("config/flows"), help="folder with the flow files"
    )
    parser.add_argument(
        "--recordings",
        type=Path,
        default=None,
        help="folder with LANGUAGE/PROMPT.wav to use in place of speech; default: the folder"
        " prompts beside the flows'",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/prompts"), help="folder for the audio"
    )


def run(args: argparse.Namespace) -> int:
    """Build, say what was done, and return the exit code."""
    flows: Path = args.flows
    recordings: Path = args.recordings or flows.parent / "prompts"
    try:
        built, kept, removed = build(flows, recordings, args.out, wait_prompts.TEXTS)
    except CtidError as error:
        print(f"ctid prompts: {error}", file=sys.stderr)
        return 1
    print(f"{args.out}: {built} made, {kept} unchanged, {removed} removed")
    return 0


def build(
    flows: Path,
    recordings: Path,
    out: Path,
    more: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[int, int, int]:
    """Bring `out` up to date; how many files were made, were good already, and were removed.

    `more` are texts besides the flows', see `collect`.

    Raises:
        ConfigError: the flow files have problems.
        PromptsFailed: a program is missing or could not make a prompt.
    """
    jobs = collect(flows, recordings, more)
    engine = Engine.find(jobs)
    manifest = Manifest.read(out)
    stamps = {job.name: job.stamp(engine) for job in jobs}
    todo = [job for job in jobs if not manifest.holds(job.name, stamps[job.name])]
    try:
        for job in _shown(todo):
            make(job, engine, out / f"{job.name}.wav")
            manifest.note(job.name, stamps[job.name])
        removed = manifest.drop_all_but(stamps)
    finally:
        # What was made stays made, even when a later prompt failed.
        manifest.write()
    return len(todo), len(jobs) - len(todo), removed


def _shown(todo: list[Job]) -> Iterator[Job]:
    """The jobs, with a bar on a terminal's standard error."""
    columns = (
        TextColumn("prompts"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(todo))
        for job in todo:
            progress.update(task, description=job.name)
            yield job
            progress.advance(task)
