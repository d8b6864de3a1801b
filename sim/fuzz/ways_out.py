"""Sites whose menus lead out to more than queues, record callers, and look them up by a step."""

from __future__ import annotations

from random import Random

from msgspec.structs import replace

from ctid.centre.settings import CentreSettings
from ctid.core.instants import SECOND
from ctid.ivr.flow import (
    AnyStep,
    CallBack,
    Language,
    LookUp,
    Menu,
    Play,
    Record,
    Transfer,
    Voicemail,
)

ENDS = ("message", "away", "back", "service")


def with_ways_out(small: CentreSettings, random: Random) -> CentreSettings:
    """Every other site: who presses nothing, and who wants English, is led out of the menu."""
    if random.random() < 0.5:
        return small
    main = small.flows["main"]
    welcome, menu, english = main.steps["welcome"], main.steps["menu"], main.steps["english"]
    assert isinstance(welcome, Play), "steps of the small site"
    assert isinstance(menu, Menu), "as above"
    assert isinstance(english, Language), "as above"
    steps: dict[str, AnyStep] = {
        **main.steps,
        "welcome": replace(welcome, next="who"),
        "who": LookUp("menu", "menu", "menu", many="name", language=True),
        "menu": replace(menu, on_fail=random.choice(ENDS)),
        "english": replace(english, next="name"),
        "name": Record(
            "welcome", next=random.choice(ENDS), on_fail="service", max=20 * SECOND,
            confirm=random.choice(("", "which")), tries=random.randint(1, 3),
        ),
        "message": Voicemail("sales"),
        "away": Transfer("branch", "sales", on_fail=random.choice(("", "service", "message"))),
        "back": CallBack("service", "service", number=random.choice(("", "{caller}", "{code}"))),
    }  # fmt: skip
    # A step that nothing leads to is refused in files; here it does no harm.
    return replace(small, flows={**small.flows, "main": replace(main, steps=steps)})
