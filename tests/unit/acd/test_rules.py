"""Routing rules: the first that matches, and those that never can."""

from __future__ import annotations

from ctid.acd.rules import CallerFacts, Rule, first, matches, never

VIP = CallerFacts("sales", "zh-CN", "CN", known=True, grade="A", vip=True)
STRANGER = CallerFacts("sales", "en", "DE")


def test_no_condition_matches_everybody() -> None:
    assert matches(Rule("all"), VIP)
    assert matches(Rule("all"), STRANGER)


def test_every_condition_must_hold() -> None:
    rule = Rule("r", queues=("sales", "support"), grades=("A", "B"), regions=("CN",), vip=True)
    assert matches(rule, VIP)
    assert not matches(rule, CallerFacts("other", "zh-CN", "CN", True, "A", True))
    assert not matches(rule, STRANGER)
    assert not matches(Rule("r", complaint=True), VIP)
    assert matches(Rule("r", known=False, languages=("en",)), STRANGER)


def test_the_first_match_counts() -> None:
    rules = (Rule("known", known=True), Rule("vip", vip=True), Rule("all"))
    assert [getattr(first(rules, f), "id", None) for f in (VIP, STRANGER)] == ["known", "all"]
    assert first((), VIP) is None


def test_a_rule_behind_a_wider_one_is_found() -> None:
    rules = (
        Rule("a", queues=("sales", "support"), vip=True),
        Rule("b", queues=("sales",), vip=True, grades=("A",)),
        Rule("c", queues=("sales", "other"), vip=True),
        Rule("d", vip=False),
    )
    assert never(rules) == [(1, "the rule 'a' before it takes all its callers")]


def test_what_only_the_known_have_implies_known() -> None:
    assert [n for n, _ in never((Rule("a", known=True), Rule("b", grades=("A",))))] == [1]
    assert [n for n, _ in never((Rule("a", vip=False), Rule("b", known=False)))] == [1]


def test_conditions_that_exclude_each_other() -> None:
    ((n, why),) = never((Rule("a", known=False, vip=True),))
    assert (n, "not known" in why) == (0, True)


def test_worth_hours_and_the_wait_to_be_expected() -> None:
    rich = CallerFacts(
        "sales", known=True, segment="business", order_value=5_000, open_hours=("office", "late"),
        expected=90_000,
    )  # fmt: skip
    assert matches(Rule("r", segments=("business",), order_value=5_000), rich)
    assert matches(Rule("r", during=("night", "late"), expected=90_000), rich)
    for rule in (
        Rule("r", segments=("private",)),
        Rule("r", order_value=5_001),
        Rule("r", during=("night",)),
        Rule("r", expected=90_001),
    ):
        assert not matches(rule, rich), rule
    assert not matches(Rule("r", order_value=0), STRANGER), "nobody knows what a stranger orders"
    assert not matches(Rule("r", expected=1), STRANGER), "a wait that nobody can tell"


def test_wider_worth_hours_and_waits_cover_narrower_ones() -> None:
    for wide, narrow in (
        (Rule("a", order_value=100), Rule("b", order_value=200)),
        (Rule("a", during=("office", "late")), Rule("b", during=("late",))),
        (Rule("a", expected=60), Rule("b", expected=90)),
        (Rule("a", segments=("x", "y")), Rule("b", segments=("y",))),
        (Rule("a", known=True), Rule("b", order_value=0)),
    ):
        assert [n for n, _ in never((wide, narrow))] == [1], (wide, narrow)
        if wide.known is None:
            assert never((narrow, wide)) == []
    assert [n for n, _ in never((Rule("a", known=False, segments=("x",)),))] == [0]
