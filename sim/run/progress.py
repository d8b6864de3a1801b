"""A sign of life on long work: on stderr, gone when the work is done, none where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

Advance = Callable[[], None]
"""One step is done."""


@contextmanager
def progress(what: str, steps: int) -> Iterator[Advance]:
    """Shows how many of `steps` are done, and how long the rest may take."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda: bar.advance(task)


@contextmanager
def reading(
    paths: Sequence[Path],
) -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """Shows how much of the files is read; the first callback takes bytes, the second what is done
    with them when all are read."""
    size = sum(path.stat().st_size for path in paths if path.is_file())
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        task = p.add_task("reading", total=size or None)
        yield (
            lambda count: p.advance(task, count),
            lambda what: p.update(task, description=what, completed=size),
        )


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Shows that one long step goes on, of which nobody knows how far it is."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(what):
        yield
