"""The AGI commands that ctid may send, with the answers that Asterisk gives."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from sim.live import variables
from sim.live.agi_wire import AgiPeer, AgiWire
from sim.live.channels import NORMAL_CLEARING, UP, Channel, Interrupted
from sim.live.keypad import ANY_KEY, Collected, NewCommand, collect, play, wait_for_key

Command = Callable[["Script", Sequence[str]], Awaitable[str]]

_UNKNOWN = "510 Invalid or unknown command\n"
_DEAD = "511 Command Not Permitted on a dead channel or intercept routine\n"


BYTES_A_SECOND, WAV_HEAD = 16_000, 44
"""Of what is recorded: 8000 samples of two bytes."""


class Usage(Exception):
    """The command was given wrong arguments."""


class Script:
    """One conversation: carries out command lines and gives the answers."""

    def __init__(self, channel: Channel, peer: AgiPeer, wire: AgiWire) -> None:
        self.channel, self.peer, self._wire = channel, peer, wire
        self.dead = False
        self.stop: Interrupted | None = None
        """What broke into the conversation, once something did."""

    def check(self) -> None:
        """Raises Interrupted as `Channel.check`, and again what broke a command off before."""
        if self.stop is not None:
            raise self.stop
        self.channel.check()

    def new_command(self) -> bool:
        """Whether the server has sent more, or closed: that ends what is being played."""
        return self._wire.readable

    async def run(self, line: str) -> str:
        """Carry out one line; the answer ends in a line feed, or is '' where there is none."""
        words = split(line)
        for length in (3, 2, 1):
            name = " ".join(words[:length]).upper()
            if name in COMMANDS and len(words) >= length:
                return await self._run(name, words[length:])
        return _UNKNOWN

    async def _run(self, name: str, words: Sequence[str]) -> str:
        command, runs_dead, broken_off = COMMANDS[name]
        if self.dead and not runs_dead:
            return _DEAD
        try:
            return await command(self, words)
        except Usage:
            return (
                "520-Invalid command syntax.  Proper usage follows:\n"
                f"Usage: {name} …\n520 End of proper usage.\n"
            )
        except NewCommand:
            return ""  # Asterisk gives no answer to a command that the next one broke off.
        except Interrupted as stop:
            self.stop = stop
            return f"200 {broken_off}\n"


def split(line: str) -> list[str]:
    """Words of a command line: quotes group, a backslash takes the next character as it is."""
    words: list[str] = []
    quoted = escaped = inside = False
    for c in line:
        if c == '"' and not escaped:
            quoted = not quoted
            if quoted and not inside:
                words.append("")
                inside = True
        elif c in " \t" and not quoted and not escaped:
            inside = False
        elif c == "\\" and not escaped:
            escaped = True
            continue
        else:
            if not inside:
                words.append("")
                inside = True
            words[-1] += c
        escaped = False
    return words


def _word(words: Sequence[str], index: int, default: str | None = None) -> str:
    if index < len(words):
        return words[index]
    if default is None:
        raise Usage
    return default


def _int(text: str) -> int:
    """As C's atoi: what is no number is 0."""
    try:
        return int(text)
    except ValueError:
        return 0


async def _answer(script: Script, words: Sequence[str]) -> str:
    script.channel.exchange.set_state(script.channel, UP)
    return "200 result=0\n"


async def _stream_file(script: Script, words: Sequence[str]) -> str:
    prompt, escape = _word(words, 0), _word(words, 1)
    if prompt in script.peer.missing_prompts:
        return "200 result=-1 endpos=0\n"
    key, samples = await play(script, prompt, escape)
    return f"200 result={ord(key) if key else 0} endpos={samples}\n"


async def _get_data(script: Script, words: Sequence[str]) -> str:
    """One prompt, and one time-out for the first key and each further one; TIMEOUT() has no say."""
    prompt, limit = _word(words, 0), _int(_word(words, 2, "1024"))
    if "&" in prompt or prompt in script.peer.missing_prompts:
        return "200 result=-1\n"  # Lists are Read's and Playback's; here it is one file's name.
    timeout = _int(_word(words, 1, "0")) / 1000
    first, further = (timeout, timeout) if timeout > 0 else (6.0, 2.0)
    if timeout < 0:
        first = further = 1e6
    result = await collect(script, [prompt], limit, first, further, "#")
    mark = " (timeout)" if result.ended == "timeout" else ""
    return f"200 result={result.keys}{mark}\n"


