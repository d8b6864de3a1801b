"""Keys mean in `ctid ivr try` what they mean in a call: the PBX's side of ctid is asked too."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ctid.app.ivr_try import entered
from ctid.core.commands import Collect
from ctid.core.events import DigitsCollected
from ctid.ivr.actions import Ask
from tests.integration.pretend_world import virtual
from tests.unit.pbx.test_conversation import END, talk


@settings(deadline=None, max_examples=30, derandomize=True)
@given(
    st.text("0159*#", max_size=8),
    st.integers(1, 6),
    st.sampled_from(("", "#", "*")),
    st.booleans(),
)
def test_the_same_keys_give_the_same_input(
    keys: str, most: int, terminator: str, secret: bool
) -> None:
    digits, ended, _ = entered(keys, Ask(("p",), most, terminator, 5000, 2000, 0, secret))

    @virtual
    async def story() -> None:
        command = Collect("c", ("p",), "en", most, terminator, 5000, 2000, 0, secret)
        async with talk(command, END, keys=(keys,)) as made:
            await made.over.wait()
            assert made.facts == [DigitsCollected("c", digits, ended)]

    story()
