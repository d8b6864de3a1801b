from __future__ import annotations

import pytest

from ctid.core.errors import LocalProtocolError, RemoteProtocolError
from ctid.pbx.agi.codec import (
    AgiCodec,
    AgiEnvironment,
    AgiHungUp,
    AgiReply,
    encode_command,
    parse_reply,
)

ENVIRONMENT = (
    "agi_network: yes\nagi_network_script: token/inbound?x=1\n"
    "agi_callerid: +861\nagi_calleridname: 王: 明\nagi_accountcode: \nagi_arg_1: a b\n\n"
).encode()


def open_session(codec: AgiCodec) -> None:
    (environment,) = codec.feed(b"agi_network_script: x\n\n")
    assert isinstance(environment, AgiEnvironment)


def test_environment() -> None:
    codec = AgiCodec()
    assert codec.feed(ENVIRONMENT[:-1]) == []
    (environment,) = codec.feed(ENVIRONMENT[-1:])
    assert isinstance(environment, AgiEnvironment)
    assert environment.network_script == "token/inbound?x=1"
    assert environment.get("agi_calleridname") == "王: 明"
    assert environment.get("agi_accountcode", "absent") == ""
    assert environment.get("agi_rdnis", "absent") == "absent"


def test_environment_with_crlf() -> None:
    (environment,) = AgiCodec().feed(ENVIRONMENT.replace(b"\n", b"\r\n"))
    assert isinstance(environment, AgiEnvironment)
    assert environment.get("agi_arg_1") == "a b"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"agx",
        b"\n\n",
        b"agi_a: 1\nno colon\n\n",
        b"agi_a: 1\nother: 2\n\n",
        b"agi_network_script: a\nagi_network_script: b\n\n",
        b"agi_a: " + b"x" * 60,
        b"agi_a: " + b"x" * 60 + b"\n\n",
        b"".join(b"agi_%d: 1\n" % n for n in range(9)) + b"\n",
        b"".join(b"agi_%d: 1234567890123456789012345678901234567890\n" % n for n in range(5)),
    ],
)
def test_requests_that_are_refused(data: bytes) -> None:
    codec = AgiCodec(max_line=50, max_lines=8, max_bytes=200)
    with pytest.raises(RemoteProtocolError):
        codec.feed(data)
    assert codec.held_bytes == 0
    with pytest.raises(RemoteProtocolError):
        codec.feed(ENVIRONMENT)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("200 result=0", (200, "0", "", None)),
        ("200 result=1 (SIP/1 (x) y)", (200, "1", "SIP/1 (x) y", None)),
        ("200 result= (timeout)", (200, "", "timeout", None)),
        ("200 result=12 (timeout)", (200, "12", "timeout", None)),
        ("200 result=49 endpos=8000", (200, "49", "", 8000)),
        ("200 result=0 (dtmf) endpos=16", (200, "0", "dtmf", 16)),
        ("200 result=1 (fake endpos=5)", (200, "1", "fake endpos=5", None)),
        ("200 result=-1", (200, "-1", "", None)),
        ("200 result=1 ()", (200, "1", "", None)),
        ("510 Invalid or unknown command", (510, "", "", None)),
        ("511 Command Not Permitted on a dead channel", (511, "", "", None)),
        ("200", (200, "", "", None)),
    ],
)
def test_replies(text: str, reply: tuple[int, str, str, int | None]) -> None:
    codec = AgiCodec()
    open_session(codec)
    codec.command("NOOP")
    (fact,) = codec.feed(text.encode() + b"\n")
    assert isinstance(fact, AgiReply)
    assert (fact.code, fact.result, fact.data, fact.endpos) == reply
    assert fact.timed_out == (reply[2] == "timeout")
    assert not codec.awaiting_reply


def test_usage_of_several_lines_is_one_reply() -> None:
    codec = AgiCodec()
    open_session(codec)
    codec.command("STREAM FILE")
    facts = codec.feed(
        b"520-Invalid command syntax.  Proper usage follows:\n Usage: STREAM FILE <f>\n"
        b"\tSend 200 or (more)\n520 End of proper usage.\n"
    )
    (reply,) = facts
    assert isinstance(reply, AgiReply)
    assert reply.code == 520
    assert "Usage: STREAM FILE" in reply.text


