"""For every test: how long properties search, the servers' fixtures, and no silent gap in CI."""

import os
import shutil
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

pytest_plugins = ["tests.fixtures_servers"]

CI = os.environ.get("CI") == "true"
LEFT_OUT = "group left out: "
"""How a skip reason begins when the machine lacks something that the set-up should bring."""

NEEDS_A_VOICE = pytest.mark.skipif(
    # The set-up installs both where it may; a machine without root or not of Debian has neither,
    # and CI=true makes that a failure.
    not (shutil.which("espeak-ng") and shutil.which("sox")),
    reason=f"{LEFT_OUT}espeak-ng or sox is not installed",
)

# In CI the same examples every time, so that a red run is a change's doing; at a desk new ones.
settings.register_profile("default", max_examples=100, deadline=None, derandomize=CI)
# `make fuzz`: eight properties of the two codecs share 200,000 examples; one example of the whole
# machine costs as much as dozens of those.
settings.register_profile("fuzz", max_examples=25_000, deadline=None, derandomize=False)
settings.register_profile("fuzz-machine", max_examples=5_000, deadline=None, derandomize=False)
settings.load_profile(os.environ.get("CTID_HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def fresh_log() -> Iterator[None]:
    """What a command of one test set up for logging must not write to that test's closed stderr."""
    yield
    structlog.reset_defaults()


class LeftOutGroups:
    """Collects the skips that say "group left out", and fails the run for them where CI=true."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}
        """Test or module → reason."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            if reason.startswith(LEFT_OUT):
                self.reasons[report.nodeid] = reason

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if CI and self.reasons and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if CI and self.reasons:
            terminalreporter.section("left out, which is a failure where CI=true", red=True)
            for nodeid, reason in sorted(self.reasons.items()):
                terminalreporter.line(f"{nodeid}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LeftOutGroups(), "left-out-groups")
