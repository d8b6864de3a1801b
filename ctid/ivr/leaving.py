"""What a session wants at a step that leads out of the flow."""

from __future__ import annotations

from typing import Final

from ctid.ivr.actions import Leave
from ctid.ivr.deciding import values
from ctid.ivr.leaving_steps import CallBack, LeavingStep, Transfer, Voicemail
from ctid.ivr.session import Session
from ctid.ivr.variables import Known, fill

THANKS: Final = "callback-thanks"
"""Of `ctid.acd.wait_prompts`."""


def wish(session: Session, step: LeavingStep, known: Known) -> Leave:
    """Where the caller goes."""
    match step:
        case Voicemail():
            return Leave("voicemail", step.queue, prompts=(step.prompt,) if step.prompt else ())
        case Transfer():
            return Leave("external", step.queue, step.to, returns=bool(step.on_fail))
        case CallBack():
            number = fill(step.number, values(session, known))
            # A name that nobody has set is no wish to be called at one's own number.
            missing = bool(step.number) and not number
            return Leave(
                "callback", step.queue, "?" if missing else number, (step.prompt or THANKS,)
            )


def on_fail(step: LeavingStep) -> str:
    """Where the caller goes on who cannot go there; empty: nowhere in this flow."""
    return "" if isinstance(step, Voicemail) else step.on_fail
