"""Why did this call go to this agent, and why does that agent get no call?

The answer comes from the journal: ctid runs it through the machine again, stops at each decision on
the call, and looks at every agent as they were in that moment. It may run beside the daemon, and
costs the daemon nothing. CALL is a call's id (GET /api/calls lists them) or the id of a screen pop.

examples:
  ctid explain 1790000000.12                      who was asked for this call, and who was not
  ctid explain 1790000000.12 --json               the same for programs
  ctid explain --agent anna                       why Anna gets no call, as the journal ends
  ctid explain --agent anna --at 14:05            why she got none at five past two
  ctid explain --agent anna --at 2026-01-05T14:05 --journal var/journal
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from ctid.app import explaining_text
from ctid.app.journal_search import (
    Stretch,
    call_of_offer,
    covered,
    entries,
    mentions,
    moment,
    shown,
)
from ctid.centre.centre import Centre
from ctid.centre.replay import build
from ctid.centre.witness import AgentStory, AgentWitness, CallStory, CallWitness
from ctid.core.errors import CtidError
from ctid.core.journal import Header
from ctid.core.records import AgentId, CallId
from ctid.settings.files import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("call", nargs="?", metavar="CALL", help="id of a call, or of a screen pop")
    what.add_argument("--agent", metavar="ID", help="explain why this agent gets no call")
    parser.add_argument(
        "--at", metavar="TIME", help="with --agent: 14:05, 14:05:30 or 2026-01-05T14:05, on the "
        "site's clock; without it the end of the journal",
    )  # fmt: skip
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--config", type=Path, default=Path("config/ctid.toml"), metavar="FILE",
        help="main file, whose journal.folder is read; default config/ctid.toml",
    )  # fmt: skip
    where.add_argument("--journal", type=Path, metavar="FOLDER", help="the journal itself")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(args: argparse.Namespace) -> int:
    """0 when there is an explanation.

    Raises:
        CtidError: no such call, agent or time in the journal, or no journal.
        ConfigError: the config has problems; --journal needs none.
    """
    if args.at and not args.agent:
        raise CtidError("--at goes with --agent; a call is explained from its beginning to its end")
    folder = args.journal or Path(load(args.config).journal.folder)
    stretches = covered(folder)
    damage: list[str] = []
    with Console(stderr=True).status("replaying the journal"):
        story: CallStory | AgentStory
        if args.agent:
            story = agent_story(stretches, args.agent, args.at, damage)
        else:
            story = call_story(stretches, args.call, damage)
    if args.json:
        answer = {**msgspec.to_builtins(story), "journal": str(folder), "damage": damage}
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        return 0
    console = Console()
    zone = stretches[-1].zone
    if isinstance(story, CallStory):
        explaining_text.show_call(story, zone, console)
    else:
        explaining_text.show_agent(story, zone, console)
    for text in damage:
        console.print(f"The journal could not be read to its end: {text}", markup=False)
    return 0


def call_story(stretches: list[Stretch], name: str, damage: list[str]) -> CallStory:
    """All that the journal tells of that call.

    Raises:
        CtidError: the journal has no such call, or this version cannot follow it.
    """
    paths = [stretch.path for stretch in stretches]
    call: CallId = call_of_offer(paths, name) or name
    witness = CallWitness(call)
    now = 0
    for path in paths:
        if not mentions(path, call):
            continue
        centre: Centre | None = None
        for entry in entries(path, damage):
            if isinstance(entry, Header):
                header, centre = entry, build(entry)
                witness.attend(centre)
                continue
            try:
                witness.line(entry)
            except Exception as error:
                raise _not_replayable(path, entry.n, header, error) from error
            now = entry.t
    if not witness.story.lines:
        first, last = stretches[0], stretches[-1]
        raise CtidError(
            f"there is no call {name} in the journal: {len(paths)} file(s) of {first.path.parent} "
            f"were searched, from {shown(first.begins, first.zone)} to "
            f"{shown(last.ends, last.zone)}. Check the id (GET /api/calls lists them); a call of "
            "another time may be in another folder (--journal), and journal.keep says how many "
            "files are kept"
        )
    return witness.close(now)


def agent_story(
    stretches: list[Stretch], agent: AgentId, at: str | None, damage: list[str]
) -> AgentStory:
    """Why that agent has no call at that time, or at the journal's end.

    Raises:
        CtidError: no such agent, no such time, or this version cannot follow the journal.
    """
    wall = moment(at, stretches) if at else None
    begun = [s for s in stretches if wall is None or s.begins <= wall]
    path = begun[-1].path
    witness: AgentWitness | None = None
    now = 0
    for entry in entries(path, damage):
        if isinstance(entry, Header):
            header, centre = entry, build(entry)
            if agent not in centre.router.staff.agents:
                known = ", ".join(sorted(centre.router.staff.agents)) or "none"
                raise CtidError(f"there was no agent {agent!r} in the settings; known: {known}")
            witness = AgentWitness(centre, agent)
            continue
        if wall is not None and centre.epoch.wall_at_zero and centre.epoch.wall(entry.t) > wall:
            break
        assert witness is not None, "read() yields the header first"
        try:
            witness.line(entry)
        except Exception as error:
            raise _not_replayable(path, entry.n, header, error) from error
        now = entry.t
    if witness is None:
        raise CtidError(f"{path}: {'; '.join(damage)}")
    return witness.story(now if wall is None else max(now, centre.epoch.instant(wall)))


def _not_replayable(path: Path, line: int, header: Header, error: Exception) -> CtidError:
    return CtidError(
        f"{path}: line {line} cannot be run through this version of ctid "
        f"({type(error).__name__}: {error}); use ctid {header.ctid}, which wrote it"
    )
