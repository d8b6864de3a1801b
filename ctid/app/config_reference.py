"""docs/config.md, made from the comments of config/ctid.toml: one place to say what a key does.

    python -m ctid.app.config_reference

writes it anew; a test holds the two together.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SOURCE = Path("config/ctid.toml")
TARGET = Path("docs/config.md")
_SECTION = re.compile(r"(\[\[?)([A-Za-z0-9_.-]+)\]\]?$")
_KEY = re.compile(r'#?([A-Za-z0-9_]+|"[^"]+") = (.+)$')
_FREE = {"hours": "<id>", "hours.<id>.days": "<date>", "channels": "<id>", "entries": "<number>",
         "break_max_s": "<reason>", "transfer_numbers": "<name>",
         "supervision_phones": "<login>", "services": "<name>"}  # fmt: skip
"""Tables whose keys the site chooses, and what stands for one of them."""
_LISTS = {"queues", "agents"}
"""There may be several of these, and each has tables of its own."""


class Key(NamedTuple):
    """One documented key."""

    section: str
    """`[site]`, `[[queues]]`, `[hours.<id>]`."""
    path: str
    """`site.name`, `queues[].id`, `hours.<id>.mon`, as problems and `known_keys` say it."""
    example: str
    text: str


class Part(NamedTuple):
    """One section of the file."""

    heading: str
    text: str
    keys: list[Key]


def read(toml: str) -> tuple[str, list[Part]]:
    """The file's introduction, and its sections in order. Keys without a comment are repeats."""
    parts: dict[str, Part] = {}
    intro, comment, current = "", [], None
    for line in [*toml.splitlines(), ""]:
        if line.startswith("# ") or line == "#":
            comment.append(line[2:])
            continue
        if match := _SECTION.match(line):
            current = _part(match[1], match[2], " ".join(comment), parts)
        elif (match := _KEY.match(line)) and current is not None:
            _add(current, match[1], match[2], " ".join(comment))
        elif not line and comment and current is None:
            intro = "\n".join(comment)
        elif not line and not comment:
            continue
        comment = []
    return intro, [part for part in parts.values() if part.keys]


def _part(bracket: str, name: str, text: str, parts: dict[str, Part]) -> Part:
    first, dot, rest = name.partition(".")
    if dot and first in _FREE:
        _, deeper, last = rest.partition(".")
        name = f"{first}.{_FREE[first]}{deeper}{last}"
    heading = f"[[{name}]]" if bracket == "[[" else f"[{name}]"
    part = parts.setdefault(heading, Part(heading, text, []))
    if text and not part.text:
        part = parts[heading] = part._replace(text=text)
    return part


def _add(part: Part, key: str, example: str, comment: str) -> None:
    name = part.heading.strip("[]")
    if name in _FREE:
        if not part.keys:
            path = f"{name}.{_FREE[name]}"
            part.keys.append(Key(part.heading, path, f"{key} = {example}", part.text))
        return
    if comment:
        base = name.replace(".", "[].") if name.partition(".")[0] in _LISTS else name
        base += "[]" if part.heading.startswith("[[") else ""
        part.keys.append(Key(part.heading, f"{base}.{key}", example, comment))


def pages(toml: str) -> Iterator[str]:
    """The lines of docs/config.md."""
    intro, parts = read(toml)
    yield "# Config reference"
    yield ""
    yield "<!-- Made by `python -m ctid.app.config_reference` from config/ctid.toml. -->"
    yield ""
    yield intro
    for part in parts:
        yield ""
        yield f"## `{part.heading}`"
        if part.text:
            yield ""
            yield part.text
        yield ""
        if part.heading.strip("[]") in _FREE:
            yield f"    {part.keys[0].example}"
            continue
        yield "| key | example | what it does |"
        yield "|---|---|---|"
        for key in part.keys:
            text = key.text.replace("|", "\\|").replace("<", "&lt;")
            name = key.path.rpartition(".")[2]
            yield f"| `{name}` | `{key.example}` | {text} |"


def main() -> None:
    """Write the reference."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(pages(SOURCE.read_text(encoding="utf-8"))) + "\n", encoding="utf-8")
    print(f"wrote {TARGET}", file=sys.stderr)


if __name__ == "__main__":
    main()
