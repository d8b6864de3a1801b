"""An explanation as people read it."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ctid.acd.explain import CHOSEN, CONSIDERED, Standing
from ctid.acd.strategies import spoken
from ctid.app.explaining_visits import visit_told
from ctid.app.journal_search import shown
from ctid.centre.witness import AgentStory, CallStory, Moment, Ring
from ctid.core.instants import SECOND, Duration
from ctid.core.survey import SurveyAnswer
from ctid.core.tasks import PREFIX

MOST_AGENTS = 40
MOST_WAITERS = 20
"""Rows of a table; --json has all."""
_IDENTITY = {
    "verified": "the caller is verified by code and PIN",
    "claimed": "who the caller is was not verified",
}


def show_call(story: CallStory, zone: ZoneInfo, console: Console) -> None:
    """Each moment with its table of agents."""
    end: str = story.outcome or "still going on"
    if story.outcome and story.moments:
        end += f", waited {_seconds(story.waited)}"
    if story.identity in _IDENTITY:
        end += f"; {_IDENTITY[story.identity]}"
    what = "Task" if story.call.startswith(PREFIX) else "Call"
    console.print(Text(f"{what} {story.call.removeprefix(PREFIX)}: {end}", style="bold"))
    for visit in story.visits:
        at = visit.began_at + visit.lasted
        console.print(Text(f"{shown(at, zone)}  {visit_told(visit)}"))
    for said in story.recordings:
        where = said.link or said.file
        console.print(Text(f"said at {said.step} for {_seconds(said.length)}: {where}"))
    if not story.moments:
        console.print("It never waited in a queue, so no agent was looked for.")
    for moment in story.moments:
        console.print()
        console.print(Text(f"{shown(moment.at, zone)}  {_headline(moment)}"))
        if moment.ring is not None:
            told = _timeline(moment.ring, task=story.call.startswith(PREFIX))
            console.print(Text(f"{'':25}{told}"))
        if moment.link_down:
            console.print(Text(f"{'':25}the link to the PBX was down: nobody was offered anything"))
        if moment.agents:
            _agents(moment.agents, console)
    for answer in story.answers:
        of = f" of {answer.agent} in {answer.queue}" if answer.agent else ""
        console.print(Text(f"\n{shown(answer.at, zone)}  answered{of}: {_answer(answer)}"))
    if story.differs:
        lines = ", ".join(str(line) for line in story.differs)
        console.print(
            f"At journal line(s) {lines} this version of ctid would decide otherwise than the one "
            "that wrote them; use that one to see the agents of that moment.",
            style="yellow",
        )


def show_agent(story: AgentStory, zone: ZoneInfo, console: Console) -> None:
    """What keeps the agent from calls now, and where the last ones went."""
    standing = story.standing
    console.print(Text(f"{shown(story.at, zone)}  {standing.agent}: {standing.text}", style="bold"))
    if standing.idle:
        console.print(f"Idle for {spoken(standing.idle)}.")
    if standing.waiting:
        console.print("\nContacts that wait:")
        table = Table()
        for heading in ("call", "queue", "waits for", "code", "why not this agent"):
            table.add_column(heading, overflow="fold")
        for one in standing.waiting[:MOST_WAITERS]:
            table.add_row(*map(Text, (one.call, one.queue, spoken(one.waited), one.code, one.text)))
        console.print(table)
        if len(standing.waiting) > MOST_WAITERS:
            console.print(f"… and {len(standing.waiting) - MOST_WAITERS} more; --json has all")
    if story.passed:
        console.print("\nWhere the last contacts went:")
        table = Table()
        for heading in ("at", "call", "queue", "to", "code", "why not this agent"):
            table.add_column(heading, overflow="fold")
        for gone in story.passed:
            why = "was chosen" if gone.code == CHOSEN else gone.text
            at = shown(gone.at, zone)
            if at[:10] == shown(story.at, zone)[:10]:
                at = at[11:]  # of the same day
            row = (at, gone.call, gone.queue, gone.to, gone.code, why)
            table.add_row(*map(Text, row))
        console.print(table)


def _headline(moment: Moment) -> str:
    decision = moment.decision
    if decision is not None:
        return f"{decision.agent} was chosen: {decision.reason}"
    waited = _seconds(moment.waited)
    if (move := moment.move) is not None and moment.kind == "raised":
        return f"{move.queue} raised it to {move.to} by step {move.rule}: {move.reason}"
    if move is not None:
        return f"{move.queue} sent it to {move.to} by rule {move.rule}: {move.reason}"
    match moment.kind:
        case "left":
            return f"left {moment.queue} after {waited} without an agent"
        case "now":
            return f"still waits in {moment.queue}, for {waited}"
        case _:
            nobody = "" if moment.link_down else ": nobody could take it"
            return f"waits in {moment.queue}, for {waited}{nobody}"


def _answer(answer: SurveyAnswer) -> str:
    if answer.kind == "yes_no":
        return f"{answer.question} {'yes' if answer.value else 'no'}"
    return f"{answer.question} {answer.value} of 5"


def _timeline(ring: Ring, *, task: bool) -> str:
    answered = "accepted" if task else "answered"
    steps = (("rang", ring.rang), (answered, ring.answered), ("talking", ring.bridged))
    parts = [f"{word} after {_seconds(time)}" for word, time in steps if time is not None]
    if ring.ended is not None:
        parts.append(f"ended after {_seconds(ring.ended)} ({ring.cause})")
    return ", ".join(parts) or ("not accepted yet" if task else "the phone has not rung yet")


def _agents(standings: tuple[Standing, ...], console: Console) -> None:
    """Those who could take it first, the longest idle of them on top; other teams last."""
    table = Table()
    for heading in ("agent", "code", "why", "idle"):
        table.add_column(heading, overflow="fold")
    ranked = sorted(standings, key=_rank)
    for one in ranked[:MOST_AGENTS]:
        style = "green" if one.code == CHOSEN else "" if one.code in CONSIDERED else "dim"
        idle = spoken(one.idle) if one.code in CONSIDERED else ""
        table.add_row(*(Text(cell, style=style) for cell in (one.agent, one.code, one.text, idle)))
    console.print(table)
    if rest := Counter(one.code for one in ranked[MOST_AGENTS:]):
        told = ", ".join(f"{count} {code}" for code, count in rest.items())
        console.print(f"… and {rest.total()} more: {told}; --json has all", highlight=False)


def _rank(standing: Standing) -> tuple[int, int]:
    code = standing.code
    if code in CONSIDERED:
        return CONSIDERED.index(code), -standing.idle
    return len(CONSIDERED) + (code == "not_in_queue"), 0


def _seconds(time: Duration) -> str:
    """`2.03 s`; what takes minutes is told as such."""
    return spoken(time) if time >= 60 * SECOND else f"{time / SECOND:.2f} s"