def test_value_with_a_line_feed_is_one_reply() -> None:
    codec = AgiCodec()
    open_session(codec)
    codec.command("GET VARIABLE", "X")
    (reply,) = codec.feed("200 result=1 (一\n二)\n".encode())
    assert isinstance(reply, AgiReply)
    assert reply.data == "一\n二"


def test_trying_is_not_the_reply() -> None:
    codec = AgiCodec()
    open_session(codec)
    codec.command("EXEC", "Wait", 1)
    assert codec.feed(b"100 result=0 Trying...\n") == []
    assert codec.awaiting_reply
    assert len(codec.feed(b"200 result=0\n")) == 1


def test_hangup_anywhere() -> None:
    codec = AgiCodec()
    assert codec.feed(b"agi_a: 1\n\nHANGUP\n")[1:] == [AgiHungUp()]
    codec.command("NOOP")
    assert codec.feed(b"HANGUP\n") == [AgiHungUp()]
    assert codec.awaiting_reply
    codec.feed(b"520-usage\n")
    facts = codec.feed(b"HANGUP\n520 End\n")
    assert facts[0] == AgiHungUp()
    assert isinstance(facts[1], AgiReply)


@pytest.mark.parametrize("data", [b"200 result=0\n", b"\n", b"hello\n"])
def test_a_reply_to_nothing_ends_the_session(data: bytes) -> None:
    codec = AgiCodec()
    open_session(codec)
    with pytest.raises(RemoteProtocolError, match="no command outstanding"):
        codec.feed(data)


@pytest.mark.parametrize(
    "data",
    [
        b"what\n",
        b"2x0 result=0\n",
        b"x" * 60,
        b"520-a\n" + b"x\n" * 9,
        b"520-a\n" + b"y" * 45 + b"\n",
    ],
)
def test_replies_that_are_refused(data: bytes) -> None:
    codec = AgiCodec(max_line=50, max_lines=8, max_bytes=48)
    open_session(codec)
    codec.command("NOOP")
    with pytest.raises(RemoteProtocolError):
        codec.feed(data)


def test_facts_before_a_violation_are_not_lost() -> None:
    codec = AgiCodec()
    facts = codec.feed(b"agi_a: 1\n\nHANGUP\n200 result=0\n")
    assert len(facts) == 2
    assert codec.failure is not None
    with pytest.raises(RemoteProtocolError):
        codec.feed(b"")


def test_one_command_at_a_time() -> None:
    codec = AgiCodec()
    with pytest.raises(LocalProtocolError, match="before the environment"):
        codec.command("ANSWER")
    open_session(codec)
    assert codec.command("ANSWER") == b"ANSWER\n"
    with pytest.raises(LocalProtocolError, match="one command at a time"):
        codec.command("HANGUP")


def test_a_refused_command_leaves_the_session_usable() -> None:
    codec = AgiCodec()
    open_session(codec)
    with pytest.raises(LocalProtocolError):
        codec.command("VERBOSE", "a\nb")
    assert codec.command("VERBOSE", "ab", 1) == b'VERBOSE "ab" "1"\n'


def test_quoting() -> None:
    line = encode_command("SET VARIABLE", "NAME", 'a "b" \\ 王')
    assert line == 'SET VARIABLE "NAME" "a \\"b\\" \\\\ 王"\n'.encode()
    assert encode_command("STREAM FILE", "hello", "") == b'STREAM FILE "hello" ""\n'


@pytest.mark.parametrize("word", ["a\nb", "a\rb", "a\0b", "\udc80", "x" * 2_100])
def test_words_that_must_not_be_sent(word: str) -> None:
    with pytest.raises(LocalProtocolError):
        encode_command("VERBOSE", word)


@pytest.mark.parametrize("name", ["", "EXEC\nHANGUP", 'X "', " EXEC", "EXEC  X", "E1"])
def test_names_that_must_not_be_sent(name: str) -> None:
    with pytest.raises(LocalProtocolError):
        encode_command(name)


def test_too_many_words() -> None:
    encode_command("EXEC", *range(126))
    with pytest.raises(LocalProtocolError, match="words"):
        encode_command("EXEC", *range(127))


def test_parse_reply_needs_a_code() -> None:
    with pytest.raises(RemoteProtocolError):
        parse_reply("HANGUP")
