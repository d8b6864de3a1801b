"""Write the state tables into docs/architecture.md as pictures: `python -m ctid.app.diagrams`."""

from __future__ import annotations

from pathlib import Path

from ctid.acd import callback
from ctid.acd.agents import AGENT_TRANSITIONS, SIGNED_OUT
from ctid.acd.contacts import CONTACT_TRANSITIONS, OFFER_TRANSITIONS, RINGING, WAITING
from ctid.acd.wrapup import TALKING, WRAP_UP_TRANSITIONS
from ctid.centre import aside
from ctid.centre.supervision import SPY_TRANSITIONS
from ctid.core.transitions import mermaid

BEGIN, END = "<!-- diagrams -->", "<!-- /diagrams -->"
DOCUMENT = Path(__file__).parents[2] / "docs" / "architecture.md"


def diagrams() -> str:
    """All state pictures, in Mermaid."""
    parts = [
        ("Agent", mermaid(AGENT_TRANSITIONS, SIGNED_OUT)),
        ("Wrap-up", mermaid(WRAP_UP_TRANSITIONS, TALKING)),
        ("Contact", mermaid(CONTACT_TRANSITIONS, WAITING)),
        ("Offer", mermaid(OFFER_TRANSITIONS, RINGING)),
        ("A supervisor's leg", mermaid(SPY_TRANSITIONS, RINGING)),
        ("A caller put aside", mermaid(aside.ASIDE_TRANSITIONS, aside.TALKING)),
        ("Callback", mermaid(callback.CALLBACK_TRANSITIONS, callback.WAITING)),
    ]
    return "\n".join(f"### {title}\n\n```mermaid\n{text}```\n" for title, text in parts)


def with_diagrams(document: str) -> str:
    """`document` with the pictures between the two marks renewed."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{diagrams()}\n{END}{tail}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_diagrams(DOCUMENT.read_text()))
