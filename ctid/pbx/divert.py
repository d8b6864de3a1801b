"""Callers who are moved at a real Asterisk: the actions that do it, and what comes back of it."""

from __future__ import annotations

from ctid.core.callbacks import CallbackAgreed
from ctid.core.commands import Announce, Divert, Requeue
from ctid.core.events import CallDiverted, Event, ExternalAnswered, RecordingStored
from ctid.core.instants import SECOND
from ctid.core.records import DivertPlace
from ctid.core.survey import AskAfter
from ctid.core.text import clean, whole
from ctid.pbx.ami.codec import AmiMessage

Headers = list[tuple[str, str]]
Actions = list[tuple[str, Headers]]

BYTES_A_SECOND = 16_000
"""Of the recordings: 8000 samples of two bytes."""
WAV_HEAD = 44
SURVEY = "ctid-survey"
"""Where callers are asked after the talk."""
LONGEST_PATH = 400
_PLACES: dict[str, DivertPlace] = {
    "voicemail": "voicemail", "message": "message", "external": "external",
    "callback": "callback", "menu": "menu",
}  # fmt: skip


def variables(command: Divert, sounds: str) -> Headers:
    """What config/asterisk/extensions_ctid.conf reads at the place that the caller is sent to."""
    prompts = _files(command, sounds)
    pairs = [
        ("CTID_QUEUE", command.queue), ("CTID_MOH", command.music),
        ("CTID_LANG", command.language), ("CTID_PROMPTS", prompts),
        ("CTID_NUMBER", command.number), ("CTID_MOVES", str(command.moves)),
    ]  # fmt: skip
    if command.place == "voicemail":
        longest, silence = -(-command.longest // SECOND), -(-command.silence // SECOND)
        limits = (("CTID_MESSAGE_LIMIT", longest), ("CTID_MESSAGE_SILENCE", silence))
        pairs += [(name, str(seconds)) for name, seconds in limits if seconds]
    if command.leaves:
        # A new wait begins. The last one goes last: from here on the end of the agent's leg leads
        # there too, whether the Redirect is lost or comes too late.
        pairs += [("CTID_SINCE", ""), ("CTID_THEN", f"ctid-{command.place}")]
    return pairs


def diverted(command: Divert, channel: str, sounds: str) -> Actions:
    """Send a caller there who waits in ctid-queue or talks; nothing where the channel is gone."""
    if not channel:
        return []
    pairs = variables(command, sounds)
    return [*set_variables(channel, pairs), _redirect(channel, f"ctid-{command.place}", "s")]


def requeued(command: Requeue, channel: str) -> Actions:
    """Note another queue at the caller's channel; the caller hears nothing of it."""
    if not channel:
        return []
    return set_variables(channel, [
        ("CTID_QUEUE", command.queue), ("CTID_MOH", command.music),
        ("CTID_MOVES", str(command.moves)),
    ])  # fmt: skip


def asked_after(command: AskAfter, channel: str) -> Actions:
    """Note at the caller's channel where to go when the agent has hung up, or nowhere."""
    if not channel:
        return []
    return set_variables(channel, [("CTID_AFTER", SURVEY if command.on else "")])


def announced(command: Announce, channel: str, sounds: str) -> Actions:
    """Play to a caller who waits: the dialplan holds the caller again afterwards, and an agent's
    Bridge() ends it early."""
    if not channel:
        return []
    files = _files(command, sounds)
    said = set_variables(channel, [("CTID_SAY", files)])
    return [*said, _redirect(channel, "ctid-queue", "announce")]


def _files(command: Divert | Announce, sounds: str) -> str:
    return "&".join(f"{sounds}/{command.language}/{prompt}" for prompt in command.prompts)


def _redirect(channel: str, context: str, exten: str) -> tuple[str, Headers]:
    place = [("Context", context), ("Exten", exten), ("Priority", "1")]
    return "Redirect", [("Channel", channel), *place]


def set_variables(channel: str, pairs: Headers) -> Actions:
    """Set these on the channel, in this order."""
    return [
        ("Setvar", [("Channel", channel), ("Variable", name), ("Value", value)])
        for name, value in pairs
    ]


def overflow_facts(m: AmiMessage) -> list[Event]:
    """What our own dialplan says of callers who were sent away from the queues."""
    unique = m.get("Uniqueid")
    match m.get("UserEvent"):
        case "CtidDiverted" if (place := _PLACES.get(m.get("Place"))) is not None:
            return [CallDiverted(unique, place, whole(m.get("Moves")))]
        case "CtidRecorded":
            seconds = max(whole(m.get("Bytes")) - WAV_HEAD, 0) / BYTES_A_SECOND
            file = clean(m.get("File"), LONGEST_PATH)
            return [RecordingStored(unique, file, round(seconds * SECOND))]
        case "CtidOutside":
            return [ExternalAnswered(clean(m.get("Call")))]
        case "CtidAgreed":
            return [CallbackAgreed(unique, whole(m.get("Moves")))]
        case _:
            return []
