"""The fits as plots on one page, in both languages: what was seen beside what was fitted."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np

from ctid.core.instants import HOUR
from sim.calibrate.arrivals import Arrivals, midnight
from sim.calibrate.fit import Candidate, Fit, seen_enough
from sim.calibrate.laws import Array
from sim.calibrate.study import Answering, Measured, Study
from sim.calibrate.tell import CHANCE, parameters, streams
from sim.report.axes import Lasting, Number, Share, TimeOfDay
from sim.report.frame import Section, page
from sim.report.markup import Html, element, join
from sim.report.parts import facts, figure, paragraph, table
from sim.report.plots import LINES, WIDE, Colour, Frame, Line, lines, steps
from sim.report.words import Words, both

SHOWN = 3
"""Laws in a plot."""
BINS = 40
POINTS = 60
WHAT = {
    "patience": Words("Patience", "耐心时长"),
    "talk": Words("Talk", "通话时长"),
    "wrap_up": Words("Wrap-up", "话后处理"),
    "answer": Words("Answer delay", "应答时延"),
}
LAW = {
    "exponential": Words("exponential", "指数分布"),
    "lognormal": Words("lognormal", "对数正态分布"),
    "gamma": Words("gamma", "伽马分布"),
    "weibull": Words("Weibull", "韦布尔分布"),
    "mixture": Words("mixture of two lognormals", "两个对数正态分布的混合"),
}
SEEN = Words("seen", "实测")


def html(study: Study, name: str, language: str = "en") -> str:
    """The whole page; `language` is shown first where the browser asks for neither."""
    sections = []
    for queue, one in streams(study):
        title = _named(Words("Arrivals", "来电"), queue)
        sections.append(Section(f"arrivals-{queue or 'all'}", title, _stream(queue, one)))
    for place, measured in enumerate(study.measured):
        title = _named(WHAT[measured.what], measured.queue)
        sections.append(Section(f"fit-{place}", title, _measured(measured, f"f{place}")))
    if study.answering:
        title = Words("Who answers", "谁在应答")
        sections.append(Section("answering", title, _answering(study.answering)))
    eyebrow = Words("What call records say", "通话记录分析")
    return page(name, language, sections, eyebrow=eyebrow)


def _named(what: Words, queue: str) -> Words:
    return Words(f"{what.en}: {queue}", f"{what.zh}:{queue}") if queue else what


# -- arrivals --


def _stream(queue: str, one: Arrivals) -> Html:
    rates, days = one.per_hour, len(one.days)
    width = 1.96 * np.sqrt(rates * (HOUR / one.interval) / days)
    used = np.flatnonzero(rates)
    low, high = int(used[0]), int(used[-1]) + 1
    begin = midnight(one.days[0], ZoneInfo(one.zone))
    edges = [begin + place * one.interval for place in range(low, high + 1)]
    drawn = Line(
        (), _list(rates[low:high]), "c1", _list(np.maximum(rates - width, 0)[low:high]),
        _list((rates + width)[low:high]),
    )  # fmt: skip
    plot = steps(Frame(f"arrivals-{queue}", TimeOfDay(one.zone), Number(), WIDE), edges, drawn)
    title = Words("Callers an hour", "每小时来电数")
    alt = Words(
        f"Mean of {days} day(s); the band is what chance alone explains, with 95 %.",
        f"{days} 天的平均值;阴影为 95 % 的随机波动范围。",
    )
    return join(figure(f"arrivals-{queue or 'all'}-plot", title, plot, alt), _tests(one))


def _tests(one: Arrivals) -> Html:
    rows: list[tuple[object, object]] = []
    if one.spread is not None:
        name = Words("Variance over mean, from day to day", "各日之间的方差与均值之比")
        rows.append((both(name), _verdict(f"{one.spread.index:.2f}", one.spread.p)))
    if one.spacings is not None:
        name = Words("Spacings within intervals (Brown et al.)", "区间内的到达间隔(Brown 等)")
        rows.append((both(name), _verdict(f"D = {one.spacings.distance:.3f}", one.spacings.p)))
    if not rows:
        return paragraph(both(Words("Too few to test.", "数量太少,无法检验。")))
    return facts(both(Words("Do they come by chance?", "是否为随机到达?")), rows)


def _verdict(value: str, p: float) -> Html:
    good = Words("as Poisson has it", "符合泊松过程")
    bad = Words("not as Poisson has it", "不符合泊松过程")
    return join(f"{value}, p = {p:.3f}: ", both(bad if p < CHANCE else good))


# -- durations --


def _measured(one: Measured, name: str) -> Html:
    found = one.fit
    if found is None:
        return paragraph(both(Words(f"No fit: {one.why}.", f"未拟合:{one.why}。")))
    censored = len(found.data.censored)
    plots = (
        [_survival(found, name)] if censored else [_histogram(found, name), _quantiles(found, name)]
    )
    counts = Words(
        f"{len(found.data.seen)} seen to their end, {censored} cut off.",
        f"完整观测 {len(found.data.seen)} 条,截尾 {censored} 条。",
    )
    return join(
        paragraph(both(counts)),
        element("div", *plots, class_="plots after" if censored else "plots"),
        _laws(found),
    )


def _legend(found: Fit) -> list[tuple[str, Colour, Words]]:
    shown = zip(found.candidates[:SHOWN], LINES, strict=False)
    return [
        ("solid", "soft", SEEN),
        *(("solid", colour, LAW[one.fitted.name]) for one, colour in shown),
    ]


def _histogram(found: Fit, name: str) -> Html:
    seen = found.data.seen
    top = float(np.quantile(seen, 0.99)) or 1.0
    edges = np.linspace(0, top, BINS + 1)
    shares = np.histogram(seen, edges)[0] / len(seen)
    outline = Line(
        _list(np.repeat(edges, 2)[1:-1]), _list(np.repeat(shares, 2)), "soft"
    )  # fmt: skip
    middle = (edges[1:] + edges[:-1]) / 2
    laws = [
        Line(_list(middle), _list(np.diff(one.fitted.law.cdf(edges))), colour)
        for one, colour in zip(found.candidates[:SHOWN], LINES, strict=False)
    ]
    plot = lines(Frame(f"{name}-h", Lasting(), Share(free=True)), outline, *laws)
    title = Words("How long", "时长分布")
    alt = Words(
        "Share of the durations in each of forty stretches, to the longest but 1 %.",
        "各时长区间所占比例(共 40 段,不含最长的 1 %)。",
    )
    return figure(f"{name}-histogram", title, plot, alt, _legend(found))


def _quantiles(found: Fit, name: str) -> Html:
    best, seen = found.best, found.data.seen
    shares = (np.arange(POINTS) + 0.5) / POINTS
    real = np.quantile(seen, shares)
    grid = np.linspace(0, float(seen[-1]) * 2, 20_000)
    fitted = np.interp(shares, best.fitted.law.cdf(grid), grid)
    top = float(max(real[-1], fitted[-1]))
    plot = lines(
        Frame(f"{name}-q", Lasting(), Lasting()),
        Line((0.0, top), (0.0, top), "line", style="dashed"),
        Line(_list(fitted), _list(real), "c1", style="dots"),
    )
    law = LAW[best.fitted.name]
    title = Words("Quantiles: fitted across, seen upward", "分位数:横轴为拟合,纵轴为实测")
    alt = Words(
        f"On the dashed line where the {law.en} law says what was seen.",
        f"落在虚线上表示{law.zh}与实测一致。",
    )
    return figure(f"{name}-quantiles", title, plot, alt)


def _survival(found: Fit, name: str) -> Html:
    curve = seen_enough(found.curve, found.data)
    at = np.concatenate(((0.0,), curve.at))
    left = np.concatenate(((1.0,), 1 - curve.value))
    keep = np.unique(np.linspace(0, len(at) - 1, 400).astype(int))
    stairs = Line(_list(np.repeat(at[keep], 2)[1:]), _list(np.repeat(left[keep], 2)[:-1]), "soft")
    grid = np.linspace(0, float(at[-1]), 200)
    laws = [
        Line(_list(grid), _list(1 - one.fitted.law.cdf(grid)), colour)
        for one, colour in zip(found.candidates[:SHOWN], LINES, strict=False)
    ]
    plot = lines(Frame(f"{name}-s", Lasting(), Share(), WIDE), stairs, *laws)
    title = Words("Who would still be there (Kaplan–Meier)", "仍在继续的比例(Kaplan–Meier)")
    alt = Words(
        "Share that lasts longer, with durations that were cut off counted as what they are.",
        "持续更久者的比例;截尾的观测已按截尾处理。",
    )
    return figure(f"{name}-survival", title, plot, alt, _legend(found))


def _laws(found: Fit) -> Html:
    heads = [
        both(Words("Law", "分布")), both(Words("Parameters", "参数")), "AIC", "BIC",
        "KS", "A²",
    ]  # fmt: skip
    rows = [tuple(_row(one)) for one in found.candidates]
    chosen = LAW[found.best.fitted.name]
    caption = Words(f"Laws, the best first: {chosen.en}", f"各分布,最优在前:{chosen.zh}")
    if found.empirical is not None:
        caption = Words(
            "No law comes near; the scenario takes quantiles of what was seen",
            "没有合适的分布;场景采用实测分位数",
        )
    return table(both(caption), heads, rows, words=2)


def _row(one: Candidate) -> Iterator[object]:
    yield both(LAW[one.fitted.name])
    yield parameters(one)
    yield f"{one.aic:.0f}"
    yield f"{one.bic:.0f}"
    yield f"{one.ks:.3f}"
    yield "" if one.ad != one.ad else f"{one.ad:.2f}"


def _answering(known: tuple[Answering, ...]) -> Html:
    heads = [both(Words("Agent", "坐席")), both(Words("Rings", "振铃次数")),
             both(Words("Not answered", "未应答")), both(Words("Rejected", "拒接"))]  # fmt: skip
    rows = [
        (one.agent or both(Words("all", "全部")), str(one.rings), f"{one.no_answer:.1%}",
         f"{one.reject:.1%}")
        for one in known
    ]  # fmt: skip
    caption = Words("Of the rings that were theirs to answer", "应由坐席应答的振铃")
    return table(both(caption), heads, rows)


def _list(values: Array) -> list[float]:
    return [float(value) for value in values]
