"""What a replay found, as a page in both languages."""

from __future__ import annotations

from sim.report.axes import Number, Rows, Share, TimeOfDay
from sim.report.comparison import VERDICT_COLOURS
from sim.report.frame import Section, page
from sim.report.markup import Html, element, join
from sim.report.numbers import clock, percent, signed, told
from sim.report.parts import figure, paragraph, table
from sim.report.plots import WIDE, Colour, Frame, Line, Span, spans, steps
from sim.report.words import Words, both, listed
from sim.run.comparing import REAL, Difference, Verdict, shown
from sim.whatif import tell
from sim.whatif.play import INTERVAL, End
from sim.whatif.study import JUDGED, WhatIf
from sim.whatif.tell import name_of

VERDICTS: dict[Verdict, Words] = {
    "better": Words("better", "更好"),
    "worse": Words("worse", "更差"),
    "higher": Words("higher", "更高"),
    "lower": Words("lower", "更低"),
    "same": Words("the same", "无差别"),
    "unclear": Words("not clear yet", "尚不明确"),
    "none": Words("–", "–"),
}
OUTCOMES = {
    "answered": Words("answered", "已接听"),
    "abandoned": Words("gave up", "放弃"),
    "ivr_hangup": Words("left the menu", "菜单中挂断"),
    "ivr_ended": Words("ended by the menu", "菜单内结束"),
    "turned_away": Words("turned away", "被拒接"),
    "voicemail": Words("voicemail", "留言"),
    "overflowed": Words("sent outside", "转外线"),
    "message": Words("heard a message", "播放通知"),
    "callback": Words("callback", "预约回拨"),
    "pbx_restart": Words("PBX restart", "PBX 重启"),
}


def html(found: WhatIf, language: str = "en") -> str:
    """The whole page; `language` is shown first where the browser asks for neither."""
    sections = [
        Section("short", Words("In short", "概要"), _short(found)),
        Section("trust", Words("Can it be believed?", "结果可信吗?"), _trust(found)),
        Section("differences", Words("What would be different", "会有哪些不同"), _table(found)),
        Section("day", Words("Over the day", "全天走势"), _day(found)),
        Section("callers", Words("Whom it changes most", "受影响最大的来电者"), _callers(found)),
    ]
    if found.told:
        items = (element("li", both(Words(note.en, note.zh))) for note in found.told)
        notes = element("ul", *items)
        sections.append(Section("notes", Words("What to know", "须知"), notes))
    eyebrow = Words("A recorded day through other settings", "用其他设置重演一天")
    return page(f"{found.config} · {', '.join(found.journals[:3])}", language, sections,
                eyebrow=eyebrow)  # fmt: skip


def _short(found: WhatIf) -> Html:
    said = [both(_faith(found))]
    for verdict in REAL:
        if names := _names(found, verdict):
            word = VERDICTS[verdict]
            said.append(
                both(
                    Words(
                        f"With the new settings {word.en}: {names.en}.",
                        f"新设置下{word.zh}:{names.zh}。",
                    )
                )
            )
    if unclear := _names(found, "unclear"):
        said.append(
            both(
                Words(
                    f"More replications would tell about: {unclear.en}.",
                    f"增加重演次数方可判断:{unclear.zh}。",
                )
            )
        )
    outcome, agent = percent(found.outcome_changed), percent(found.agent_changed)
    said.append(
        both(
            Words(
                f"{outcome} of the callers end otherwise; of those who are answered either way,"
                f" {agent} talk to another agent.",
                f"{outcome} 的来电者结局不同;两种设置下都被接听的来电者中,{agent}"
                " 由另一位坐席接听。",
            )
        )
    )
    return join(*(paragraph(one) for one in said))


def _names(found: WhatIf, verdict: Verdict) -> Words | None:
    """The figures of which that is said."""
    names = [name_of(one.name) for one in shown(found.differences) if one.verdict == verdict]
    return listed(names) if names else None


def _faith(found: WhatIf) -> Words:
    same = percent(found.same_outcome)
    if found.faithful:
        return Words(
            f"Under its own settings the model shows the day as it was: {same} of the callers fare"
            " in it as they did.",
            f"在原设置下,模型与当日实况相符:{same} 的来电者结局相同。",
        )
    off = listed([name_of(j.name) for j in found.judged if j.name in JUDGED and not j.within])
    return Words(
        f"Under its own settings the model does not show the day as it was"
        f" ({off.en}): do not believe what follows.",
        f"在原设置下,模型与当日实况不符({off.zh}):请勿采信以下结果。",
    )


