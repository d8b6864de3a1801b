"""When something is said to a caller who waits, and what: place, wait, periodic and comfort.

One word at a time: what falls due while the caller hears something comes when that is over. Nothing
begins while an agent's phone rings for the caller, and one who is put back in line hears what has
become due meanwhile.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from ctid.acd import wait_prompts
from ctid.acd.announce import WaitSettings
from ctid.acd.contacts import Contact
from ctid.acd.settings import AcdSettings
from ctid.acd.waits import Waits
from ctid.core.commands import Announce, Command
from ctid.core.deadlines import Deadlines
from ctid.core.instants import MINUTE, SECOND, Duration, Instant
from ctid.core.records import CallId, QueueId

ANNOUNCE: Final = "announce"
NOT_NOW: Final = 5 * SECOND
"""How long to hold back where nothing can be said at the moment."""
NOT_BEFORE: Final[Duration] = SECOND
"""From the word that a caller waits to the first order that moves them: they may still be on the
way from the menu into the PBX's queue, and a Redirect that meets them there would be lost."""
SPEAKING_LIMIT: Final[Duration] = 2 * MINUTE
"""An announcement whose end nobody reported for so long is over."""

Prompts = tuple[str, ...]


@dataclass(slots=True)
class Voice:
    """What one caller was told and when the next words are due; None = never."""

    queue: QueueId
    place_at: Instant | None = None
    periodic_at: Instant | None = None
    comfort_at: Instant | None = None
    speaks_until: Instant | None = None
    """The caller hears an announcement, which is over by then at the latest; None = music."""
    place: int = 0
    """The place that was said last; 0 = none."""
    minutes: int = 0
    """The end of the range that was said last; 0 = none."""
    rounds: int = 0
    """Periodic announcements so far."""
    last: int = -1
    """Which one of them came last."""


