"""A supervisor's leg at the PBX: what is sent for it, and how it is told from all others."""

from __future__ import annotations

from ctid.core.commands import ChangeSpy, Spy
from ctid.core.events import AgentAnswered, CallBridged, Event, LegEnded
from ctid.pbx import spy
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.translate import INVENTORY_VARIABLES, Translator

RING = Spy("b1-3", "17.4", "b1-2", "PJSIP/1090", "Anna", "whisper", 20_000)


def message(event: str, *variables: str, **headers: str) -> AmiMessage:
    """An event as it comes over the wire."""
    lines = [("Event", event), *headers.items(), *(("Variable", one) for one in variables)]
    return AmiMessage("".join(f"{k}: {v}\r\n" for k, v in lines).encode())


def status(channel: str, unique: str, *variables: str, **headers: str) -> AmiMessage:
    return message("Status", *variables, Channel=channel, Uniqueid=unique, **headers)


def meets(translator: Translator, *uniques: str) -> list[Event]:
    """These enter a bridge, one after the other."""
    entered = (message("BridgeEnter", BridgeUniqueid="y", Uniqueid=one) for one in uniques)
    return [fact for event in entered for fact in translator.feed(event)]


def test_the_phone_is_rung_into_the_fixed_context() -> None:
    headers = spy.rung(RING, "PJSIP/1001-00000002", "PJSIP/trunk-00000001")
    assert [value for name, value in headers if name == "Variable"] == [
        "CTID_SPY=b1-3", "CTID_CALL=17.4", "CTID_SPIED=PJSIP/1001-00000002",
        "CTID_CALLER=PJSIP/trunk-00000001",
    ]  # fmt: skip
    rest = {name: value for name, value in headers if name != "Variable"}
    assert (rest["Channel"], rest["ChannelId"]) == ("PJSIP/1090", "b1-3")
    assert (rest["Context"], rest["Exten"], rest["Timeout"]) == ("ctid-spy", "whisper", "20000")
    assert "Application" not in rest


def test_another_way_is_another_extension() -> None:
    assert spy.changed(ChangeSpy("b1-3", "take"), "PJSIP/1090-00000003") == [
        ("Channel", "PJSIP/1090-00000003"), ("Context", "ctid-spy"), ("Exten", "take"),
        ("Priority", "1"),
    ]  # fmt: skip


def test_its_facts_are_those_of_a_leg() -> None:
    translator = Translator((), lambda unique: None)
    translator.expect("b1-3")
    up = {"Channel": "PJSIP/1090-3", "Uniqueid": "b1-3", "ChannelStateDesc": "Up"}
    assert translator.feed(message("Newstate", **up)) == [AgentAnswered("b1-3")]
    assert meets(translator, "17.4", "b1-3") == [CallBridged("b1-3")]
    gone = {"Uniqueid": "b1-3", "Cause": "16"}
    assert translator.feed(message("Hangup", **gone)) == [LegEnded("b1-3", "hangup")]


def test_in_the_inventory_it_is_neither_an_agents_leg_nor_a_caller() -> None:
    assert "CTID_SPY" in INVENTORY_VARIABLES
    translator = Translator((), lambda unique: None)
    listens = status(
        "PJSIP/1090-00000003", "b1-3", "CTID_SPY=b1-3", "CTID_OFFER=(null)", "CTID_CALL=17.4",
        Context="ctid-spy", ChannelStateDesc="Up",
    )  # fmt: skip
    rings = status(
        "PJSIP/1091-00000004", "b1-4", "CTID_SPY=b1-4", "CTID_CALL=17.4", Context="phones",
        ChannelStateDesc="Ringing",
    )  # fmt: skip
    has = status(
        "PJSIP/1092-00000005", "b1-5", "CTID_SPY=", "CTID_OFFER=b1-5", "CTID_CALL=17.4",
        Context="ctid-spy", ChannelStateDesc="Up", BridgeID="x",
    )  # fmt: skip
    facts = {fact.id: fact for fact in translator.inventory([listens, rings, has])}
    assert [(f.role, f.place, f.call, f.phone) for f in facts.values()] == [
        ("spy", "other", "17.4", "PJSIP/1090"), ("spy", "ringing", "17.4", "PJSIP/1091"),
        ("agent", "talking", "17.4", "PJSIP/1092"),
    ]  # fmt: skip
    assert not translator.callers
    # And what comes next is understood: the first one takes the caller over, and hangs up.
    assert meets(translator, "17.4", "b1-3") == [CallBridged("b1-3")]
