"""The stories of a caller put aside: hold, a colleague who is asked, and what may come between."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.core import events as ev
from ctid.core.records import ChannelFact
from tests.golden.site import opened, phones, talk, to_sales
from tests.golden.transcript import WALL, Scenario
from tests.golden.transfer import BRANCH
from tests.golden.transfer import opened as with_numbers

FIRST, SECOND = "b1-2", "b1-3"
"""The legs of Anna, who has the caller c1, and of Bob, whom she asks."""


def wish(s: Scenario, *wishes: str, after: int = 1000) -> None:
    """Anna presses these."""
    s.say(*(msgspec.convert({"type": "TalkAsked", "agent": "anna", "call": "c1", "wish": one},
                            ev.TalkAsked) for one in wishes), after=after)  # fmt: skip


def held(s: Scenario, moves: int = 1) -> None:
    """The PBX plays music to c1."""
    s.say(ev.CallHeld("c1", moves), after=20)


def asking(*ready: str) -> Scenario:
    """Anna talks to c1 and has asked Bob, whose phone rings."""
    s = opened(*(ready or ("anna", "bob")))
    to_sales(s)
    talk(s, FIRST)
    s.say(ev.ConsultAsked("anna", "c1", "agent", "bob", "wants a refund"), after=20_000)
    held(s)
    return s


def consulting() -> Scenario:
    """Anna talks to Bob, c1 hears music."""
    s = asking()
    s.say(ev.AgentRinging(SECOND), after=30)
    s.say(ev.AgentAnswered(SECOND), after=2000)
    s.say(ev.ConsultBridged(SECOND), after=5)
    return s


def hold_and_resume() -> str:
    """Pressed twice, told twice, and once more later: one hold each."""
    s = opened("anna")
    to_sales(s)
    talk(s, FIRST)
    wish(s, "resume", "toggle", "hold", "hold", after=10_000)
    held(s)
    s.say(ev.TransferAsked("anna", "c1", "queue", "service"))
    s.say(ev.CallBridged(FIRST))
    wish(s, "resume", after=30_000)
    s.say(ev.CallBridged(FIRST), ev.CallHeld("c1", 1), after=10)
    wish(s, "hold", after=5_000)
    held(s, 2)
    s.note("the caller has had enough of the music")
    s.say(ev.CallEnded("c1", "16"), after=60_000)
    s.say(ev.LegEnded(FIRST, "hangup"), after=20)
    s.wait(15_000)
    return s.text


def hold_to_its_limit() -> str:
    """The dialplan takes the caller back into the queue; Anna's leg ends, and she is next again."""
    s = opened("anna")
    to_sales(s)
    talk(s, FIRST)
    wish(s, "hold")
    held(s)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050, moves=1), after=300_000)
    s.say(ev.LegEnded(FIRST, "hangup"), after=30)
    s.say(ev.WrapUpDone("anna"))
    talk(s, "b1-4")
    s.note("the same news once more, late")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050, moves=1))
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-4", "hangup"), after=10_000)
    return s.text


def hold_lost() -> str:
    """The PBX does not carry it out: they talk on. Later it does."""
    s = opened("anna")
    to_sales(s)
    talk(s, FIRST)
    wish(s, "hold")
    s.wait(6_000)
    held(s)
    wish(s, "resume")
    s.wait(6_000)
    wish(s, "resume")
    s.say(ev.CallBridged(FIRST), after=10)
    return s.text


def hang_up_on_hold() -> str:
    """Anna hangs up with the caller on hold: the caller waits again, first in line by the old
    time."""
    s = opened("anna", "bob")
    to_sales(s)
    talk(s, FIRST)
    wish(s, "hold")
    held(s)
    s.say(ev.LegEnded(FIRST, "hangup"))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050, moves=2), after=20)
    talk(s, "b1-4")
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-4", "hangup"), after=5_000)
    return s.text


