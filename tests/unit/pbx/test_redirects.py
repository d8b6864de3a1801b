"""A Redirect that comes too early is asked for again, while it is still the last one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ctid.pbx.redirects import MOST_TRIES, Redirects

EARLY = "Redirect failed, channel not up."


class Link:
    """What was sent, and what waits for its moment."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.waiting: list[Callable[[], None]] = []
        self.redirects = Redirects(self._post, lambda seconds, call: self.waiting.append(call))

    def _post(self, name: str, headers: list[tuple[str, str]]) -> str:
        assert name == "Redirect"
        self.sent.append(dict(headers)["Exten"])
        return f"a{len(self.sent)}"

    def ask(self, exten: str, channel: str = "c1") -> str:
        self.redirects.ask([("Channel", channel), ("Exten", exten)])
        return f"a{len(self.sent)}"

    def refused(self, action: str, message: str = EARLY) -> None:
        self.redirects.answered(action, ok=False, message=message)

    def wait(self) -> None:
        waiting, self.waiting = self.waiting, []
        for call in waiting:
            call()


def test_one_that_came_too_early_is_asked_for_again_until_it_is_taken() -> None:
    link = Link()
    link.refused(link.ask("away"))
    link.wait()
    link.refused("a2", "Redirect failed, extra channel not up.")
    link.wait()
    link.redirects.answered("a3", ok=True, message="")
    assert link.sent == ["away"] * 3
    assert link.waiting == []


def test_a_newer_one_for_the_same_channel_takes_its_place() -> None:
    link = Link()
    first = link.ask("away")
    link.ask("caller")
    link.refused(link.ask("away", "c2"))
    link.refused(first)
    link.wait()
    assert link.sent == ["away", "caller", "away", "away"], "only that of c2 once more"


@pytest.mark.parametrize("message", ["Channel does not exist: c1", "Permission denied"])
def test_other_refusals_stand(message: str) -> None:
    link = Link()
    link.refused(link.ask("away"), message)
    assert link.waiting == []


def test_not_for_ever() -> None:
    link = Link()
    link.ask("away")
    for n in range(1, MOST_TRIES + 5):
        link.refused(f"a{n}")
        link.wait()
    assert len(link.sent) == MOST_TRIES


def test_nothing_is_sent_on_another_link() -> None:
    link = Link()
    link.refused(link.ask("away"))
    link.redirects.forget()
    link.wait()
    assert link.sent == ["away"]


def test_answers_to_other_actions_are_none_of_it() -> None:
    link = Link()
    link.refused("of somebody else")
    assert link.waiting == []
