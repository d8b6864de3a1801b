"""The time after a call, as a queue's keys say it."""

from __future__ import annotations

from ctid.acd.wrapup import LIMITED_MODES, MODES, WrapUpRule
from ctid.core.instants import SECOND, Duration
from ctid.settings.table import Table, nearest

CODE = r"(?! )[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,40}(?<! )"
"""People read it as it stands, so it may be in the site's languages."""


def read_wrap_up(table: Table) -> tuple[Duration, WrapUpRule]:
    """How long a limited wrap-up of this queue lasts, and its rule."""
    lasts = table.seconds("wrap_up_s", 10 * SECOND, zero=True)
    mode = table.text("wrap_up", "timed", empty=False)
    rule = WrapUpRule(
        mode=next((known for known in MODES if known == mode), "timed"),
        extend=table.seconds("wrap_up_extend_s", 0, zero=True),
        most=table.seconds("wrap_up_max_s", 0, zero=True),
        codes=table.texts("dispositions", (), pattern=CODE, form="1 to 40 characters in one line"),
    )
    if mode not in MODES:
        table.wrong("wrap_up", f"there is no mode {mode!r}; {nearest(mode, MODES)}")
    else:
        _check(table, lasts, rule)
    if len(set(rule.codes)) < len(rule.codes):
        table.wrong("dispositions", "names a code twice; name it once")
    return lasts, rule


def _check(table: Table, lasts: Duration, rule: WrapUpRule) -> None:
    """Keys that contradict each other."""
    mode, limited = rule.mode, rule.mode in LIMITED_MODES
    useless = [] if limited else ["wrap_up_s", "wrap_up_extend_s"]
    for key in useless + (["wrap_up_max_s"] if mode == "none" else []):
        if key in table.raw:
            table.wrong(key, f'is of no use with wrap_up = "{mode}"; take it out')
    if limited and rule.extend and not rule.most:
        table.wrong("wrap_up_max_s", "must be there with wrap_up_extend_s; say where it ends")
    if limited and rule.most and lasts > rule.most:
        table.wrong("wrap_up_max_s", "is less than wrap_up_s; make it longer")
    if mode == "disposition" and not rule.most:
        table.wrong("wrap_up_max_s", f'must be there with wrap_up = "{mode}"; say where it ends')
    if mode == "disposition" and not rule.codes:
        table.wrong("dispositions", f'is empty with wrap_up = "{mode}"; name the codes')
