"""The set-up program: its list, its stamps, and what it says when something cannot be had."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SETUP = Path(__file__).resolve().parents[2] / ".ci" / "setup"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Imports the set-up's modules, which stand outside every package, and forgets them after."""
    monkeypatch.syspath_prepend(str(SETUP))
    yield importlib
    for name in [path.stem for path in SETUP.glob("*.py")]:
        if name != "__main__":
            sys.modules.pop(name, None)


@pytest.fixture
def steps(load: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module: ModuleType = load.import_module("steps")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "BUILD", tmp_path)
    return module


def test_the_package_list_reads_and_gives_every_reason(load: ModuleType) -> None:
    debian = load.import_module("debian")
    listed = debian.read_list(debian.LIST.read_text())
    assert [wanted.package for wanted in listed if not wanted.why] == []
    assert {"chromium", "redis-server", "postgresql"} <= {wanted.package for wanted in listed}


@pytest.mark.parametrize("line", ["sox", "sox | sox", "| sox | why", "sox | sox |", "a|b|c|d"])
def test_a_line_of_another_form_is_named(load: ModuleType, line: str) -> None:
    with pytest.raises(ValueError, match=r"line 2: want `package \| commands \| why`"):
        load.import_module("debian").read_list(f"# first\n{line}\n")


def test_without_root_the_reason_says_what_to_type(
    load: ModuleType, steps: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    debian = load.import_module("debian")
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(debian.shutil, "which", lambda command: f"/usr/bin/{command}")
    with pytest.raises(steps.LeftOut, match=r"not root; run: sudo apt-get install .* sox"):
        debian.install(["sox"], steps.Log("group"))


def test_a_group_that_fails_is_left_out_with_its_last_words(
    steps: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(log: object) -> str:
        steps.Log("Bad luck").must(("sh", "-c", "echo first; echo no disk; exit 3"), "it broke")
        return "done"

    reason = steps.run_group(steps.Group("Bad luck", make), 2, 6)
    assert reason == "it broke (exit code 3): no disk"
    shown = capsys.readouterr().out
    assert shown.startswith("[2/6] Bad luck … left out: it broke")
    assert "| no disk" in shown


def test_a_group_that_is_made_says_so_in_one_line(
    steps: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steps.run_group(steps.Group("Good luck", lambda log: "done"), 1, 6) is None
    assert capsys.readouterr().out == "[1/6] Good luck … done in 0 s\n"


def test_a_command_that_is_not_there_is_a_failure_and_not_a_crash(steps: ModuleType) -> None:
    log = steps.Log("group")
    assert log.run(("no-such-command-anywhere",)) == 127
    assert "no-such-command-anywhere" in log.last_words()


def test_the_fingerprint_follows_content_and_name(steps: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    before = steps.fingerprint([file, "text"])
    assert steps.fingerprint([file, "text"]) == before
    file.write_text("two")
    assert steps.fingerprint([file, "text"]) != before
    file.write_text("one")
    assert steps.fingerprint([file.rename(tmp_path / "b.txt"), "text"]) != before
