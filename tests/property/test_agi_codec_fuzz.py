"""Any chunking gives the same facts; nothing but our errors; memory stays bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ctid.core.errors import LocalProtocolError, RemoteProtocolError
from ctid.pbx.agi.codec import AgiCodec, AgiFact, encode_command
from tests.property.test_ami_codec_fuzz import chunks, cuts

LIMITS = {"max_line": 40, "max_lines": 6, "max_bytes": 120}

environment_pieces = st.one_of(
    st.binary(max_size=10),
    st.sampled_from([b"agi_a: 1\n", b"agi_b: 2\r\n", b"agi_network_script: t/x\n", b"agi_c:\n"]),
    st.sampled_from([b"\n", b"\r\n", b"\r", b"agi_", b": "]),
    st.text(max_size=6).map(lambda text: b"agi_t: " + text.encode("utf-8", "replace") + b"\n"),
)
reply_pieces = st.one_of(
    st.binary(max_size=10),
    st.sampled_from([b"200 result=0\n", b"HANGUP\n", b"520-usage\n", b"520 End\n", b"HANGUP"]),
    st.sampled_from([b"200 result=1 (", b")\n", b"\n", b"\r\n", b" endpos=12", b"100 Trying\n"]),
)


def read(codec: AgiCodec, parts: list[bytes]) -> tuple[list[AgiFact], bool]:
    facts: list[AgiFact] = []
    for part in [*parts, b""]:
        try:
            facts += codec.feed(part)
        except RemoteProtocolError:
            return facts, True
        assert codec.held_bytes <= LIMITS["max_line"] + LIMITS["max_bytes"] + 2
    return facts, False


def in_session() -> AgiCodec:
    codec = AgiCodec(**LIMITS)
    codec.feed(b"agi_network_script: x\n\n")
    codec.command("NOOP")
    return codec


@given(st.lists(environment_pieces, max_size=14).map(b"".join), cuts)
def test_any_chunking_of_a_request_gives_the_same(data: bytes, at: list[int]) -> None:
    assert read(AgiCodec(**LIMITS), chunks(data, at)) == read(AgiCodec(**LIMITS), [data])


@given(st.lists(environment_pieces, max_size=10).map(b"".join), cuts)
def test_any_chunking_of_a_likely_request_gives_the_same(data: bytes, at: list[int]) -> None:
    data = b"agi_network: yes\n" + data + b"\n\nHANGUP\n"
    assert read(AgiCodec(**LIMITS), chunks(data, at)) == read(AgiCodec(**LIMITS), [data])


@given(st.lists(reply_pieces, max_size=20).map(b"".join), cuts)
def test_any_chunking_of_a_reply_gives_the_same(data: bytes, at: list[int]) -> None:
    assert read(in_session(), chunks(data, at)) == read(in_session(), [data])


def unquote(line: str) -> list[str]:
    """How Asterisk takes a line apart: quotes around a word, a backslash before a character."""
    words, word, quoted, escaped, open_word = [], "", False, False, False
    for char in line:
        if escaped:
            word, escaped = word + char, False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted, open_word = not quoted, True
        elif char == " " and not quoted:
            if open_word or word:
                words.append(word)
            word, open_word = "", False
        else:
            word += char
    return [*words, word]


@given(st.lists(st.text(max_size=40), max_size=130))
def test_words_arrive_as_they_were_or_are_refused(words: list[str]) -> None:
    try:
        line = encode_command("EXEC", *words)
    except LocalProtocolError:
        return
    assert line.count(b"\n") == 1
    assert len(line) < 2_048
    assert unquote(line.decode()[:-1]) == ["EXEC", *words]
