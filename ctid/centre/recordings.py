"""What callers have said in menus: on the call's record, on the pop, and a task if one is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.centre.calls import Call
from ctid.centre.follow_up import linked, opened
from ctid.core.commands import Command, Noticed
from ctid.core.instants import SECOND, Instant
from ctid.core.recording import CallerRecorded
from ctid.core.records import Recorded
from ctid.ivr.session import Session, Taken

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


class Recordings:
    """All recordings of the centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def recorded(self, event: CallerRecorded, now: Instant) -> list[Command]:
        """A recording has ended; of a call that is over there is nobody to ask whose it was."""
        if event.call not in self._centre.calls and event.file:
            text = f"{event.call}: {event.file}, {event.length} ms, of no call that is known"
            return [Noticed("recording_unclaimed", text)]
        return self._centre.menus.recorded(event, now)

    def keep(self, call: Call, session: Session, now: Instant) -> list[Command]:
        """What the flow keeps from here on."""
        kept, session.kept = session.kept, []
        return [command for one in kept for command in self._kept(call, one, now)]

    def closing(self, call: Call, now: Instant) -> list[Command]:
        """The caller has hung up: what they have said and not taken back is kept."""
        session = call.session
        if session is None or session.taken is None:
            return []
        kept, session.taken = session.taken, None
        return self._kept(call, kept, now)

    def left(self, call: Call, session: Session) -> None:
        """The flow has broken off, and an agent hears what was said, in place of a task."""
        if session.taken is not None:
            self._note(call, session.taken)
            session.taken = None

    def _note(self, call: Call, one: Taken) -> str:
        file = one.file.rpartition("/")[2]
        link = linked(one.link, call=call.id, number=call.number, file=file)
        call.recordings.append(Recorded(one.step, one.file, one.length, link))
        return link

    def _kept(self, call: Call, one: Taken, now: Instant) -> list[Command]:
        link = self._note(call, one)
        if not one.task_queue:
            return []
        minutes, seconds = divmod(-(-one.length // SECOND), 60)
        said = (call.number, f"{minutes}:{seconds:02}", self._centre.language_of(call))
        what = f"recording{len(call.recordings)}"
        return opened(self._centre, call, what, one.task_queue, said, link, now)
