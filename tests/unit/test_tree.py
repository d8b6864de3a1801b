"""The tree keeps its promises: what the source may not contain, checked on the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = ("core", "acd", "ivr", "dialer", "screenpop", "centre")
"""Packages of ctid that decide and never act: no clock, no randomness, no I/O."""
IMPURE_MODULES = frozenset(
    {
        *("asyncio", "socket", "threading", "time", "random", "secrets", "uuid", "os"),
        *("pathlib", "logging", "aiohttp", "sqlalchemy", "redis", "simpy"),
    }
)
IMPURE_CALLS = frozenset({"open", "print", "input", "hash"})
"""Built-ins that do I/O, and `hash`, whose answer for text differs from one run to the next."""
WALL_CLOCK_CALLS = frozenset(
    {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
)
LONGEST_FILE = 500
"""Lines."""
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|NotImplemented" r"Error)\b")


def source_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def impurities(source: str) -> Iterator[str]:
    """What a pure module may not do, one sentence each with its line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.split(".")[0] in IMPURE_MODULES:
                        yield f"line {node.lineno}: imports {alias.name}"
            case ast.ImportFrom(module=str(module), level=0):
                if module.split(".")[0] in IMPURE_MODULES:
                    yield f"line {node.lineno}: imports from {module}"
            case ast.Call(func=ast.Name(id=called)) if called in IMPURE_CALLS:
                yield f"line {node.lineno}: calls {called}()"
            case ast.Call(func=ast.Attribute(attr=attr, value=owner)):
                kind = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if (kind, attr) in WALL_CLOCK_CALLS:
                    yield f"line {node.lineno}: reads the clock with {kind}.{attr}()"


@pytest.mark.parametrize("package", PURE)
def test_pure_package_is_pure(package: str) -> None:
    files = source_files(f"ctid/{package}")
    assert files, f"ctid/{package} is gone: this test would check nothing"
    found = [
        f"{name_of(path)}, {what}" for path in files for what in impurities(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from random import choice",
        "from sqlalchemy.ext import asyncio",
        "def f():\n    import uuid",
        "print('x')",
        "open('x')",
        "datetime.now()",
        "datetime.datetime.utcnow()",
        "date.today()",
    ],
)
def test_impurity_is_seen(source: str) -> None:
    assert list(impurities(source)) != []


@pytest.mark.parametrize(
    "source",
    ["import math", "from ctid.core import instants", "from . import time", "epoch.wall(now)"],
)
def test_pure_source_passes(source: str) -> None:
    assert list(impurities(source)) == []


def test_no_file_is_too_long() -> None:
    files = source_files("ctid", "crm_link", "sim", "tests", ".ci")
    lengths = {name_of(path): path.read_text("utf-8").count("\n") for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{name_of(path)}, line {number}: {line.strip()}"
        for path in source_files("ctid", "crm_link", "sim", "tests")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert found == []
