"""Builds the packages, with the pure machine as native code, into a folder of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from ctid.core.errors import CtidError
from sim.compiled.source import for_compiler, modules

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ctid", "crm_link", "sim")
COMPILERS = ("cc", "gcc", "clang")


class CannotBuild(CtidError):
    """Something that the build needs is not there, or the compiler refuses; says what to do."""


def build(out: Path, effort: int = 3) -> int:
    """Replaces the folder `out` when all has gone well; returns how many modules are compiled.

    Args:
        effort: how hard the C compiler tries, 0 to 3; with 0 it is soon done, and what it makes
            is no faster than the sources.

    Raises:
        CannotBuild: no compiler, no mypyc, no room, or a folder that is none of ours.
    """
    _look_first(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".compiled-", dir=out.parent) as folder:
        made = Path(folder) / "made"
        names = _lay_out(made)
        _compile(made, names, effort)
        shutil.rmtree(made / "build")
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)
    return len(names)


def is_native() -> bool:
    """Whether the machine of this process is the compiled one."""
    found = find_spec("ctid.centre.centre")
    return found is not None and not str(found.origin).endswith(".py")


def _look_first(out: Path) -> None:
    if find_spec("mypyc") is None or find_spec("setuptools") is None:
        raise CannotBuild("mypyc is not installed; try: pip install 'ctid[compiled]'")
    if not any(shutil.which(name) for name in COMPILERS):
        raise CannotBuild("there is no C compiler; try: apt-get install gcc libc6-dev")
    if out.exists() and not (out / "ctid" / "centre").is_dir() and any(out.iterdir()):
        raise CannotBuild(f"{out}: is there and holds something else; name another folder")


def _lay_out(made: Path) -> list[str]:
    """A copy of the packages, with the modules to compile written for the compiler."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, made / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    names = modules(made)
    for name in names:
        path = made / name
        path.write_text(for_compiler(path.read_text()))
    return names


def _compile(made: Path, names: list[str], effort: int) -> None:
    command = [
        sys.executable, "-m", "mypyc", "--ignore-missing-imports", "--follow-imports=silent", *names
    ]  # fmt: skip
    # Nobody debugs this copy: no symbols.
    environment = {**os.environ, "MYPYC_OPT_LEVEL": str(effort), "MYPYC_DEBUG_LEVEL": "0"}
    done = subprocess.run(
        command, cwd=made, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        told = (done.stdout + done.stderr).strip().splitlines()
        raise CannotBuild("\n".join(["the compiler refuses; its last lines:", *told[-12:]]))
