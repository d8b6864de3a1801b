"""What one step of load came to: latencies, lag, errors, CPU, and whether it held the limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sim.load.ramp import Verdict

TELLING = 20
"""Fewer values than this tell nothing about a percentile: no limit is held against them."""


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds; the percentiles are nearest-rank."""

    count: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    max: float = 0.0


def latency(seconds: Sequence[float]) -> Latency:
    """Of values in seconds."""
    if not seconds:
        return Latency()
    ms = [round(value * 1e3, 3) for value in sorted(seconds)]
    p50, p95, p99 = (percentile(ms, percent) for percent in (50, 95, 99))
    return Latency(len(ms), p50, p95, p99, ms[-1])


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile. Raises ValueError where there is no value."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(-(-percent * len(ordered) // 100), 1) - 1]


class Errors(msgspec.Struct, frozen=True):
    """Counts. Any that is not 0 fails the step, but `refused`."""

    lost: int = 0
    """Callers whom ctid did not place (FastAGI silent or late), or whose call does not end."""
    unheard: int = 0
    """FastAGI connections that nobody took."""
    unlinked: int = 0
    """Times that the AMI link was lost."""
    pages: int = 0
    """Agents' pages that ctid closed."""
    defects: int = 0
    """Facts that ctid's machine could not take (its own metric)."""
    refused: int = 0
    """AMI actions answered with Error. Hanging up who has just left is one: it fails nothing."""

    @property
    def all(self) -> int:
        return self.lost + self.unheard + self.unlinked + self.pages + self.defects


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of load."""

    rate: float
    """Calls a second that were asked for."""
    seconds: float
    """How long callers came."""
    calls: int
    ended: int
    """Of these, over when the stretch was: after ten seconds more everybody hangs up."""
    answered: int
    most_waiting: int
    """In the PBX's queues at once, for whom no phone was ordered to ring."""
    join_to_ring: Latency
    """A caller joins a queue while an agent is available -> ctid orders a phone to ring."""
    agi: Latency
    """FastAGI: our answer -> ctid's next command."""
    key_to_prompt: Latency
    """The last key of an entry -> the next prompt begins."""
    ring_to_pop: Latency
    """ctid orders the ring -> the agent's page has acknowledged the card."""
    event_lag: Latency
    """The PBX tells of a bridge -> the agent's page says that they are on a call."""
    errors: Errors
    ctid_cpu: float | None = None
    """Share of one core, from ctid's own metrics; None where they do not tell it."""
    ctid_memory: float | None = None
    """Megabytes."""
    ctid_loop_lag: float | None = None
    """The worst that ctid's own metric said, ms."""
    generator_cpu: float
    """Share of one core that this program took."""
    generator_lag: Latency
    """How late this program's own timers were."""
    others_cpu: float | None = None
    """Cores that other programs of this machine took; None where the system does not tell."""
    cores: int = 1
    """Of this machine."""
    verdict: Verdict = "good"
    broken: tuple[str, ...] = ()
    """Limits that were exceeded."""


class Limits(msgspec.Struct, frozen=True):
    """What a step must hold; times in ms."""

    join_to_ring_p95: float = 50.0
    agi_p95: float = 50.0
    key_to_prompt_p95: float = 200.0
    ring_to_pop_p95: float = 100.0
    event_lag_p95: float = 100.0
    waiting_seconds: float = 1.0
    """How many seconds' callers may wait at once in a ramp, where there are agents enough."""
    generator_lag_p95: float = 20.0
    """Beyond it, or beyond `generator_cpu`, a step that fails tells nothing about ctid."""
    generator_cpu: float = 0.9
    others_cpu: float = 0.25
    """Share of the machine that other programs may take; beyond it the same holds."""


def judge(step: Step, limits: Limits, *, everybody_can: bool) -> Step:
    """The step with its verdict. `everybody_can`: there are agents enough and each can take every
    call, so that callers who wait do so for ctid."""
    broken = tuple(_broken(step, limits, everybody_can))
    if not broken:
        return msgspec.structs.replace(step, verdict="good", broken=())
    late = step.generator_lag.p95 > limits.generator_lag_p95
    verdict: Verdict = "bad"
    if late or step.generator_cpu > limits.generator_cpu:
        verdict = "generator"
    elif step.others_cpu is not None and step.others_cpu > limits.others_cpu * step.cores:
        verdict = "machine"
    return msgspec.structs.replace(step, verdict=verdict, broken=broken)


def judge_alone(step: Step, limits: Limits) -> Step:
    """The verdict on this program, with a stub in ctid's place: how fast that is does not count."""
    broken = []
    if step.generator_lag.p95 > limits.generator_lag_p95:
        told = f"{step.generator_lag.p95:.0f} ms > {limits.generator_lag_p95:g} ms"
        broken.append(f"generator_lag p95 {told}")
    if step.generator_cpu > limits.generator_cpu:
        broken.append(f"generator_cpu {step.generator_cpu:.2f} > {limits.generator_cpu:g}")
    if step.errors.all:
        broken.append(f"{step.errors.all} errors")
    verdict: Verdict = "generator" if broken else "good"
    return msgspec.structs.replace(step, verdict=verdict, broken=tuple(broken))


def _broken(step: Step, limits: Limits, everybody_can: bool) -> Iterator[str]:
    for name in ("join_to_ring", "agi", "key_to_prompt", "ring_to_pop", "event_lag"):
        told: Latency = getattr(step, name)
        limit: float = getattr(limits, f"{name}_p95")
        if told.count >= TELLING and told.p95 > limit:
            yield f"{name} p95 {told.p95:.0f} ms > {limit:g} ms"
    most = max(limits.waiting_seconds * step.rate, TELLING)
    if everybody_can and step.most_waiting > most:
        yield f"{step.most_waiting} waited at once, with agents enough, > {most:g}"
    if step.errors.all:
        told_errors = msgspec.structs.asdict(step.errors)
        del told_errors["refused"]
        yield "errors: " + ", ".join(f"{n} {k}" for k, n in told_errors.items() if n)
