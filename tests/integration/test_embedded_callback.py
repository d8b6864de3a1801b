"""Callbacks in a whole ctid beside the pretend PBX: a place is kept, a customer dialled once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ctid.core.commands import Noticed, RingAgent
from ctid.core.events import TransferAsked
from sim.live.callers import CallScript, PlacedCall
from sim.live.calling_back import CustomerSettings
from sim.live.channels import UP, Channel
from tests.integration.embedded_site import Site, pbx_and_config

NUMBER = "+8613900000001"


def calling_back(s: Site, **rules: Any) -> None:
    """1 asks for a callback in sales, where Anna and Ben work."""
    sales = s.config["queues"][0]
    sales["overflow"] = [{"to": "callback", "key": "1"}]
    sales["callback"] = {"retry_after_s": 0.5, **rules}


async def asks(s: Site, number: str = NUMBER) -> PlacedCall:
    """A caller waits, asks for a callback, confirms it, and hangs up."""
    call = s.call(number=number, keys=("1",))
    await s.until(lambda: any(w.call == call.unique_id for w in s.view().waiting))
    call.press("1")
    await call.over
    return call


def rings(s: Site) -> list[tuple[str, bool]]:
    """(agent, whether a customer is dialled) of each order to ring."""
    return [(c.agent, c.dial is not None) for c in s.done(RingAgent)]


async def test_the_place_is_kept_and_the_customer_dialled_once(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        calling_back(s)
        await s.start()
        first = await asks(s)
        assert first.heard_prompts == ["ctid/en/callback-offer", "ctid/en/callback-thanks"]
        second = s.call(number="+8613900000002", talk=0.2)
        await s.until(lambda: len(s.view().waiting) == 2)
        [callback] = s.view().callbacks
        assert (callback.state, callback.number, callback.queue) == ("waiting", NUMBER, "sales")
        s.ready("anna")
        await second.over
        await s.until(lambda: not s.view().callbacks)
        await s.at_rest()
        assert rings(s) == [("anna", True), ("anna", False)]
        [customer] = s.pbx.customers
        assert customer.talking_to.result() == "1001"
        assert customer.channel.number == NUMBER
        outcomes = {record.number: [] for record in await s.records(3)}
        for record in await s.records(3):
            outcomes[record.number].append(record.outcome)
        assert outcomes == {NUMBER: ["answered", "callback"], "+8613900000002": ["answered"]}
        sales = next(q for q in s.view().queues if q.queue == "sales")
        assert (sales.offered, sales.answered, sales.abandoned) == (2, 1, 0)
        assert (sales.by_key, sales.called_back) == (1, 1)
        await s.stop()


async def test_busy_then_nobody_then_an_answer(tmp_path: Path) -> None:
    customers = CustomerSettings(does=("busy", "never", "answer"), rings=0.1)
    async with pbx_and_config(tmp_path, customers=customers) as s:
        calling_back(s, ring_for_s=1)
        await s.start()
        await asks(s)
        s.ready("anna")
        await s.until(lambda: len(s.pbx.customers) == 3)
        assert await s.pbx.customers[2].talking_to == "1001"
        await s.until(lambda: not s.view().callbacks)
        await s.at_rest()
        found = [(r.outcome, r.cause) for r in reversed(await s.records(4))]
        assert [outcome for outcome, _ in found] == [
            "callback", "not_reached", "not_reached", "answered",
        ]  # fmt: skip
        assert [cause for _, cause in found[1:3]] == ["17", "19"]
        await s.stop()


async def test_given_up_after_so_many_attempts(tmp_path: Path) -> None:
    customers = CustomerSettings(does=("busy",), rings=0.05)
    async with pbx_and_config(tmp_path, customers=customers) as s:
        calling_back(s, attempts=2)
        await s.start()
        await asks(s)
        s.ready("anna")
        await s.until(lambda: not s.view().callbacks)
        await s.at_rest()
        assert len(s.pbx.customers) == 2
        assert [n.code for n in s.done(Noticed) if "callback" in n.code] == ["callback_given_up"]
        await s.stop()


async def test_who_does_not_confirm_waits_on(tmp_path: Path) -> None:
    customers = CustomerSettings(key=0.2)
    async with pbx_and_config(tmp_path, customers=customers) as s:
        calling_back(s)
        await s.start()
        call = s.call()
        await s.until(lambda: len(s.view().waiting) == 1)
        call.press("1")
        await s.until(lambda: call.queues == ["sales", "sales"])
        await s.until(lambda: len(s.view().waiting) == 1)
        assert s.view().callbacks == ()
        s.ready("anna")
        assert await call.talking_to == "1001"
        call.hang_up()
        await s.at_rest()
        await s.stop()


async def test_a_caller_without_a_number_is_told_so(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        calling_back(s)
        await s.start()
        call = s.call(number="")
        await s.until(lambda: len(s.view().waiting) == 1)
        call.press("1")
        await s.until(lambda: call.heard_prompts == ["ctid/en/callback-no-number"])
        assert len(s.view().waiting) == 1
        call.hang_up()
        await s.at_rest()
        await s.stop()


async def test_a_restart_between_promise_and_turn(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        calling_back(s)
        await s.start()
        await asks(s)
        await s.stop()
        await s.start()
        assert [c.state for c in s.view().callbacks] == ["waiting"]
        s.ready("anna")
        await s.until(lambda: s.pbx.customers and not s.view().callbacks)
        await s.at_rest()
        assert len(s.pbx.customers) == 1
        await s.stop()


async def test_killed_while_the_customers_phone_rings(tmp_path: Path) -> None:
    """The dialplan goes on alone: the two talk, and the next ctid finds them."""
    customers = CustomerSettings(rings=0.6)
    async with pbx_and_config(tmp_path, customers=customers) as s:
        calling_back(s)
        await s.start()
        await asks(s)
        s.ready("anna")
        await s.until(lambda: s.pbx.customers)
        await s.stop()
        [customer] = s.pbx.customers
        assert await customer.talking_to == "1001"
        await s.start()
        await s.until(lambda: not s.view().callbacks)
        await s.at_rest()
        assert len(s.pbx.customers) == 1
        outcomes = sorted(r.outcome for r in await s.records(2))
        assert outcomes == ["answered", "callback"]
        await s.stop()


async def test_the_link_is_cut_during_an_attempt_in_vain(tmp_path: Path) -> None:
    """Nobody sees how it ends: it counts, and the customer is not dialled again at once."""
    customers = CustomerSettings(does=("busy", "answer"), rings=0.3)
    async with pbx_and_config(tmp_path, customers=customers) as s:
        calling_back(s, retry_after_s=1.5)
        await s.start()
        await asks(s)
        s.ready("anna")
        await s.until(lambda: s.pbx.customers)
        await s.stop()
        assert await s.pbx.customers[0].over == 17
        await s.start()
        [callback] = s.view().callbacks
        assert (callback.state, callback.attempts) == ("resting", 1)
        await s.until(lambda: len(s.pbx.customers) == 2 and not s.view().callbacks)
        await s.at_rest()
        await s.stop()


async def test_offered_in_the_menu_already(tmp_path: Path) -> None:
    """Nobody is signed in: FastAGI itself leads to the offer, before any queue."""
    async with pbx_and_config(tmp_path) as s:
        calling_back(s)
        s.config["queues"][0]["overflow"] = [{"to": "callback", "no_agent": "signed_in"}]
        await s.start()
        call = s.call(keys=("1",))
        await call.over
        await s.until(lambda: [c.state for c in s.view().callbacks] == ["waiting"])
        s.ready("anna")
        await s.until(lambda: s.pbx.customers and not s.view().callbacks)
        await s.at_rest()
        assert call.queues == []
        await s.stop()


async def test_a_customer_who_was_reached_is_sent_on_as_any_caller(tmp_path: Path) -> None:
    customers = CustomerSettings(script=CallScript())
    async with pbx_and_config(tmp_path, customers=customers) as s:
        calling_back(s)
        for agent in s.config["agents"]:
            agent["queues"] = ["support" if agent["id"] == "ben" else "sales"]
            agent["penalties"] = {}
        await s.start()
        await asks(s)
        s.ready("anna", "ben")
        await s.state("anna", "on_call")
        call = s.agent("anna").call
        s.app.submit(TransferAsked("anna", call, "queue", "support", "called back"))
        await s.state("ben", "on_call")
        assert s.agent("ben").call == call
        pop = s.agent("ben").pop
        assert pop is not None
        assert (pop.attempt, pop.handed.note if pop.handed else "") == (0, "called back")
        [customer] = s.pbx.customers
        assert customer.queues == ["support"]
        customer.hang_up()
        await s.until(lambda: not s.view().callbacks)
        await s.at_rest()
        record = next(r for r in await s.records(2) if r.call == call)
        assert (record.outcome, record.agent, record.queue) == ("answered", "ben", "support")
        await s.stop()


async def test_the_agent_is_lost_as_the_customer_answers(tmp_path: Path) -> None:
    """The customer waits in line like a caller, and gets the next agent."""
    customers = CustomerSettings(rings=0.1, script=CallScript(talk=0.3))
    async with pbx_and_config(tmp_path, customers=customers) as s:
        calling_back(s)
        await s.start()
        await asks(s)
        s.ready("anna")
        await s.until(lambda: s.pbx.customers)
        [customer] = s.pbx.customers
        exchange = s.pbx.exchange

        def answered(channel: Channel) -> None:
            watched(channel)
            if channel is customer.channel and channel.state == UP:
                s.pbx.phone("1001").hang_up()

        watched, exchange.on_change = exchange.on_change, answered
        await s.until(lambda: customer.queues == ["sales"])
        exchange.on_change = watched
        s.ready("ben")
        await s.until(lambda: customer.talking_to.done())
        assert customer.talking_to.result() in ("1001", "1002")
        await s.until(lambda: not s.view().callbacks)
        await s.at_rest()
        assert len(s.pbx.customers) == 1
        await s.stop()
