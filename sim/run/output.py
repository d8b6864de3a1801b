"""Files that are there whole or not at all, and numbers and tables for a terminal."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from ctid.core.errors import CtidError
from sim.run.catalogue import Unit
from sim.run.figures import Estimate


class CannotWrite(CtidError):
    """A file could not be written; what stood there before stands there still."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path` at the end; after an error nothing is left
    of it.

    Raises:
        CannotWrite: no such folder, no right, no room.
    """
    try:
        fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None
    try:
        with os.fdopen(fd, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        with suppress(FileNotFoundError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise CannotWrite(f"cannot write {path}: {error.strerror}") from None
        raise


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Write these files; only when all of them are on the disk they take their names.

    Raises:
        CannotWrite: nothing new is left then, and what stood there before stands there still.
    """
    with ExitStack() as whole:
        for path, content in files.items():
            file = whole.enter_context(whole_file(path))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def write_page(target: Path, page: str, document: object) -> None:
    """Write the page to `target` and `document` as JSON beside it, `report.html` and `report.json`.

    Raises:
        CannotWrite: the folder or the disk does not take it; what stood there stands there still.
    """
    data = msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    write_whole({target: page.encode(), target.with_suffix(".json"): data})


def _umask() -> int:
    """What others may not do with new files; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def may_write(*paths: Path | None) -> None:
    """Find out before the work that its result would have no place.

    Raises:
        CannotWrite: see the text.
    """
    for path in paths:
        if path is None:
            continue
        if path.is_dir():
            raise CannotWrite(f"cannot write {path}: it is a folder; name a file in it")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            why = "may not be written" if path.parent.is_dir() else "is not there"
            raise CannotWrite(f"cannot write {path}: the folder {path.parent} {why}")


# -- numbers --


def told(value: float | None, unit: Unit, *, signed: bool = False) -> str:
    """A value with its unit, `82.3 %`, `12.4 s`; `-` for none."""
    if value is None:
        return "-"
    plus = "+" if signed and value > 0 else ""
    match unit:
        case "share":
            return f"{plus}{100 * value:.2f} %"
        case "ms":
            return f"{plus}{value / 1000:.2f} s"
        case "money":
            return f"{plus}{value:.2f}"
        case "number":
            return f"{plus}{value:.2f}"


def with_half(found: Estimate) -> str:
    """`82.3 % ± 0.6`."""
    if found.half is None or found.value is None:
        return told(found.value, found.unit)
    return f"{told(found.value, found.unit)} ± {told(found.half, found.unit).split(' ')[0]}"


def as_json(document: object) -> str:
    """For programs; the same bytes for the same document."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def as_csv(head: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """The same for programs that want columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Columns in line: the first `left` to the left, all others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    wide = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(n) if place < left else cell.rjust(n)
            for place, (cell, n) in enumerate(zip(line, wide, strict=True))
        ).rstrip()
        for line in lines
    )
