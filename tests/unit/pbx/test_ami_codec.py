from __future__ import annotations

import pytest

from ctid.core.errors import LocalProtocolError, RemoteProtocolError
from ctid.pbx.ami.codec import AmiCodec, AmiMessage, encode_action, unescape_c

BANNER = b"Asterisk Call Manager/9.0.0\r\n"


def test_banner_then_events_and_responses() -> None:
    codec = AmiCodec()
    assert codec.feed(BANNER[:10]) == []
    assert codec.banner is None
    event, response = codec.feed(
        BANNER[10:] + b"Event: Newstate\r\nChannel: PJSIP/1\r\n\r\n"
        b"Response: Error\r\nMessage: No such channel\r\n\r\n"
    )
    assert codec.banner == "Asterisk Call Manager/9.0.0"
    assert (event.kind, event.name, event.get("channel")) == ("event", "Newstate", "PJSIP/1")
    assert (response.kind, response.name) == ("response", "Error")
    assert response.get("MESSAGE") == "No such channel"
    assert response.get("ActionID", "none") == "none"


def test_repeated_headers_are_lists_in_order() -> None:
    codec = AmiCodec(expect_banner=False)
    (message,) = codec.feed(
        b"Event: Status\r\nChanVariable: A=1\r\nchanvariable: B=2: 3\r\nChanVariable: \r\n\r\n"
    )
    assert message.all("ChanVariable") == ["A=1", "B=2: 3", ""]
    assert message.get("ChanVariable") == "A=1"
    assert message.all("Variable") == []


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("last", [b"\r\n", b"\n"])
def test_line_ends_may_be_mixed(line_end: bytes, last: bytes) -> None:
    codec = AmiCodec(expect_banner=False)
    first, second = codec.feed(
        b"Event: A" + line_end + b"X: 1\r\nY: 2" + line_end + last + b"Event: B\n" + last
    )
    assert list(first.pairs()) == [("Event", "A"), ("X", "1"), ("Y", "2")]
    assert (second.name, codec.held_bytes) == ("B", 0)


def test_more_blank_lines_than_needed_are_skipped() -> None:
    codec = AmiCodec(expect_banner=False)
    names = [m.name for m in codec.feed(b"\r\n\r\n\nEvent: A\r\n\r\n\r\n\r\n\nEvent: B\r\n\n\n")]
    assert names == ["A", "B"]


def test_utf8_split_across_reads_stays_whole() -> None:
    data = "Event: X\r\nCallerIDName: 王小明🎧\r\n\r\n".encode()
    for cut in range(len(data)):
        codec = AmiCodec(expect_banner=False)
        messages = codec.feed(data[:cut]) + codec.feed(data[cut:])
        assert [m.get("CallerIDName") for m in messages] == ["王小明🎧"]


def test_broken_utf8_is_replaced_and_harms_nothing_else() -> None:
    codec = AmiCodec(expect_banner=False)
    (message,) = codec.feed(b"Event: X\r\nName: a\xff\xe7\x8e\r\nNext: ok\r\n\r\n")
    assert message.get("Name") == "a\ufffd\ufffd"
    assert message.get("Next") == "ok"


def test_message_torn_by_a_value_is_of_kind_other() -> None:
    codec = AmiCodec(expect_banner=False)
    event, rest = codec.feed(b"Event: VarSet\r\nValue: a\r\n\r\nb\r\nUniqueid: 1\r\n\r\n")
    assert (event.kind, rest.kind, rest.name) == ("event", "other", "")


def test_headers_in_other_order_and_case_still_tell_the_kind() -> None:
    message = AmiMessage(b"ActionID: 7\r\nevent:Newstate")
    assert (message.kind, message.name, message.get("Event")) == ("event", "Newstate", "Newstate")


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"x" * 300,
        b"\n",
        b"Asterisk Call Manager/" + b"9" * 300 + b"\r\n",
    ],
)
def test_no_ami_at_the_other_end(data: bytes) -> None:
    codec = AmiCodec()
    with pytest.raises(RemoteProtocolError, match="check host and port"):
        codec.feed(data)
    with pytest.raises(RemoteProtocolError):
        codec.feed(BANNER)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"Event: " + b"x" * 60, "line"),
        (b"Event: " + b"x" * 60 + b"\r\n\r\n", "line"),
        (b"Event: x\r\n" * 30, "message"),
        (b"Event: x\r\n" * 30 + b"\r\n", "message"),
        (b"A: 1\r\n" * 9 + b"\r\n", "headers"),
    ],
)
def test_limits_end_the_codec(data: bytes, what: str) -> None:
    codec = AmiCodec(max_line=50, max_message_bytes=200, max_headers=8, expect_banner=False)
    with pytest.raises(RemoteProtocolError, match=what):
        codec.feed(data)
    assert codec.held_bytes == 0
    with pytest.raises(RemoteProtocolError):
        codec.feed(b"Event: A\r\n\r\n")


def test_messages_before_a_broken_one_are_not_lost() -> None:
    codec = AmiCodec(max_line=50, expect_banner=False)
    messages = codec.feed(b"Event: A\r\n\r\nEvent: B\r\n\r\n" + b"x" * 60)
    assert [m.name for m in messages] == ["A", "B"]
    assert codec.failure is not None
    with pytest.raises(RemoteProtocolError, match="line"):
        codec.feed(b"")


def test_unescape_c() -> None:
    assert unescape_c("plain 王") == "plain 王"
    assert unescape_c(r"a\nb\r\t\\n\"q\'\?\a\b\f\v") == "a\nb\r\t\\n\"q'?\a\b\f\v"
    assert unescape_c("unknown \\z and last \\") == "unknown \\z and last \\"


def test_encode_action() -> None:
    action = encode_action(
        "Originate", [("ActionID", "1"), ("Variable", "A=1"), ("Variable", "名")]
    )
    expected = "Action: Originate\r\nActionID: 1\r\nVariable: A=1\r\nVariable: 名\r\n\r\n"
    assert action == expected.encode()


@pytest.mark.parametrize("bad", ["a\rb", "a\nAction: Command", "a\0b", "\udc80", "x" * 1_013])
def test_values_that_must_not_be_sent(bad: str) -> None:
    with pytest.raises(LocalProtocolError, match="Variable"):
        encode_action("Ping", [("Variable", bad)])


@pytest.mark.parametrize("bad", ["", "A B", "A:", "A\r\nB", "Größe", "A_B"])
def test_header_names_that_must_not_be_sent(bad: str) -> None:
    with pytest.raises(LocalProtocolError, match="header name"):
        encode_action("Ping", [(bad, "x")])


def test_limits_of_asterisk_are_inclusive() -> None:
    assert len(encode_action("Ping", [("Variable", "x" * 1_012)]).split(b"\r\n")[1]) == 1_022
    encode_action("Ping", [("A", "1")] * 127)
    with pytest.raises(LocalProtocolError, match="128"):
        encode_action("Ping", [("A", "1")] * 128)
    with pytest.raises(LocalProtocolError):
        encode_action("Ping\r\nAction: Command")
