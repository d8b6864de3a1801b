"""The flow that a command of `ctid ivr` is about, and the flows that it calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ctid.core.errors import ConfigError, CtidError
from ctid.core.text import nearest
from ctid.ivr import services
from ctid.ivr.flow import Flow
from ctid.ivr.service_steps import Asking
from ctid.ivr.variables import names_in
from ctid.settings.files import LARGEST_FLOW, flow_name, read_toml
from ctid.settings.flows import read_flows

Raw = Mapping[str, Any]


def flows_for(
    name: str, folder: Path, values: Collection[str] | None = None
) -> tuple[Flow, dict[str, Flow]]:
    """The flow `name` out of the folder's files, and with it all that it calls, by id.

    `name` may be a file's path too; then the files beside it are the folder. Queues and opening
    hours are taken as told: a flow may be drawn and tried before the main file knows them, and
    `ctid check-config` looks at both. What a flow that returns is handed by those that call it is
    taken as told too, wherever the folder's files hand it over.

    Args:
        values: names that whoever tries the flow gives it; None where it is only looked at, and
            what it is handed does not matter.

    Raises:
        CtidError: there is no such flow.
        ConfigError: it, or one that it calls, has problems.
    """
    wanted = Path(name) if name.endswith(".toml") else None
    files, problems = _read_all(wanted.parent if wanted else folder)
    if wanted:
        start = flow_name(wanted) if flow_name(wanted) in files else ""
    else:
        start = next((file for file, raw in files.items() if raw.get("id") == name), "")
    if not start:
        if problems and (
            not wanted or any(line.startswith(flow_name(wanted)) for line in problems)
        ):
            raise ConfigError(tuple(problems))
        raise _unknown(name, wanted, folder, files)
    needed = _needed(files, start)
    named = list(_named(needed.values()))
    found, lines = read_flows(
        needed,
        [queue for key, queue in named if key == "queue"],
        {hours: None for key, hours in named if key == "hours"},
        given={str(files[start].get("id")): _given(files, start, values)},
    )
    if lines:
        raise ConfigError(tuple(_advised(line, values is not None) for line in lines))
    return found[files[start]["id"]], found


def _given(files: Mapping[str, Raw], start: str, values: Collection[str] | None) -> set[str]:
    """Names that the flow of that file gets from elsewhere."""
    steps = [body for raw in files.values() for body in _bodies(raw)]
    calls = [body for body in steps if body.get("flow") == files[start].get("id")]
    handed = {str(name) for body in calls for name in _table(body.get("with"))}
    own = list(_bodies(files[start]))
    if values is None and any(body.get("kind") == "return" for body in own):
        return handed | {name for body in own for name in _read(body)}
    return handed | set(values or ())


def _read(value: object) -> Iterator[str]:
    """Names that the texts of a step read, however deep they stand in it."""
    match value:
        case str():
            yield from names_in(value)
        case Mapping():
            if isinstance(on := value.get("on"), str):
                yield on
            for one in value.values():
                yield from _read(one)


def _advised(line: str, tried: bool) -> str:
    """Somebody who tries a flow may give what it misses."""
    return f"{line}; or give it here with --value" if tried and ": nobody sets " in line else line


def told_by_services(flow: Flow) -> set[str]:
    """Names that those whom the flow asks may set."""
    asking = [step for step in flow.steps.values() if isinstance(step, Asking)]
    return {name for step in asking for name in services.sets(step)}


def _unknown(name: str, wanted: Path | None, folder: Path, files: Mapping[str, Raw]) -> CtidError:
    if wanted:
        return CtidError(f"there is no file {wanted}; name a flow's file, or a flow and --flows")
    if not files:
        return CtidError(f"{folder}: there is no flow file; name their folder with --flows")
    ids = [raw["id"] for raw in files.values() if isinstance(raw.get("id"), str)]
    return CtidError(f"{folder}: there is no flow {name!r}; {nearest(name, ids)}")


def _read_all(folder: Path) -> tuple[dict[str, Raw], list[str]]:
    files: dict[str, Raw] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        name = flow_name(file)
        if (raw := read_toml(file, name, problems, LARGEST_FLOW)) is not None:
            files[name] = raw
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
        for body in _bodies(raw):
            yield from ((key, text) for key, text in body.items() if isinstance(text, str))


def _bodies(raw: Raw) -> Iterator[Raw]:
    """The tables of all steps."""
    yield from (body for body in _table(raw.get("steps")).values() if isinstance(body, Mapping))


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