async def _wait_for_digit(script: Script, words: Sequence[str]) -> str:
    timeout = _int(_word(words, 0))
    key = await wait_for_key(script, None if timeout < 0 else timeout / 1000, ANY_KEY)
    return f"200 result={ord(key) if key else 0}\n"


async def _set_variable(script: Script, words: Sequence[str]) -> str:
    variables.assign(script.channel, _word(words, 0), _word(words, 1))
    return "200 result=1\n"


async def _get_variable(script: Script, words: Sequence[str]) -> str:
    value = variables.read(script.channel, _word(words, 0))
    return "200 result=0\n" if value is None else f"200 result=1 ({value})\n"


async def _get_full_variable(script: Script, words: Sequence[str]) -> str:
    """Of expressions only text with variables in it, and STAT() of a file made here."""
    text = re.sub(
        r"\$\{([^{}]*)\}",
        lambda name: variables.read(script.channel, name[1]) or "", _word(words, 0),
    )  # fmt: skip
    return f"200 result=1 ({text})\n"


async def _set_context(script: Script, words: Sequence[str]) -> str:
    return _go(script, context=_word(words, 0))


async def _set_extension(script: Script, words: Sequence[str]) -> str:
    return _go(script, exten=_word(words, 0))


async def _set_priority(script: Script, words: Sequence[str]) -> str:
    return _go(script, priority=_int(_word(words, 0)))


def _go(
    script: Script, context: str | None = None, exten: str | None = None, priority: int = 1
) -> str:
    place = script.channel.place
    script.channel.place = type(place)(
        place.context if context is None else context,
        place.exten if exten is None else exten,
        priority,
    )
    return "200 result=0\n"


async def _channel_status(script: Script, words: Sequence[str]) -> str:
    channel = script.channel
    named = channel.exchange.find(words[0]) if words else channel
    return f"200 result={-1 if named is None else named.state}\n"


async def _hangup(script: Script, words: Sequence[str]) -> str:
    channel = script.channel
    named = channel.exchange.find(words[0]) if words else channel
    if named is None:
        return "200 result=-1\n"
    channel.exchange.hang_up(named, NORMAL_CLEARING, asked=True)
    return "200 result=1\n"


async def _verbose(script: Script, words: Sequence[str]) -> str:
    _word(words, 0)
    return "200 result=1\n"


async def _noop(script: Script, words: Sequence[str]) -> str:
    return "200 result=0\n"


async def _exec(script: Script, words: Sequence[str]) -> str:
    application = APPLICATIONS.get(_word(words, 0).lower())
    if application is None:
        return "200 result=-2\n"
    script.channel.application, script.channel.data = words[0], ",".join(words[1:])
    if application in _ANSWERS:
        await _app_answer(script, ())
    result: int | None = None
    try:
        result = await application(script, script.channel.data.split(","))
    except Interrupted as stop:
        if application not in (_app_read, _app_record):
            raise
        script.stop = stop  # These hide the hangup: the answer is 0 all the same.
    finally:
        script.channel.application = "AGI"
    return f"200 result={result or 0}\n"


async def _app_nothing(script: Script, arguments: Sequence[str]) -> None:
    pass


async def _app_answer(script: Script, arguments: Sequence[str]) -> None:
    script.channel.exchange.set_state(script.channel, UP)


async def _app_set(script: Script, arguments: Sequence[str]) -> None:
    for pair in arguments:
        name, equals, value = pair.partition("=")
        if equals:
            variables.assign(script.channel, name.strip(), value.strip('"'))


async def _app_wait(script: Script, arguments: Sequence[str]) -> None:
    await script.channel.pause(float(arguments[0] or 0))


async def _app_playback(script: Script, arguments: Sequence[str]) -> None:
    status = "SUCCESS"
    for prompt in filter(None, arguments[0].split("&")):
        if prompt in script.peer.missing_prompts:
            status = "FAILED"
            continue
        await play(script, prompt, "", breakable=False)
    script.channel.set("PLAYBACKSTATUS", status)


