"""The heap of deadlines against the plainest thing that could do the same."""

from hypothesis import given
from hypothesis import strategies as st

from ctid.core.deadlines import Deadlines

A, B, C = ("k", "a"), ("k", "b"), ("k", "c")


def taken(deadlines: Deadlines, now: int) -> list[tuple[str, str]]:
    keys = []
    while (key := deadlines.take(now)) is not None:
        keys.append(key)
    return keys


def test_ties_fire_in_arming_order() -> None:
    deadlines = Deadlines()
    for key in (B, A, C):
        deadlines.arm(key, 5)
    deadlines.arm(B, 5)  # armed again: now last
    assert taken(deadlines, 4) == []
    assert taken(deadlines, 5) == [A, C, B]
    assert deadlines.next() is None


def test_arming_again_moves_and_cancelling_forgets() -> None:
    deadlines = Deadlines()
    deadlines.arm(A, 5)
    deadlines.arm(A, 9)
    deadlines.arm(B, 7)
    assert (deadlines.next(), deadlines.at(A)) == (7, 9)
    deadlines.cancel(B)
    deadlines.cancel(B)
    assert (deadlines.next(), deadlines.at(B)) == (9, None)


def test_the_heap_stays_small() -> None:
    deadlines = Deadlines()
    deadlines.arm(B, 10**9)
    for at in range(10_000):
        deadlines.arm(A, at)
    assert len(deadlines._heap) <= 70
    assert taken(deadlines, 10**9) == [A, B]


steps = st.one_of(
    st.tuples(st.just("arm"), st.sampled_from("abcde"), st.integers(0, 50)),
    st.tuples(st.just("cancel"), st.sampled_from("abcde"), st.just(0)),
    st.tuples(st.just("take"), st.just(""), st.integers(0, 60)),
    st.tuples(st.just("reload"), st.just(""), st.just(0)),
)


@given(st.lists(steps, max_size=80))
def test_like_a_sorted_list(script: list[tuple[str, str, int]]) -> None:
    deadlines, plain = Deadlines(), list[tuple[int, int, str]]()
    for serial, (what, name, at) in enumerate(script):
        match what:
            case "arm":
                deadlines.arm(("k", name), at)
                plain = [x for x in plain if x[2] != name] + [(at, serial, name)]
            case "cancel":
                deadlines.cancel(("k", name))
                plain = [x for x in plain if x[2] != name]
            case "take":
                due = [x for x in sorted(plain) if x[0] <= at]
                plain = [x for x in plain if x[0] > at]
                assert [key[1] for key in taken(deadlines, at)] == [x[2] for x in due]
            case _:
                saved, deadlines = deadlines.dump(), Deadlines()
                for when, key in saved:
                    deadlines.arm(key, when)
        assert deadlines.next() == min((x[0] for x in plain), default=None)
        assert deadlines.dump() == [(x[0], ("k", x[2])) for x in sorted(plain)]


def test_all_kinds_of_one_id_go_at_once() -> None:
    deadlines = Deadlines()
    for kind in ("a", "b", "c"):
        deadlines.arm((kind, "x"), 10)
    deadlines.arm(("a", "y"), 20)
    deadlines.cancel_all(("a", "b", "never"), "x")
    assert deadlines.dump() == [(10, ("c", "x")), (20, ("a", "y"))]
