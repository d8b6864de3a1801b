"""Make the audio of all prompts: 8 kHz mono WAV files that Asterisk plays as they are.

The prompts are those of the flows, those that tell of place and wait in a queue, and the words that
numbers, amounts, dates and times are said with. `ctid prompts build` speaks each prompt's text with
espeak-ng, or takes a recorded file of the same name from the recordings' folder, 8 kHz mono 16 bit
as .wav or .sln, and writes OUT/LANGUAGE/PROMPT.wav. Only what changed is made again; the same input
gives the same bytes. Copy OUT to Asterisk's sounds as the folder that the setting pbx.sounds names.

`ctid prompts list` prints the name of each prompt, its text, and the file where it is recorded,
with tabs between: what a studio needs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ctid.app.prompts_audio import Engine, make
from ctid.app.prompts_jobs import Job, collect, doubts_of
from ctid.app.prompts_manifest import Manifest
from ctid.core.errors import ConfigError, CtidError


class Built(NamedTuple):
    """What a build did; prompts as `LANGUAGE/PROMPT`."""

    made: list[str]
    unchanged: int
    removed: list[str]
    recorded: int
    """As many of all were recorded, not spoken."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words that may follow `ctid prompts`."""
    parser.add_argument(
        "what",
        choices=("build", "list"),
        help="build: make what is new or changed; list: say what there is to record",
    )
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
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(args: argparse.Namespace) -> int:
    """Do it, say what was done, and return the exit code."""
    flows: Path = args.flows
    recordings: Path = args.recordings or flows.parent / "prompts"
    try:
        if args.what == "list":
            _list(collect(flows, recordings), as_json=args.json)
        else:
            built = build(flows, recordings, args.out)
            doubts = doubts_of(flows, recordings)
            _report(built, args.out, doubts, as_json=args.json)
    except CtidError as error:
        problems = error.problems if isinstance(error, ConfigError) else (str(error),)
        if args.json:
            print(msgspec.json.encode({"ok": False, "problems": problems}).decode())
        for problem in () if args.json else problems:
            print(f"ctid prompts: {problem}", file=sys.stderr)
        return 1
    return 0


def _report(built: Built, out: Path, doubts: list[str], *, as_json: bool) -> None:
    for doubt in () if as_json else doubts:
        print(f"ctid prompts: warning: {doubt}", file=sys.stderr)
    if as_json:
        answer = {"ok": True, "out": str(out), **built._asdict(), "problems": (),
                  "warnings": doubts}  # fmt: skip
        print(msgspec.json.encode(answer).decode())
    else:
        done = f"{len(built.made)} made, {built.unchanged} unchanged, {len(built.removed)} removed"
        print(f"{out}: {done}; {built.recorded} of them recorded")


def _list(jobs: list[Job], *, as_json: bool) -> None:
    rows = [(job.name, job.text, str(job.recording or "")) for job in jobs]
    if as_json:
        keys = ("name", "text", "recording")
        prompts = [dict(zip(keys, row, strict=True)) for row in rows]
        print(msgspec.json.encode({"ok": True, "prompts": prompts}).decode())
    for row in () if as_json else rows:
        print("\t".join(" ".join(cell.split()) for cell in row))


def build(
    flows: Path,
    recordings: Path,
    out: Path,
    more: Mapping[str, Mapping[str, str]] | None = None,
) -> Built:
    """Bring `out` up to date.

    `more` are texts besides the flows', those of ctid where it is not given; see `collect`.

    Raises:
        ConfigError: the flow files or the recordings have problems; nothing was made.
        PromptsFailed: a program is missing or could not make a prompt.
    """
    jobs = collect(flows, recordings, more)
    engine = Engine.find(jobs)
    manifest = Manifest.read(out)
    stamps = {job.name: engine.stamp(job) for job in jobs}
    todo = [job for job in jobs if not manifest.holds(job.name, stamps[job.name])]
    try:
        for job in _made(todo, engine, out):
            manifest.note(job.name, stamps[job.name])
        removed = manifest.drop_all_but(stamps)
    finally:
        # What was made stays made, even when a later prompt failed.
        manifest.write()
    recorded = sum(job.recording is not None for job in jobs)
    return Built([job.name for job in todo], len(jobs) - len(todo), removed, recorded)


def _made(todo: list[Job], engine: Engine, out: Path) -> Iterator[Job]:
    """The jobs as they are done, on all cores, with a bar on a terminal's standard error."""
    columns = (
        TextColumn("prompts"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    console = Console(stderr=True)
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        task = progress.add_task("", total=len(todo))
        doing = {pool.submit(make, job, engine, out / f"{job.name}.wav"): job for job in todo}
        try:
            for done in as_completed(doing):
                done.result()
                progress.update(task, advance=1, description=doing[done].name)
                yield doing[done]
        finally:
            pool.shutdown(cancel_futures=True)