def hang_up_as_the_hold_is_ordered() -> str:
    """The leg's end and the music cross."""
    s = opened("anna")
    to_sales(s)
    talk(s, FIRST)
    wish(s, "hold")
    s.say(ev.LegEnded(FIRST, "hangup"), after=10)
    held(s)
    s.note("the PBX says nothing of the way back")
    s.wait(6_000)
    return s.text


def consult_and_complete() -> str:
    """Bob has Anna's note, then the caller; Anna is in wrap-up, talk is booked to who talked."""
    s = consulting()
    wish(s, "complete", after=15_000)
    s.say(ev.LegEnded(FIRST, "hangup"), ev.CallBridged(SECOND), after=20)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded(SECOND, "hangup"), after=30_000)
    s.wait(10_000)
    return s.text


def consult_completed_by_hanging_up() -> str:
    """Anna puts the phone down in mid-consult."""
    s = consulting()
    s.say(ev.LegEnded(FIRST, "hangup"), after=15_000)
    s.say(ev.CallBridged(SECOND), after=20)
    s.say(ev.LegEnded(SECOND, "hangup"), after=5_000)
    s.say(ev.CallEnded("c1", "16"), after=10)
    return s.text


def consult_cancelled() -> str:
    """While Bob's phone rings, and once more when he has answered."""
    s = asking()
    wish(s, "cancel")
    s.say(ev.LegEnded(SECOND, "rejected"), ev.CallBridged(FIRST), after=20)
    s.note("again")
    s.say(ev.ConsultAsked("anna", "c1", "agent", "bob"), after=5_000)
    held(s, 2)
    s.say(ev.AgentRinging("b1-4"), ev.AgentAnswered("b1-4"), after=2_000)
    s.say(ev.ConsultBridged("b1-4"), after=5)
    wish(s, "cancel")
    s.say(ev.CallBridged(FIRST), ev.LegEnded("b1-4", "hangup"), after=20)
    s.wait(10_000)
    return s.text


def consult_not_answered() -> str:
    """Bob lets it ring: Anna reads so and has the caller on hold still. Then nobody is free."""
    s = asking()
    s.say(ev.AgentRinging(SECOND), after=30)
    s.say(ev.LegEnded(SECOND, "no_answer"), after=20_000)
    s.say(ev.ConsultAsked("anna", "c1", "agent", "bob"))
    s.say(ev.ConsultAsked("anna", "c1", "agent", "zoe"))
    s.say(ev.ConsultAsked("anna", "c1", "queue", "service"))
    wish(s, "resume")
    s.say(ev.CallBridged(FIRST), after=10)
    return s.text


def consult_with_a_queue() -> str:
    """The next agent of service is asked; that is Bob."""
    s = opened("anna", "bob")
    to_sales(s)
    talk(s, FIRST)
    s.say(ev.ConsultAsked("anna", "c1", "queue", "service", "invoice 4711"), after=20_000)
    held(s)
    s.say(ev.AgentRinging(SECOND), ev.AgentAnswered(SECOND), after=30)
    s.say(ev.ConsultBridged(SECOND), after=5)
    s.note("Bob has said enough, and hangs up")
    s.say(ev.LegEnded(SECOND, "hangup"), after=10_000)
    return s.text


def consult_toggled() -> str:
    """To the caller and back, and then Bob leaves while Anna talks to the caller."""
    s = consulting()
    wish(s, "toggle")
    s.say(ev.CallBridged(FIRST), after=10)
    wish(s, "toggle", after=5_000)
    s.say(ev.CallHeld("c1", 2), after=10)
    s.say(ev.ConsultBridged(SECOND), after=10)
    wish(s, "toggle", after=5_000)
    s.say(ev.CallBridged(FIRST), after=10)
    s.say(ev.LegEnded(SECOND, "hangup"), after=5_000)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded(FIRST, "hangup"), after=5_000)
    return s.text