class Announcer:
    """All callers in line. Deadlines are keyed by the call."""

    def __init__(self, settings: AcdSettings, deadlines: Deadlines, waits: Waits) -> None:
        self._settings = {q.id: q.wait for q in settings.queues}
        self._speaks = {q.id for q in settings.queues if speaks(q.wait)}
        self._deadlines = deadlines
        self._waits = waits
        self.voices: dict[CallId, Voice] = {}
        waits.on_line, waits.on_out, waits.on_over = self._in_line, self._out, self._over

    # -- the line, as `Waits` tells of it --

    def _in_line(self, contact: Contact, now: Instant) -> None:
        if contact.dial:
            return  # nobody is on the line
        voice = self.voices.get(contact.call)
        if voice is None:
            if contact.queue not in self._speaks:
                return
            voice = begin(contact, self._settings[contact.queue], now + NOT_BEFORE)
            self.voices[contact.call] = voice
        self._arm(contact.call, voice, now)

    def _out(self, call: CallId) -> None:
        self._deadlines.cancel((ANNOUNCE, call))

    def _over(self, call: CallId) -> None:
        self.voices.pop(call, None)

    # -- what the centre asks --

    def due(self, call: CallId, language: str, now: Instant, *, frozen: bool) -> list[Command]:
        """The deadline of this call. `frozen`: no order would reach the PBX."""
        voice = self.voices.get(call)
        if voice is None:
            return []
        if frozen:
            self._deadlines.arm((ANNOUNCE, call), now + NOT_NOW)
            return []
        voice.speaks_until = None
        prompts = self._words(call, voice, now)
        if not prompts:
            self._arm(call, voice, now)
            return []
        voice.speaks_until = now + SPEAKING_LIMIT
        self._arm(call, voice, now)
        return [Announce(call, prompts, language)]

    def over(self, call: CallId, now: Instant) -> list[Command]:
        """The caller heard the announcement to its end."""
        voice = self.voices.get(call)
        if voice is None or voice.speaks_until is None:
            return []
        voice.speaks_until = None
        if voice.comfort_at is not None:
            voice.comfort_at = now + self._settings[voice.queue].comfort_every
        if self._waits.place(call):
            self._arm(call, voice, now)
        return []

    def link_back(self, now: Instant) -> None:
        """The link was down: the end of what callers heard may have gone unseen."""
        for call, voice in self.voices.items():
            if voice.speaks_until is not None:
                voice.speaks_until = min(voice.speaks_until, now + NOT_NOW)
                if self._waits.place(call):
                    self._arm(call, voice, now)

    def _arm(self, call: CallId, voice: Voice, now: Instant) -> None:
        times = (voice.place_at, voice.periodic_at, voice.comfort_at)
        if coming := [at for at in times if at is not None]:
            earliest = now if voice.speaks_until is None else voice.speaks_until
            self._deadlines.arm((ANNOUNCE, call), max(min(coming), earliest, now))

    # -- restart --

    def restore(self, saved: dict[CallId, Voice]) -> None:
        """Go on from `saved`, in so far as the settings still want to say it."""
        for call, voice in saved.items():
            wait = self._settings.get(voice.queue)
            if wait is None:
                continue
            if not speaks_of_place(wait):
                voice.place_at = None
            if not wait.periodic:
                voice.periodic_at = None
            if not wait.comfort_every:
                voice.comfort_at = None
            self.voices[call] = voice

    # -- the words --

    def _words(self, call: CallId, voice: Voice, now: Instant) -> Prompts:
        wait = self._settings[voice.queue]
        prompts: Prompts = ()
        if voice.place_at is not None and voice.place_at <= now:
            voice.place_at = _next(voice.place_at, wait.every, now)
            prompts += self._place(call, voice, wait) + self._wait(call, voice, wait)
        if voice.periodic_at is not None and voice.periodic_at <= now:
            voice.periodic_at = _next(voice.periodic_at, wait.periodic_every, now)
            prompts += _periodic(call, voice, wait)
        if voice.comfort_at is not None and voice.comfort_at <= now:
            voice.comfort_at = now + wait.comfort_every
            if not prompts:
                prompts = (wait.comfort,)
        return prompts

    def _place(self, call: CallId, voice: Voice, wait: WaitSettings) -> Prompts:
        place = self._waits.place(call)
        if not 0 < place <= wait.position_up_to:
            return ()
        if wait.only_if_improved and voice.place and place >= voice.place:
            return ()
        voice.place = place
        return wait_prompts.position(place)

    def _wait(self, call: CallId, voice: Voice, wait: WaitSettings) -> Prompts:
        estimate = self._waits.of_call(call) if wait.expected_wait else None
        if estimate is None:
            return ()
        low, high = (rounded_up(bound) for bound in (estimate.low, estimate.high))
        # Whatever lies outside the limits sounds alike, so that moves there are no news.
        told = min(max(high, wait.least_minutes), wait.most_minutes + 1)
        if wait.only_if_improved and voice.minutes and told >= voice.minutes:
            return ()
        voice.minutes = told
        return wait_prompts.wait(low, high, wait.least_minutes, wait.most_minutes)


def begin(contact: Contact, wait: WaitSettings, earliest: Instant) -> Voice:
    """The first words' times, from the beginning of the wait and not before `earliest`."""
    voice, since = Voice(contact.queue), contact.joined_at
    if speaks_of_place(wait):
        voice.place_at = max(since + wait.first_after, earliest)
    if wait.periodic:
        voice.periodic_at = max(since + wait.periodic_every, earliest)
    if wait.comfort_every:
        voice.comfort_at = max(since + wait.comfort_every, earliest)
    return voice


def speaks(wait: WaitSettings) -> bool:
    """Whether the queue says anything at all."""
    return speaks_of_place(wait) or bool(wait.periodic or wait.comfort_every)


def speaks_of_place(wait: WaitSettings) -> bool:
    """Whether the queue says anything about place or wait."""
    return bool(wait.position_up_to or wait.expected_wait)


def _periodic(call: CallId, voice: Voice, wait: WaitSettings) -> Prompts:
    """In order, or drawn: the CRC-32 of `CALL/ROUND` modulo the number of those that may come, in
    their order; the one that was heard last may not, where there are others."""
    count = len(wait.periodic)
    if wait.periodic_order == "in_order":
        voice.last = voice.rounds % count
    else:
        may = [n for n in range(count) if n != voice.last] or [0]
        voice.last = may[zlib.crc32(f"{call}/{voice.rounds}".encode()) % len(may)]
    voice.rounds += 1
    return (wait.periodic[voice.last],)


def _next(at: Instant, every: Duration, now: Instant) -> Instant:
    """The first instant after `now` on this beat."""
    return at + ((now - at) // every + 1) * every


def rounded_up(wait: Duration) -> int:
    """Whole minutes."""
    return -(-wait // MINUTE)
