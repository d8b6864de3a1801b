"""How plain classes are written for the compiler. What it makes of them: tests/parity."""

from __future__ import annotations

import copy
import pickle
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.compiled.build import ROOT, CannotBuild, build, is_native
from sim.compiled.source import for_compiler, modules

SOURCE = """
from __future__ import annotations

from dataclasses import dataclass, field

LENGTH = 3


@dataclass(slots=True)
class Line:
    \"\"\"Has all kinds of fields.\"\"\"

    name: str
    length: int = LENGTH
    \"\"\"In metres.\"\"\"
    parts: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def longer(self) -> int:
        return self.length + 1


@dataclass(slots=True, frozen=True)
class End:
    at: int


@dataclass(slots=True)
class Empty:
    pass


class Other:
    kind: str = "plain"
"""


@pytest.fixture
def made() -> Iterator[Any]:
    module = types.ModuleType("written_for_the_compiler")
    sys.modules[module.__name__] = module
    exec(for_compiler(SOURCE), module.__dict__)
    yield module
    del sys.modules[module.__name__]


def test_a_class_is_made_as_before(made: Any) -> None:
    line = made.Line("a", parts={"x": (1,)})
    assert (line.name, line.length, line.parts, line.longer()) == ("a", 3, {"x": (1,)}, 4)
    assert made.Line("a") == made.Line("a", 3, {})
    assert made.Line("a").parts is not made.Line("b").parts, "each has its own"
    assert made.Other.kind == "plain"
    assert made.Empty() == made.Empty()


def test_a_frozen_one_can_be_a_key(made: Any) -> None:
    assert len({made.End(1), made.End(1), made.End(2)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(made.Line("a"))


def test_a_state_is_written_and_read_with_the_types_of_the_source(made: Any) -> None:
    line = made.Line("a", 4, {"x": (1, 2)})
    assert msgspec.json.decode(msgspec.json.encode(line), type=made.Line) == line
    with pytest.raises(msgspec.ValidationError, match=r"parts"):
        msgspec.json.decode(b'{"name": "a", "parts": {"x": ["one"]}}', type=made.Line)


def test_it_can_be_sent_to_another_process(made: Any) -> None:
    line = made.Line("a", 4, {"x": (1, 2)})
    assert pickle.loads(pickle.dumps(line)) == line == copy.deepcopy(line)


def test_what_is_compiled() -> None:
    names = modules(ROOT)
    assert {"ctid/acd/router.py", "ctid/centre/centre.py", "sim/driver.py"} <= set(names)
    assert not any(name.endswith("__init__.py") for name in names)
    # Records, settings and errors stay as they are; what reaches the outside is no part of it.
    stay = ("ctid/core/commands.py", "ctid/acd/settings.py", "ctid/core/errors.py")
    assert not set(stay) & set(names)
    assert not [name for name in names if name.startswith(("ctid/app", "ctid/pbx", "ctid/web"))]


def test_tests_run_on_the_sources() -> None:
    assert not is_native()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(CannotBuild, match="holds something else"):
        build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_without_a_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotBuild, match="apt-get install gcc"):
        build(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
