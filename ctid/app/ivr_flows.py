"""The flow that a command of `ctid ivr` is about, and the flows that it calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ctid.core.errors import ConfigError, CtidError
from ctid.core.text import nearest
from ctid.ivr.flow import Flow
from ctid.settings.files import read_toml
from ctid.settings.flows import read_flows

Raw = Mapping[str, Any]


def flows_for(name: str, folder: Path) -> tuple[Flow, dict[str, Flow]]:
    """The flow `name` out of the folder's files, and with it all that it calls, by id.

    `name` may be a file's path too; then the files beside it are the folder. Queues and opening
    hours are taken as told: a flow may be drawn and tried before the main file knows them, and
    `ctid check-config` looks at both.

    Raises:
        CtidError: there is no such flow.
        ConfigError: it, or one that it calls, has problems.
    """
    wanted = Path(name) if name.endswith(".toml") else None
    files, problems = _read(wanted.parent if wanted else folder)
    if wanted:
        start = wanted.name if wanted.name in files else ""
    else:
        start = next((file for file, raw in files.items() if raw.get("id") == name), "")
    if not start:
        if problems and (not wanted or any(line.startswith(wanted.name) for line in problems)):
            raise ConfigError(tuple(problems))
        raise _unknown(name, wanted, folder, files)
    needed = _needed(files, start)
    named = list(_named(needed.values()))
    found, lines = read_flows(
        needed,
        [queue for key, queue in named if key == "queue"],
        {hours: None for key, hours in named if key == "hours"},
    )
    if lines:
        raise ConfigError(tuple(lines))
    return found[files[start]["id"]], found


def _unknown(name: str, wanted: Path | None, folder: Path, files: Mapping[str, Raw]) -> CtidError:
    if wanted:
        return CtidError(f"there is no file {wanted}; name a flow's file, or a flow and --flows")
    if not files:
        return CtidError(f"{folder}: there is no flow file; name their folder with --flows")
    ids = [raw["id"] for raw in files.values() if isinstance(raw.get("id"), str)]
    return CtidError(f"{folder}: there is no flow {name!r}; {nearest(name, ids)}")


def _read(folder: Path) -> tuple[dict[str, Raw], list[str]]:
    files: dict[str, Raw] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        if (raw := read_toml(file, file.name, problems)) is not None:
            files[file.name] = raw
    return files, problems


def _needed(files: Mapping[str, Raw], start: str) -> dict[str, Raw]:
    """That file, and those of all flows that its flow calls, and so on."""
    by_id = {str(raw.get("id")): file for file, raw in files.items()}
    needed: dict[str, Raw] = {}
    todo = [start]
    while todo:
        file = todo.pop()
        if file not in needed:
            needed[file] = files[file]
            called = [flow for key, flow in _named([files[file]]) if key == "flow"]
            todo += [by_id[flow] for flow in called if flow in by_id]
    return needed


def _named(raws: Iterable[Raw]) -> Iterator[tuple[str, str]]:
    """(key, text) for every text in every step; shapes that are wrong are told by the parser."""
    for raw in raws:
        steps = raw.get("steps")
        for body in steps.values() if isinstance(steps, Mapping) else ():
            if isinstance(body, Mapping):
                yield from ((key, text) for key, text in body.items() if isinstance(text, str))