def consult_toggled_and_the_first_hangs_up() -> str:
    """Anna talks to the caller and hangs up: the caller stays, for Bob who waits."""
    s = consulting()
    wish(s, "toggle")
    s.say(ev.CallBridged(FIRST), after=10)
    s.say(ev.CallHeld("c1", 1), after=5_000)
    s.say(ev.LegEnded(FIRST, "hangup"), after=2)
    s.say(ev.CallBridged(SECOND), after=10)
    s.say(ev.LegEnded(SECOND, "hangup"), ev.CallEnded("c1", "16"), after=10_000)
    return s.text


def consult_toggle_half_done() -> str:
    """The caller is aside, the colleague is not there: the agent may press again."""
    s = consulting()
    wish(s, "toggle")
    s.say(ev.CallBridged(FIRST), after=10)
    wish(s, "toggle", after=5_000)
    s.say(ev.CallHeld("c1", 2), after=10)
    s.wait(6_000)
    wish(s, "toggle")
    s.say(ev.CallBridged(FIRST), after=10)
    return s.text


def consult_conference() -> str:
    """All three, then Anna leaves: Bob goes on with the caller."""
    s = consulting()
    wish(s, "conference")
    s.say(ev.CallBridged(FIRST), ev.ConsultBridged(SECOND), ev.CallBridged(SECOND), after=20)
    wish(s, "complete", after=20_000)
    s.say(ev.LegEnded(FIRST, "hangup"), after=20)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded(SECOND, "hangup"), after=20_000)
    return s.text


def consult_conference_and_the_colleague_leaves() -> str:
    """Anna keeps the caller, and may put them on hold again."""
    s = consulting()
    wish(s, "conference")
    s.say(ev.CallBridged(FIRST), ev.CallBridged(SECOND), after=20)
    s.say(ev.LegEnded(SECOND, "hangup"), after=20_000)
    wish(s, "hold")
    held(s, 2)
    return s.text


def consult_as_the_caller_hangs_up() -> str:
    """Both legs end; one record."""
    s = consulting()
    s.say(ev.CallEnded("c1", "16"), after=5_000)
    s.say(ev.LegEnded(SECOND, "hangup"), ev.LegEnded(FIRST, "hangup"), after=20)
    s.wait(15_000)
    s.note("and while Bob's phone rings: no fault of his")
    to_sales(s, "c2")
    talk(s, "b1-5")
    s.say(ev.ConsultAsked("anna", "c2", "agent", "bob"))
    s.say(ev.CallHeld("c2", 1), after=20)
    s.say(ev.CallEnded("c2", "16"))
    s.say(ev.LegEnded("b1-6", "rejected"), ev.LegEnded("b1-5", "hangup"), after=20)
    s.wait(15_000)
    return s.text


def consult_completed_in_vain() -> str:
    """Bob is gone before the caller came: the caller waits again."""
    s = consulting()
    wish(s, "complete")
    s.say(ev.LegEnded(SECOND, "hangup"), ev.LegEnded(FIRST, "hangup"), after=5)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050, moves=2), after=20)
    return s.text


def fact(place: str, bridge: str = "") -> ChannelFact:
    """The caller c1 in an inventory."""
    row = {"channel": "PJSIP/trunk-c1", "id": "c1", "role": "caller", "place": place,
           "queue": "sales", "since": WALL + 1050, "bridge": bridge}  # fmt: skip
    return msgspec.convert(row, ChannelFact)


def leg_fact(offer: str, phone: str, bridge: str = "") -> ChannelFact:
    """A leg in an inventory; without a bridge it is in silence."""
    return ChannelFact(
        f"PJSIP/{phone}-1", offer, "agent", "talking" if bridge else "ringing", "c1",
        phone=f"PJSIP/{phone}", bridge=bridge,
    )  # fmt: skip


