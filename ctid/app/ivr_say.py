"""What `ctid ivr try` prints and asks for."""

from __future__ import annotations

from collections.abc import Sequence

from ctid.app.ivr_try import Story, Turn, keys_problem
from ctid.ivr.actions import Ask

COLUMN = 22
"""Characters for the name of a step."""
_ENDED = {"full": "", "terminator": ", ended by its last key", "timeout": ", then silence"}
_CRM = {"found": "the CRM knows it", "none": "the CRM does not know it"}
_PIN = {
    "right": "is right", "wrong": "is wrong", "unset": "the customer has none",
    "locked": "none is taken of this caller",
}  # fmt: skip


class Terminal:
    """One walk, as it happens. Keys come from a list, or from whoever sits there."""

    def __init__(self, keys: Sequence[str] | None, *, silent: bool = False) -> None:
        """`keys` of None: ask. `silent`: print nothing."""
        self._left = None if keys is None else list(keys)
        self._silent = silent

    def tell(self, turn: Turn) -> None:
        """Print a turn; a question comes twice, before the keys and with them."""
        if self._silent:
            return
        match turn.does:
            case "says":
                self._spoken(turn, "says")
            case "fails":
                _line(turn.step, "says", f"nothing: {turn.status}")
            case "asks" if not turn.ended:
                self._spoken(turn, "asks")
            case "asks" if turn.said:
                deaf = "nobody listens here" if turn.ended == "timeout" else "not understood"
                _line("", "says", turn.said if turn.understood else f"{turn.said}; {deaf}")
            case "asks" if self._left is None and not turn.lost and turn.keys:
                pass  # the caller has just typed it
            case "asks":
                keys = turn.keys or ("silence" if turn.ended == "timeout" else "#")
                told = _ENDED[turn.ended] if turn.keys else ""
                lost = f"; {turn.lost} came too late and is lost" if turn.lost else ""
                _line("", "keys", f"{keys}{told}{lost}")
            case "records":
                self._spoken(turn, "says")
                _line("", "tone", f"the caller speaks for {turn.status}")
            case "checks":
                _line("", "code", f"{turn.code}: {_CRM.get(turn.status, 'the CRM is silent')}")
            case "proves":
                _line("", "PIN", f"of {turn.code}: {_PIN.get(turn.status, 'the CRM is silent')}")
            case "requests":
                self._spoken(turn, "says")
                _line(turn.step, "asks", turn.question)
                values = [f"{name}={value}" for name, value in turn.values.items()]
                _line("", "told", " ".join((turn.status, *values)))

    def keyed(self, ask: Ask) -> str | None:
        """The next input, see `Keyed`."""
        if self._left is not None:
            return self._left.pop(0) if self._left else ""
        most = "one key" if ask.max_digits == 1 else f"up to {ask.max_digits} keys"
        while True:
            try:
                typed = input(f"{'':{COLUMN}}  press {most} (empty: silence, h: hang up): ").strip()
            except EOFError:
                print()
                return None
            if typed == "h":
                return None
            if not (problem := keys_problem(typed)):
                return typed
            _line("", "", problem)

    def end(self, story: Story) -> None:
        """Path and outcome."""
        print()
        _line("path", "", " ".join(story.path))
        outcome = {
            "queue": f"the queue {story.queue}",
            "end": "the flow ends the call",
            "returns": "the flow goes back to the one that called it",
            "hung up": "the caller hangs up",
            "voicemail": f"a message for the queue {story.queue}",
            "transfer": "talks to somebody outside",
            "callback": f"the agents of the queue {story.queue} will call back",
            "lost": "a step is not there; the caller goes to the fallback queue",
        }[story.outcome]
        _line("outcome", "", outcome)
        if story.served:
            _line("served by", "", ", ".join(story.served))
        _line("language", "", story.language)
        if story.code:
            _line("code", "", f"{story.code} ({story.code_status})")
        _line("identity", "", story.identity)
        for answer in story.answers:
            _line("answer", "", f"{answer.question}: {answer.value}")
        for name, value in story.variables.items():
            _line(name, "", value)
        for name, value in story.handed.items():
            _line("returns", "", f"{name}={value}")

    def _spoken(self, turn: Turn, does: str) -> None:
        if turn.spoken:
            _line(turn.step, does, " ".join(spoken.text for spoken in turn.spoken))


def _line(first: str, does: str, text: str) -> None:
    print(f"{first:{COLUMN}}  {does:4}  {text}".rstrip() if does else f"{first:10}  {text}")
