"""Callbacks in the settings: what is read, and every mistake with its path and what to do."""

from typing import Any

from ctid.acd.callback import CallbackRules
from ctid.acd.overflow import Rule, ToCallback
from tests.unit.test_settings import changed, problems, read


def of_support(**keys: Any) -> dict[str, Any]:
    """The shipped file with these callbacks in the queue `support`."""
    return changed("queues.1.callback", keys)


def test_the_defaults_and_every_key() -> None:
    assert read().centre.acd.queues[1].callback == CallbackRules()
    main = of_support(
        attempts=5,
        retry_after_s=90,
        ring_for_s=20,
        keep_s=3600,
        hours="office",
        regions=["CN", "HK"],
    )
    assert read(main).centre.acd.queues[1].callback == CallbackRules(
        5, 90_000, 20_000, 3_600_000, "office", ("CN", "HK")
    )


def test_every_mistake_is_named() -> None:
    bad = of_support(attempts=0, retry_after_s=-1, ring_for_s=0.5, hours="offce", every_s=1)
    found = "\n".join(problems(bad))
    at = "queues[2].callback"
    assert f"{at}.attempts: 0 is out of range; use 1 to 20" in found
    assert f"{at}.retry_after_s: -1 is out of range" in found
    assert f"{at}.ring_for_s: is too short for a phone to ring; use at least 1 second" in found
    assert f"{at}.every_s: unknown key" in found
    assert f"{at}.hours: there are no opening hours 'offce'; did you mean \"office\"?" in found


def test_an_overflow_rule_may_lead_to_one() -> None:
    rules = [
        {"to": "callback", "key": "1"},
        {"to": "callback", "waited_s": 60, "prompts": ["voicemail"]},
        {"to": "hang_up", "waited_s": 60},
    ]
    found = read(changed("queues.1.overflow", rules)).centre.acd.queues[1].overflow.rules
    assert found[0] == Rule(ToCallback(("callback-offer",)), "key", key="1")
    assert found[1].to == ToCallback(("voicemail",))
    assert len(found) == 3, "who does not want it, or cannot have it, goes on to the next rule"


def test_a_prompt_that_nobody_has() -> None:
    rules = [{"to": "callback", "key": "1", "prompts": ["ofer"]}]
    [found] = problems(changed("queues.1.overflow", rules))
    assert "queues[2].overflow[1].prompts: no flow has the prompt 'ofer'" in found
