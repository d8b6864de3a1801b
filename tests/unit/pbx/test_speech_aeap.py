"""AEAP as Asterisk 22 speaks it: its own messages, as they were seen, and what is none."""

import json

import pytest

from ctid.core.errors import RemoteProtocolError
from ctid.core.grammar import Grammar
from ctid.pbx.speech.aeap import REFUSED, AeapSession
from ctid.pbx.speech.recogniser import NOTHING, Heard

SETUP = """{"request": "setup", "version": "0.1.0", "codecs": [{"name": "slin"}],
            "params": {"language": "en"}, "id": "1ac32c0a"}"""
LINE = "en words sales|customer service"


def ask(session: AeapSession, message: object) -> dict[str, object]:
    [answer] = session.receive(message if isinstance(message, str) else json.dumps(message))
    told = json.loads(answer)
    assert isinstance(told, dict)
    return told


def test_setup_takes_slin_and_nothing_else() -> None:
    session = AeapSession()
    assert ask(session, SETUP) == {
        "response": "setup", "id": "1ac32c0a", "codecs": [{"name": "slin"}]
    }  # fmt: skip
    refused = ask(session, SETUP.replace("slin", "ulaw"))
    assert "codecs = !all,slin" in str(refused["error_msg"])
    assert "codecs" not in refused


def test_a_grammar_is_set_and_asked_for() -> None:
    session = AeapSession()
    set_it = {"request": "set", "id": "a", "params": {"grammar": LINE}}
    assert ask(session, set_it) == {"response": "set", "id": "a"}
    assert (session.asked, session.grammar) == (1, Grammar("en", ("sales", "customer service")))
    get_it = {"request": "get", "id": "b", "params": ["grammar"]}
    assert ask(session, get_it) == {"response": "get", "id": "b", "params": {"grammar": LINE}}
    ask(session, {"request": "set", "id": "c", "params": {"dtmf": "5"}})
    assert session.asked == 1, "keys are no new question"


def test_a_grammar_that_is_none_is_told_when_it_is_asked_for() -> None:
    session = AeapSession()
    ask(session, {"request": "set", "id": "a", "params": {"grammar": "en words A,B"}})
    assert session.grammar is None
    assert "small letters" in session.refusal
    told = ask(session, {"request": "get", "id": "b", "params": ["grammar"]})
    assert told["params"] == {"grammar": REFUSED}


def test_what_has_been_heard() -> None:
    session = AeapSession()
    get_it = {"request": "get", "id": "b", "params": ["heard"]}
    assert ask(session, get_it)["params"] == {"heard": "nothing"}
    session.heard = "speech"
    assert ask(session, get_it)["params"] == {"heard": "speech"}
    request = json.loads(session.results(Heard("sales", 87)))
    assert request["request"] == "set"
    assert request["params"]["results"] == [
        {"text": "sales", "score": 87, "grammar": "speech", "best": 0}
    ]
    assert ask(session, get_it)["params"] == {"heard": "result 87 sales"}
    assert json.loads(session.results(NOTHING))["id"] != request["id"]
    assert session.receive('{"response": "set", "id": "1"}') == []
    ask(session, {"request": "set", "id": "c", "params": {"grammar": LINE}})
    assert session.heard == "nothing", "a new question"


@pytest.mark.parametrize(
    "message",
    [
        {"request": "sing", "id": "a"},
        {"request": "get", "id": "a", "params": ["mood"]},
        {"request": "get", "id": "a", "params": []},
        {"request": "get", "id": "a"},
        {"request": "set", "id": "a", "params": ["grammar"]},
    ],
)
def test_unknown_requests_get_an_error(message: object) -> None:
    told = ask(AeapSession(), message)
    assert told["id"] == "a"
    assert told["error_msg"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"request": 1}', '"x"', '{"id": "a"}'])
def test_what_is_no_aeap_ends_the_connection(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match="AEAP"):
        AeapSession().receive(text)