async def _app_background(script: Script, arguments: Sequence[str]) -> int:
    """Prompts that a key cuts short; the answer is the key."""
    for prompt in filter(None, arguments[0].split("&")):
        if prompt not in script.peer.missing_prompts:
            key, _ = await play(script, prompt, ANY_KEY, breakable=False)
            if key:
                return ord(key)
    return 0


async def _app_read(script: Script, arguments: Sequence[str]) -> None:
    """Read(variable,prompts,max,options,attempts,timeout): here TIMEOUT() does have its say."""
    variable, prompts, most, options, attempts, seconds = [*arguments, *[""] * 6][:6]
    timeout = float(seconds or 0)
    channel = script.channel
    first = timeout or channel.response_timeout
    further = timeout or channel.digit_timeout
    result = Collected("", "timeout")
    for _ in range(max(_int(attempts), 1)):
        result = await collect(
            script, prompts.split("&"), _int(most) or 255, first, further, _terminator(options),
            breakable=False,
        )  # fmt: skip
        if result.keys or result.ended != "timeout":
            break
    channel.set(variable, result.keys)
    channel.set("READSTATUS", "TIMEOUT" if result.ended == "timeout" else "OK")


async def _app_record(script: Script, arguments: Sequence[str]) -> None:
    """Record(file,silence,longest,options): the caller speaks, says nothing more, or presses a key.
    An hour of silence would be none here: nobody says anything behind what they have said."""
    file, silence, longest, options = [*arguments, *[""] * 4][:4]
    channel, peer, loop = script.channel, script.peer, script.channel.exchange.loop
    if peer.full_disk:
        channel.set("RECORD_STATUS", "ERROR")
        return
    await play(script, "beep", "", breakable=False)
    began = loop.time()
    limit, spoken = float(longest or 3600), peer.message_seconds + float(silence or 0)
    ends = "" if "x" in options else "*" if "t" in options else "#"
    key = await channel.pause(min(limit, spoken), ends)
    lasted = loop.time() - began
    status = "DTMF" if key else "TIMEOUT" if lasted >= limit else "SILENCE"
    kept = min(lasted, peer.message_seconds + 1) if status == "SILENCE" else lasted
    channel.set(f"STAT(s,{file})", str(WAV_HEAD + round(kept * BYTES_A_SECOND)))
    channel.set("RECORD_STATUS", status)


def _terminator(options: str) -> str:
    """Option t(c) names the key that ends the input; without it, #."""
    _, found, rest = options.partition("t(")
    return rest.partition(")")[0] if found else "#"


COMMANDS: dict[str, tuple[Command, bool, str]] = {
    "ANSWER": (_answer, False, "result=-1"),
    "STREAM FILE": (_stream_file, False, "result=-1 endpos=0"),
    "GET DATA": (_get_data, False, "result=-1"),
    "WAIT FOR DIGIT": (_wait_for_digit, False, "result=-1"),
    "SET VARIABLE": (_set_variable, True, ""),
    "GET VARIABLE": (_get_variable, True, ""),
    "GET FULL VARIABLE": (_get_full_variable, True, ""),
    "SET CONTEXT": (_set_context, False, ""),
    "SET EXTENSION": (_set_extension, False, ""),
    "SET PRIORITY": (_set_priority, False, ""),
    "CHANNEL STATUS": (_channel_status, False, ""),
    "HANGUP": (_hangup, False, ""),
    "VERBOSE": (_verbose, True, ""),
    "NOOP": (_noop, True, ""),
    "EXEC": (_exec, False, "result=-1"),
}
"""Command, whether it runs on a dead channel, and what it answers when the caller leaves in it."""

APPLICATIONS: dict[str, Callable[[Script, Sequence[str]], Awaitable[int | None]]] = {
    "answer": _app_answer,
    "background": _app_background,
    "noop": _app_nothing,
    "verbose": _app_nothing,
    "set": _app_set,
    "mset": _app_set,
    "wait": _app_wait,
    "playback": _app_playback,
    "read": _app_read,
    "record": _app_record,
}
"""What EXEC knows; in Asterisk that is every loaded application."""

_ANSWERS = (_app_background, _app_playback, _app_read, _app_record)
"""Those that answer the call first where nobody has."""
