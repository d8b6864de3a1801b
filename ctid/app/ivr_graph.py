"""A flow as a graph to draw: what stands in each box, and what on each line. It asks the model of
the steps, so that a kind of step that comes later is drawn as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ctid.ivr.flow import AnyStep, Flow, asks, may_end, prompts_of, targets

Look = Literal["asks", "forks", "goes", "ends"]
"""The caller decides; the flow decides; it goes on; nothing follows."""


class Node(msgspec.Struct, frozen=True):
    """One step."""

    name: str
    kind: str
    look: Look
    about: str
    """What the step names: its queue, its opening hours, the value that it branches on."""
    words: str
    """The text of its first prompt, or empty."""


class Edge(msgspec.Struct, frozen=True):
    """Everything that leads from one step to another."""

    source: str
    target: str
    labels: tuple[str, ...]
    """Keys, answers, `open`, `closed`, `on fail`; empty where it just goes on."""
    fails: bool
    """Nothing but a failure leads here."""


class Graph(msgspec.Struct, frozen=True):
    """`ctid ivr draw --json` prints it."""

    flow: str
    language: str
    start: str
    nodes: tuple[Node, ...]
    """The first step first, the others in the file's order."""
    edges: tuple[Edge, ...]


def graph_of(flow: Flow, language: str) -> Graph:
    """The graph, with the words of that language."""
    names = [flow.start, *(name for name in flow.steps if name != flow.start)]
    nodes = tuple(_node(flow, name, flow.steps[name], language) for name in names)
    edges = tuple(edge for name in names for edge in _edges(name, flow.steps[name]))
    return Graph(flow.id, language, flow.start, nodes, edges)


def _node(flow: Flow, name: str, step: AnyStep, language: str) -> Node:
    prompts = prompts_of(step)
    words = flow.prompts.get(prompts[0][1], {}).get(language, "") if prompts else ""
    return Node(name, str(step.__struct_config__.tag), _look(step), _about(step), words)


def _look(step: AnyStep) -> Look:
    leads = {field for field, _ in targets(step)}
    if may_end(step):
        return "ends"
    if asks(step):
        return "asks"
    return "forks" if len(leads - {"on_fail"}) > 1 else "goes"


def _about(step: AnyStep) -> str:
    """The texts that a step cannot do without and that are neither prompts nor other steps."""
    known = {field for field, _ in (*targets(step), *prompts_of(step))}
    texts = [
        getattr(step, field.name)
        for field in msgspec.structs.fields(step)
        if field.required and field.encode_name not in known
    ]
    return " ".join(text for text in texts if isinstance(text, str))


def _edges(name: str, step: AnyStep) -> list[Edge]:
    labels: dict[str, list[str]] = {}
    fails: Mapping[str, set[bool]] = {target: set() for _, target in targets(step)}
    for field, target in targets(step):
        word = field.partition(".")[2] or field.replace("_", " ")
        labels.setdefault(target, []).append(word)
        fails[target].add(field in ("on_fail", "locked"))
    return [
        Edge(name, target, () if words == ["next"] else tuple(words), fails[target] == {True})
        for target, words in labels.items()
    ]
