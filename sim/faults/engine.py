"""ctid's own process: what it leaves behind when it is killed, and how the next one begins."""

from __future__ import annotations

import msgspec

from ctid.centre.centre import Centre
from ctid.centre.replay import feed
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core.errors import CtidError
from ctid.core.journal import Line
from sim.driver import SimDriver, Write

NEW_FILE_AFTER = 500
"""Lines of the journal after which a file with the state of that moment begins."""


class RecoveryFailed(CtidError):
    """The journal does not lead to the state in which the machine was: a defect of ours."""


class Engine:
    """Follows the journal of one driver, and can kill what it drives and start it again."""

    def __init__(self, centre: Centre, write: Write | None = None) -> None:
        self._saved = saved_state(centre)
        self._since: list[Line] = []
        self._write = write
        self._driver: SimDriver | None = None
        self.lines = 0
        """Journalled so far."""
        self.restarts: list[int] = []
        """After how many lines the machine was loaded from its state."""

    def attach(self, driver: SimDriver) -> None:
        """The driver, whose journal goes to `note`."""
        self._driver = driver

    def note(self, line: Line) -> None:
        """One line is written."""
        self.lines += 1
        if len(self._since) >= NEW_FILE_AFTER:
            self._saved, self._since = self._dump(), []
        else:
            self._since.append(line)
        if self._write is not None:
            self._write(line)

    def kill(self) -> None:
        """As kill -9 does: nothing is written any more."""
        self._of().lose()

    def start(self) -> None:
        """The state at the beginning of the newest file, and its lines once more.

        Raises:
            RecoveryFailed: the next process would be in another state than the last.
        """
        driver = self._of()
        centre = loaded(driver.centre.settings, self._saved)
        for line in self._since:
            said = feed(centre, line)
            if tuple(said) != line.c:
                raise RecoveryFailed(f"line {line.n}, read again, says {said} for {line.c}")
        found = saved_state(centre)
        if found != self._dump():
            raise RecoveryFailed("the state after the journal is not the one before the kill")
        self._go_on(centre, found)

    def reload(self) -> None:
        """Another machine from this one's state, without a moment's delay."""
        saved = self._dump()
        centre = loaded(self._of().centre.settings, saved)
        if saved_state(centre) != saved:
            raise RecoveryFailed("a state that was loaded is not the one that was saved")
        self._go_on(centre, saved)

    def _go_on(self, centre: Centre, saved: bytes) -> None:
        self._saved, self._since = saved, []
        self.restarts.append(self.lines)
        self._of().go_on(centre)

    def _dump(self) -> bytes:
        return saved_state(self._of().centre)

    def _of(self) -> SimDriver:
        assert self._driver is not None, "attach comes first"
        return self._driver


def saved_state(centre: Centre) -> bytes:
    """As a journal's file begins with it."""
    return msgspec.json.encode(centre.dump())


def loaded(settings: CentreSettings, saved: bytes) -> Centre:
    """A machine in that state."""
    return Centre.load(settings, msgspec.json.decode(saved, type=CentreState))