def consult_and_the_link_is_cut() -> str:
    """What is not seen: all three together; then Anna is gone; then the caller waits again."""
    s = consulting()
    busy = phones(anna="in_use", bob="in_use")
    anna, bob = leg_fact(FIRST, "1001", "x"), leg_fact(SECOND, "1002", "x")
    s.say(ev.LinkLost("connection reset"))
    s.say(ev.ConsultAsked("anna", "c1", "agent", "bob"))
    s.say(ev.Inventory(False, (fact("talking", "x"), anna, bob), busy))
    s.note("nothing new: nothing to mend")
    s.say(ev.Inventory(False, (fact("talking", "x"), anna, bob), busy))
    s.note("Anna is gone")
    s.say(ev.LinkLost("connection reset"), after=5_000)
    s.say(ev.Inventory(False, (fact("talking", "x"), bob), busy))
    s.note("Bob had put the caller on hold, and is gone; the limit is over")
    wish(s, "hold")
    s.say(ev.TalkAsked("bob", "c1", "hold"))
    s.say(ev.LinkLost("connection reset"), after=10)
    s.say(ev.Inventory(False, (fact("queue"),), phones()), after=60_000)
    return s.text


def hold_and_killed() -> str:
    """Killed with the order to bring the caller back on its way: it was lost."""
    s = opened("anna", "bob")
    to_sales(s)
    talk(s, FIRST)
    wish(s, "hold")
    held(s)
    wish(s, "resume")
    s.restart()
    s.say(ev.Started("b2", WALL), after=1500)
    s.say(ev.Inventory(False, (fact("held"), leg_fact(FIRST, "1001")), phones("in_use")), after=200)
    wish(s, "resume")
    s.say(ev.CallBridged(FIRST), after=10)
    return s.text


def hold_adopted() -> str:
    """A ctid that knows nothing finds a caller on hold and two agents who talk about it: the
    caller goes to somebody else, the legs end."""
    s = opened()
    s.say(ev.SignInAsked("anna"))
    legs = (leg_fact("a-1", "1001", "x"), leg_fact("a-2", "1002", "x"))
    s.say(ev.Inventory(False, (fact("held"), *legs), phones("in_use", "in_use")))
    s.say(ev.LegEnded("a-1", "hangup"), ev.LegEnded("a-2", "hangup"), after=10)
    s.say(ev.PhoneChanged("PJSIP/1001", "idle"), ev.ReadyAsked("anna"))
    return s.text


def dialling() -> Scenario:
    """Anna's phone dials the branch, c1 hears music."""
    s = with_numbers("anna")
    to_sales(s)
    talk(s, FIRST)
    s.say(ev.ConsultAsked("anna", "c1", "number", "0900"))
    s.say(ev.ConsultAsked("anna", "c1", "number", BRANCH, "invoice 4711"))
    held(s)
    return s


def consult_with_a_number() -> str:
    """To and fro, all three together, and the caller stays with the branch."""
    s = dialling()
    s.say(ev.OutsideAnswered(FIRST, "7.1"), after=3_000)
    s.say(ev.ConsultBridged("7.1"), after=5)
    wish(s, "toggle")
    s.say(ev.CallBridged(FIRST), after=10)
    wish(s, "toggle", after=5_000)
    s.say(ev.CallHeld("c1", 2), ev.ConsultBridged("7.1"), after=10)
    wish(s, "conference")
    s.say(ev.CallBridged(FIRST), ev.ConsultBridged("7.1"), ev.CallBridged("7.1"), after=10)
    wish(s, "complete", after=5_000)
    s.say(ev.LegEnded(FIRST, "hangup"), after=20)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("7.1", "hangup"), after=30_000)
    return s.text


def consult_with_a_number_in_vain() -> str:
    """Nobody answers; once more, and Anna lets go just as somebody does; a third time, and the one
    there hangs up."""
    s = dialling()
    s.say(ev.OutsideFailed(FIRST, "no_answer"), after=20_000)
    s.say(ev.ConsultAsked("anna", "c1", "number", BRANCH))
    wish(s, "cancel")
    s.say(ev.OutsideAnswered(FIRST, "7.1"), after=5)
    s.say(ev.CallBridged(FIRST), ev.LegEnded("7.1", "hangup"), after=20)
    s.note("a third time, with the caller on hold again")
    s.say(ev.ConsultAsked("anna", "c1", "number", BRANCH))
    held(s, 2)
    s.say(ev.OutsideAnswered(FIRST, "7.2"), after=3_000)
    s.say(ev.LegEnded("7.2", "hangup"), after=3_000)
    wish(s, "resume")
    s.say(ev.CallBridged(FIRST), after=10)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded(FIRST, "hangup"), after=5_000)
    return s.text


