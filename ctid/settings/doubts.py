"""What settings may say, and hardly mean: `check-config` warns of it and lets it pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.ivr.doubts import doubts_of, pin_doubts
from ctid.ivr.speech_problems import speech_doubts


def flow_doubts(
    settings: CentreSettings,
    files: Mapping[str, str],
    *,
    whole: bool = True,
    beside: Iterable[object] = (),
) -> list[str]:
    """One line for each, as ``file: path: what; what to do``.

    Args:
        files: id of a flow → its file's name.
        whole: all files could be read; or else one that could not may lead to any flow.
        beside: what the files say, where some of it is wrong and so not in the settings; it may
            lead to a flow all the same.
    """
    called = {*_flows_in(msgspec.to_builtins(settings, str_keys=True))}
    called.update(text.removeprefix("menu:") for one in beside for text in _texts_in(one))
    entered = {*settings.entries.values()}
    lines = []
    for name, flow in sorted(settings.flows.items()):
        found = doubts_of(flow) + speech_doubts(flow, settings.speech)
        if whole and name not in called and name in entered:
            found += pin_doubts(flow)
        if whole and name not in called and name not in entered:
            what = f"nothing leads to the flow {name!r}"
            found.insert(0, f"id: {what}; name it under [entries], or take the file out")
        lines += [f"{files.get(name, name)}: {line}" for line in found]
    return lines


def _flows_in(told: object) -> Iterator[str]:
    """Flows that overflow rules, surveys and other flows name: whatever is called `flow`."""
    if isinstance(told, dict):
        for key, value in told.items():
            if key == "flow" and isinstance(value, str):
                yield value
            else:
                yield from _flows_in(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _flows_in(value)


def _texts_in(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, list):
        for value in told:
            yield from _texts_in(value)
    elif isinstance(told, dict):
        for key, value in told.items():
            # Half of the kinds would do as names of flows: survey, voicemail, callback.
            yield from () if key == "kind" else _texts_in(value)
