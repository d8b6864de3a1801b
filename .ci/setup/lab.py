"""The two things that the project makes for its own tests: an Asterisk root and voice prompts."""

from collections.abc import Iterator
from pathlib import Path

from steps import BUILD, PYTHON, ROOT, Log, fingerprint

FLOWS = ROOT / "config" / "flows"
PROMPTS = BUILD / "prompts"


def asterisk_root(log: Log) -> str:
    """A Debian root with Asterisk and SIPp, built once per machine in the user's cache."""
    # Idempotent and quick when the root is there, so no stamp of ours can go stale.
    log.must(
        (PYTHON, "-m", "tests.real_pbx.lab.root"),
        "the Asterisk root could not be built",
    )
    return "done"


def prompts(log: Log) -> str:
    """The voice prompts that the flows name, spoken and turned into telephone audio."""
    stamp_file = BUILD / "prompts.stamp"
    stamp = fingerprint(_prompt_inputs())
    if PROMPTS.is_dir() and stamp_file.exists() and stamp_file.read_text() == stamp:
        return "already there, checked"
    log.must(
        (ROOT / ".venv/bin/ctid", "prompts", "build", "--flows", FLOWS, "--out", PROMPTS),
        "the voice prompts could not be built",
    )
    stamp_file.write_text(stamp)
    return "done"


def _prompt_inputs() -> Iterator[Path]:
    yield from sorted(path for path in FLOWS.rglob("*") if path.is_file())
    yield from sorted((ROOT / "ctid").rglob("*prompts*.py"))
