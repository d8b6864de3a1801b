"""Which modules are compiled, and how their plain classes are written for the compiler."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOMS = (
    "ctid/acd",
    "ctid/acd/strategies",
    "ctid/centre",
    "ctid/core",
    "ctid/ivr",
    "ctid/screenpop",
)
ALONE = ("sim/driver.py", "sim/theory/straight.py")
STAY = ("Struct", "Order", "Fact", "Exception")
"""A module with a class of these stays as it is: of records the compiler does not know the
metaclass, and an error of ctid may be the base of one that is not compiled."""


def modules(root: Path) -> list[str]:
    """Paths of all that is compiled, relative to `root`, in order: the pure machine, and what
    drives it in the simulator."""
    found = [path for room in ROOMS for path in sorted((root / room).glob("*.py"))]
    found += [root / path for path in ALONE]
    return [str(path.relative_to(root)) for path in found if _is_compiled(path)]


def for_compiler(source: str) -> str:
    """The same module, with what `dataclass` makes at run time written out.

    What it makes is Python: an `__init__` of it sets each field by a general look-up. A compiled
    class says `tuple` of a field where the source says `tuple[Need, ...]`, with which msgspec could
    not read a saved state. And a process that is sent one must be told how it is made.
    """
    lines = source.splitlines()
    last = []
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.ClassDef) and (frozen := _dataclass(node)) is not None:
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            if not fields:
                continue
            lines[node.end_lineno : node.end_lineno] = ["", *_methods(fields)]
            hashed = ", unsafe_hash=True" if frozen else ""
            lines[node.decorator_list[0].lineno - 1] = f"@dataclass(init=False{hashed})"
            types = {ast.unparse(one.target): ast.unparse(one.annotation) for one in fields}
            last.append(f'setattr({node.name}, "__annotations__", {types!r})')
    return "\n".join([*lines, *reversed(last), ""])


def _methods(fields: list[ast.AnnAssign]) -> Iterator[str]:
    yield "    def __init__("
    yield "        self,"
    for field in fields:
        name, kind = ast.unparse(field.target), ast.unparse(field.annotation)
        if field.value is None:
            yield f"        {name}: {kind},"
        elif _made(field.value):
            yield f"        {name}: {kind} | None = None,"
        else:
            yield f"        {name}: {kind} = {ast.unparse(field.value)},"
    yield "    ) -> None:"
    for field in fields:
        name = ast.unparse(field.target)
        made = _made(field.value)
        value = f"{made}() if {name} is None else {name}" if made else name
        yield f"        self.{name} = {value}"
    values = "".join(f"self.{ast.unparse(field.target)}, " for field in fields)
    yield ""
    yield "    def __reduce__(self) -> tuple[object, ...]:"
    yield f"        return type(self), ({values})"


def _made(value: ast.expr | None) -> str:
    """The factory of a default that each object has for itself, or empty."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
        return next(ast.unparse(k.value) for k in value.keywords if k.arg == "default_factory")
    return ""


def _dataclass(node: ast.ClassDef) -> bool | None:
    """Whether a dataclass is frozen; None for any other class."""
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "dataclass":
            return any(k.arg == "frozen" for k in one.keywords)
    return None


def _is_compiled(path: Path) -> bool:
    if path.name == "__init__.py":
        return False
    classes = [n for n in ast.parse(path.read_bytes()).body if isinstance(n, ast.ClassDef)]
    bases = (ast.unparse(base).rpartition(".")[2] for one in classes for base in one.bases)
    return not any(base in STAY for base in bases)
