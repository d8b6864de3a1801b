"""Any chunking gives the same messages; nothing but our errors; memory stays bounded."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ctid.core.errors import LocalProtocolError, RemoteProtocolError
from ctid.pbx.ami.codec import AmiCodec, AmiMessage, encode_action, unescape_c

LIMITS = {"max_line": 40, "max_message_bytes": 120, "max_headers": 6}

pieces = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b"\n\r\n", b": ", b":"]),
    st.sampled_from([b"Event: A\r\n", b"Response: Error\n", b"event:B\r\n", b"ActionID: 1\r\n"]),
    st.text(max_size=6).map(lambda text: b"Name: " + text.encode("utf-8", "replace") + b"\r\n"),
)
streams = st.lists(pieces, max_size=30).map(b"".join)
banners = st.sampled_from([b"", b"Asterisk Call Manager/9.0.0\r\n", b"Asterisk Call Manager/2\n"])
cuts = st.lists(st.integers(0, 400), max_size=12)


def chunks(data: bytes, at: list[int]) -> list[bytes]:
    marks = [0, *sorted(min(mark, len(data)) for mark in at), len(data)]
    return [data[a:b] for a, b in pairwise(marks)]


def read(codec: AmiCodec, parts: list[bytes]) -> tuple[list[AmiMessage], bool]:
    messages: list[AmiMessage] = []
    for part in [*parts, b""]:
        try:
            messages += codec.feed(part)
        except RemoteProtocolError:
            return messages, True
        assert codec.held_bytes <= LIMITS["max_message_bytes"] + 2 + 256
    return messages, False


@given(banners, streams, cuts)
def test_any_chunking_gives_the_same_messages(banner: bytes, data: bytes, at: list[int]) -> None:
    whole = read(AmiCodec(**LIMITS), [banner + data])
    assert read(AmiCodec(**LIMITS), chunks(banner + data, at)) == whole


@given(streams)
def test_byte_by_byte_gives_the_same_messages(data: bytes) -> None:
    whole = read(AmiCodec(**LIMITS, expect_banner=False), [data])
    parts = [data[i : i + 1] for i in range(len(data))]
    assert read(AmiCodec(**LIMITS, expect_banner=False), parts) == whole


@given(st.binary(max_size=200))
def test_any_message_can_be_asked_anything(raw: bytes) -> None:
    message = AmiMessage(raw)
    assert message.kind in ("event", "response", "other")
    assert isinstance(message.name, str)
    assert repr(message)
    for name, value in message.pairs():
        assert value in message.all(name)
        unescape_c(value)
        assert message.get(name, "\0absent") != "\0absent"


values = st.text(max_size=1_100)
names = st.one_of(st.from_regex(r"[A-Za-z0-9-]{1,12}", fullmatch=True), st.text(max_size=5))


@given(names, st.lists(st.tuples(names, values), max_size=130))
def test_what_we_send_reads_back_or_is_refused(name: str, headers: list[tuple[str, str]]) -> None:
    try:
        data = encode_action(name, headers)
    except LocalProtocolError:
        return
    (message,) = AmiCodec(expect_banner=False).feed(data)
    assert list(message.pairs()) == [("Action", name), *headers]
    assert max(map(len, data.split(b"\r\n"))) <= 1_022
