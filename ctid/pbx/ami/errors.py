"""How an AMI action or link can end badly; what is known about the action is in the type."""

from __future__ import annotations

from ctid.core.errors import CtidError
from ctid.pbx.ami.codec import AmiMessage


class AmiActionFailed(CtidError):
    """Asterisk refused the action, so it did not happen; `response` says why."""

    def __init__(self, text: str, response: AmiMessage | None = None) -> None:
        super().__init__(text)
        self.response = response


class AmiNotConnected(AmiActionFailed):
    """The link is down or stalled: nothing was sent. Wait for `on_up`, then decide again."""


class AmiUnknownOutcome(CtidError):
    """No response came: the action may have happened or not. Look at the PBX before a retry."""


class AmiLinkLost(CtidError):
    """The link ended; the text says why. The client connects again by itself."""


class AmiLoginRefused(AmiLinkLost):
    """Asterisk refused user or secret: compare them with manager.conf, and its permit lines."""
