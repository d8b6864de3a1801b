"""Which server may take which types of callers, by the names that such structures go by."""

from __future__ import annotations

import re

KNOWN = "N-model, W-model, M-model, X-model, dedicated, pooled, chain RxC two-skill"
WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def takes(structure: str, types: int, servers: int) -> list[list[int]]:
    """For each server the types, both by their numbers.

    Raises:
        ValueError: a structure that is not known, or not with so many types and servers.
    """
    everyone = list(range(types))
    if re.search(r"\bpooled\b|\bX-model\b|\bV-model\b", structure):
        return [everyone] * servers
    if "N-model" in structure:
        return [everyone] + [everyone[1:]] * (servers - 1)
    if "W-model" in structure:
        _fits("W-model", types, servers, 3, 2)
        return [[0, 1], [1, 2]]
    if "M-model" in structure:
        _fits("M-model", types, servers, 2, 3)
        return [[0], [0, 1], [1]]
    if "dedicated" in structure:
        return [[n % types] for n in range(servers)]
    if "chain" in structure:
        return _chain(structure, types, servers)
    raise ValueError(f"structure {structure!r} is not one of {KNOWN}")


def _chain(structure: str, types: int, servers: int) -> list[list[int]]:
    """`chain 4x4 two-skill`: each server takes its own type and the next, in a ring."""
    size = re.search(r"(\d+)x(\d+)", structure)
    if size and (int(size[1]), int(size[2])) != (types, servers):
        raise ValueError(f"{structure!r} does not go with {types} types and {servers} servers")
    skills = re.search(r"(\w+)-skill", structure)
    word = skills[1] if skills else "two"
    count = WORDS.get(word) or (int(word) if word.isdigit() else 0)
    if not 1 <= count <= types:
        raise ValueError(f"{structure!r}: a server cannot take {word} of {types} types")
    return [[(n + i) % types for i in range(count)] for n in range(servers)]


def _fits(name: str, types: int, servers: int, of_types: int, of_servers: int) -> None:
    if (types, servers) != (of_types, of_servers):
        raise ValueError(f"{name} has {of_types} types and {of_servers} servers")
