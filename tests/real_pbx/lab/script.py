"""What a caller or a phone of the world does: steps with | between them.

Verbs (world/extensions.conf carries them out): ring:SECONDS, never, busy, reject, unallocated,
answer, wait:SECONDS, stay (until the other end hangs up), hangup, tone:HZ, quiet, play:SOUND,
digits:12#, listen:HZ (until the end, telling each time that the tone is heard).
"""

from __future__ import annotations

from collections.abc import Sequence

Script = str


def answers(
    *,
    after: float = 0.2,
    tone: int | None = None,
    talk: float | None = None,
    listen: int | None = None,
) -> Script:
    """A phone that rings `after` seconds, answers, and hangs up after `talk` seconds, or never.

    It sends a tone of `tone` Hz, and tells when it hears one of `listen` Hz (then without `talk`).
    """
    return _joined(f"ring:{after}" if after else "", "answer", _rest(tone, talk, listen))


def never_answers() -> Script:
    """A phone that rings until the other side gives up."""
    return "never"


def is_busy() -> Script:
    """A phone that answers 486 Busy Here."""
    return "busy"


def rejects(*, after: float = 0.2) -> Script:
    """A phone whose owner presses the red key after `after` seconds of ringing."""
    return _joined(f"ring:{after}" if after else "", "reject")


def calls(
    keys: Sequence[tuple[float, str]] = (),
    *,
    tone: int | None = None,
    talk: float | None = None,
    listen: int | None = None,
) -> Script:
    """A caller who presses keys, each (seconds to wait before, digits), and then talks.

    The caller hangs up `talk` seconds after the last key; None: stays until hung up on.
    """
    pressed = [step for pause, digits in keys for step in (f"wait:{pause}", f"digits:{digits}")]
    return _joined(*pressed, _rest(tone, talk, listen))


def _rest(tone: int | None, talk: float | None, listen: int | None) -> Script:
    assert talk is None or listen is None, "an end that listens stays until it is hung up on"
    sound = "" if tone is None else f"tone:{tone}"
    if listen is not None:
        return _joined(sound, f"listen:{listen}")
    return _joined(sound, "stay" if talk is None else f"wait:{talk}|hangup")


def _joined(*steps: str) -> Script:
    return "|".join(step for step in steps if step)
