"""Who a caller is, as far as it is proved: unknown, claimed, or verified by code and PIN.

Verified is of one code: whoever keys another one has proved nothing of that. A number proves
nothing either, since anybody may send it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ctid.core.records import Identity
from ctid.ivr.session import Session

IDENTITIES: Final = ("verified", "claimed", "unknown")
NO_CODE: Final = "no_code"
LOCKED: Final = "locked"
"""Behind the `!` in the path of a step that asks for no PIN: there is no code whose PIN it could
be; none is taken for now. The CRM's silence is `unanswered`, a customer without a PIN `unset`."""


@dataclass(slots=True, frozen=True)
class Claim:
    """What a call has shown of its caller before it comes to a flow."""

    code: str = ""
    status: str = ""
    """One of `variables.STATUSES`."""
    identity: Identity = "unknown"


NOTHING: Final = Claim()


def claim(session: Session, code: str, status: str) -> None:
    """The caller has given this code, which nothing proves yet; the code that was proved before
    stays proved when it is given again."""
    if session.identity != "verified" or session.code != code:
        session.identity = "claimed"
    session.code, session.code_status = code, status


def prove(session: Session, code: str) -> bool:
    """The PIN of this code was right, so the CRM knows the code. Whether that verifies the caller:
    not where the session has another code by now."""
    if not code or session.code != code:
        return False
    session.identity, session.code_status = "verified", "found"
    return True


def at_most_claimed(identity: Identity) -> Identity:
    """What is left of it for another call, or another person on the line."""
    return "unknown" if identity == "unknown" else "claimed"