def _trust(found: WhatIf) -> Html:
    heads = [both(Words(*pair)) for pair in (
        ("Figure", "指标"), ("Recorded", "实况"), ("Model, same settings", "模型(原设置)"),
        ("Where one more such day would lie", "再来一天会落在"), ("Within", "相符"),
    )]  # fmt: skip
    rows = [
        (
            both(name_of(one.name)), told(one.unit, one.recorded), told(one.unit, one.model),
            f"{told(one.unit, one.low)} – {told(one.unit, one.high)}",
            both(Words("yes", "是") if one.within else Words("no", "否")),
        )
        for one in found.judged
        if one.recorded or one.model
    ]  # fmt: skip
    caption = Words(
        f"The day as it was beside {found.replications} playings of it, 99 % intervals",
        f"当日实况与 {found.replications} 次重演,99 % 区间",
    )
    return table(both(caption), heads, rows)


def _table(found: WhatIf) -> Html:
    heads = [both(Words(*pair)) for pair in (
        ("Figure", "指标"), ("Old settings", "原设置"), ("New settings", "新设置"),
        ("Difference", "差值"), ("New is", "新设置"),
    )]  # fmt: skip
    rows = [tuple(_row(one)) for one in shown(found.differences)]
    caption = Words("Both in the model, with the same people", "均为模型结果,来电者与坐席相同")
    plot = element("div", _spans(found), class_="plots after")
    return join(table(both(caption), heads, rows), plot)


def _row(one: Difference) -> list[object]:
    gap = join(
        signed(one.unit, one.value),
        element("small", f"{signed(one.unit, one.low)} … {signed(one.unit, one.high)}"),
    )
    return [
        both(name_of(one.name)), told(one.unit, one.first.value), told(one.unit, one.second.value),
        gap, both(VERDICTS[one.verdict]),
    ]  # fmt: skip


def _spans(found: WhatIf) -> Html:
    """Shares only: they have an axis in common."""
    drawn = [one for one in shown(found.differences) if one.unit == "share" and one.low is not None]
    if not drawn:
        return join()
    plot = spans(
        Frame(
            "differences", Number(free=True, unit=" pp"), Rows(len(drawn)),
            (WIDE[0], 0.5 + 0.26 * len(drawn)),
        ),
        *(
            Span(100 * (d.value or 0), 100 * (d.low or 0), 100 * (d.high or 0),
                 VERDICT_COLOURS.get(d.verdict, "soft"))
            for d in drawn
        ),
    )  # fmt: skip
    names = [name_of(one.name) for one in drawn]
    alt = Words(
        "The point is the mean difference, the line where it lies with certainty of 95 % or what"
        " --level says.",
        "圆点为平均差值,横线为其置信区间(默认 95 %,见 --level)。",
    )
    title = Words("New minus old, in percentage points", "新减旧(百分点)")
    return figure("differences-plot", title, plot, alt, rows=names)


def _day(found: WhatIf) -> Html:
    count = max((len(values) for values in found.over_day.values()), default=0)
    edges = [found.begins + place * INTERVAL for place in range(count + 1)]
    legend: list[tuple[str, Colour, Words]] = [
        ("dashed", "soft", Words("recorded", "实况")),
        ("solid", "c1", Words("model, old settings", "模型(原设置)")),
        ("solid", "c2", Words("model, new settings", "模型(新设置)")),
    ]
    lines = [
        Line((), found.over_day["recorded"], "soft", style="dashed"),
        Line((), found.over_day["before"], "c1"),
        Line((), found.over_day["after"], "c2"),
    ]
    plot = steps(Frame("day", TimeOfDay(found.timezone), Share(), WIDE), edges, *lines)
    title = Words("Service level by the half hour", "每半小时服务水平")
    alt = Words(
        "The dashed line is what was recorded; it should lie along the model's with the old"
        " settings.",
        "虚线为实况,应与原设置下的模型曲线相近。",
    )
    return figure("day-plot", title, plot, alt, legend)


def _callers(found: WhatIf) -> Html:
    if not found.changes:
        return paragraph(both(Words("Nobody fares otherwise.", "没有来电者受到影响。")))
    heads = [both(Words(*pair)) for pair in (
        ("Caller", "来电"), ("Came", "到达"), ("Queue", "队列"), ("That day", "当日"),
        ("Answered, old → new", "接通率,旧 → 新"), ("Mean wait, old → new", "平均等待,旧 → 新"),
        ("Agent, old → new", "坐席,旧 → 新"),
    )]  # fmt: skip
    rows = [
        (
            one.call, tell.clock(one.at, found.timezone), one.queue, _recorded(one.recorded),
            f"{one.answered_before:.0%} → {one.answered_after:.0%}",
            f"{clock(one.wait_before)} → {clock(one.wait_after)}",
            f"{one.agent_before or '–'} → {one.agent_after or '–'}",
        )
        for one in found.changes
    ]  # fmt: skip
    caption = Words("Shares and means are over the replications", "比例与平均值取自各次重演")
    return table(both(caption), heads, rows, words=4)


def _recorded(end: End) -> Html:
    word = OUTCOMES.get(end.outcome, Words(end.outcome, end.outcome))
    return join(both(word), f" ({end.agent})" if end.outcome == "answered" else "")