def consult_with_a_number_and_an_old_word() -> str:
    """The first time nobody answers, and the way back to c1 is not told in time. Anna's leg dials
    again when that word comes: it is of before, and the branch is asked still."""
    s = dialling()
    s.say(ev.OutsideFailed(FIRST, "no_answer"), after=20_000)
    wish(s, "resume")
    s.wait(5_000)
    s.say(ev.ConsultAsked("anna", "c1", "number", BRANCH))
    s.say(ev.CallBridged(FIRST), after=10)
    s.say(ev.OutsideAnswered(FIRST, "7.1"), after=3_000)
    s.say(ev.ConsultBridged("7.1"), after=5)
    s.say(ev.CallEnded("c1", "16"), after=5_000)
    s.say(ev.LegEnded("7.1", "hangup"), ev.LegEnded(FIRST, "hangup"), after=5)
    return s.text


def consult_with_a_number_unseen() -> str:
    """The branch answers while the link is cut; then Anna hangs up in the middle."""
    s = dialling()
    s.say(ev.LinkLost("connection reset"))
    line = ChannelFact(
        "PJSIP/trunk-9", "7.1", "agent", "talking", "c1", phone="PJSIP/trunk", bridge="x"
    )
    seen = (fact("held"), leg_fact(FIRST, "1001", "x"), line)
    s.say(ev.Inventory(False, seen, phones(anna="in_use")))
    s.say(ev.LegEnded(FIRST, "hangup"))
    s.note("and the link is cut once more: both talk, nothing is mended")
    s.say(ev.LinkLost("connection reset"))
    both = (fact("talking", "x"), line)
    s.say(ev.Inventory(False, both, phones()))
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("7.1", "hangup"), after=30_000)
    return s.text


def consult_with_a_number_gone_unseen() -> str:
    """The branch has answered, and hangs up while the link is cut: c1 is on hold again, and the
    branch can be asked once more."""
    s = dialling()
    s.say(ev.OutsideAnswered(FIRST, "7.1"), after=3_000)
    s.say(ev.ConsultBridged("7.1"), after=5)
    s.say(ev.LinkLost("connection reset"))
    seen = (fact("held"), leg_fact(FIRST, "1001", ""))
    s.say(ev.Inventory(False, seen, phones(anna="in_use")))
    s.say(ev.ConsultAsked("anna", "c1", "number", BRANCH))
    s.say(ev.OutsideAnswered(FIRST, "7.2"), after=3_000)
    s.say(ev.ConsultBridged("7.2"), after=5)
    s.say(ev.CallEnded("c1", "16"), after=5_000)
    s.say(ev.LegEnded("7.2", "hangup"), ev.LegEnded(FIRST, "hangup"), after=5)
    return s.text


CONSULTS: tuple[Callable[[], str], ...] = (
    hold_and_resume, hold_to_its_limit, hold_lost, hang_up_on_hold, hang_up_as_the_hold_is_ordered,
    consult_and_complete, consult_completed_by_hanging_up, consult_cancelled, consult_not_answered,
    consult_with_a_queue, consult_toggled, consult_toggle_half_done, consult_conference,
    consult_toggled_and_the_first_hangs_up,
    consult_conference_and_the_colleague_leaves, consult_as_the_caller_hangs_up,
    consult_completed_in_vain, consult_and_the_link_is_cut, hold_and_killed, hold_adopted,
    consult_with_a_number, consult_with_a_number_in_vain, consult_with_a_number_unseen,
    consult_with_a_number_and_an_old_word, consult_with_a_number_gone_unseen,
)  # fmt: skip
