"""Carries out questions of menus to services: each answer, or the lack of one, comes back as one
event. A broken service costs its own questions and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog
from prometheus_client import CollectorRegistry, Counter

from crm_link.breaker import Breaker
from crm_link.guard import Guard
from ctid.app.http_service import HttpService
from ctid.app.self_service import CustomersOwn
from ctid.core.events import Event
from ctid.core.services import CRM, AskService, ServiceAnswered, ServiceStatus
from ctid.ivr.services import shape
from ctid.settings import ServiceSection

_log = structlog.get_logger("ctid.services")

Answers = Callable[[AskService], Awaitable[dict[str, str] | None]]


class ServiceQuestions:
    """Runs beside the calls. Never raises, never waits."""

    def __init__(
        self,
        own: CustomersOwn,
        clock: Callable[[], int],
        submit: Callable[[Event], None],
        registry: CollectorRegistry,
    ) -> None:
        self._own: tuple[Answers, Guard] = (own.answer, Guard(clock))
        self._clock = clock
        self._submit = submit
        self._tasks: asyncio.TaskGroup | None = None
        self._sections: dict[str, ServiceSection] = {}
        self._rooms: dict[str, tuple[HttpService, Guard]] = {}
        self._closing: list[HttpService] = []
        self._counter = Counter(
            "ctid_service_questions", "Questions of menus to services", ["service", "status"],
            registry=registry,
        )  # fmt: skip

    def serve(self, sections: Iterable[ServiceSection]) -> None:
        """From now on these services, and no others. One that has not changed keeps its connections
        and its breaker; questions to one that goes are answered still."""
        wanted = {section.name: section for section in sections}
        for name in [name for name, one in self._sections.items() if wanted.get(name) != one]:
            del self._sections[name]
            self._closing.append(self._rooms.pop(name)[0])
        for name, section in wanted.items():
            if name not in self._sections:
                breaker = Breaker(section.failures, section.left_alone)
                guard = Guard(self._clock, max_in_flight=section.in_flight, breaker=breaker)
                self._rooms[name] = (HttpService(section), guard)
                self._sections[name] = section

    async def run(self) -> None:
        """Own the questions until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                await asyncio.Event().wait()
        finally:
            for service in (*self._closing, *(room for room, _ in self._rooms.values())):
                await service.close()

    def carry_out(self, command: AskService) -> None:
        """Begin to ask."""
        assert self._tasks is not None, "run() starts before the first event"
        self._tasks.create_task(self._ask(command))

    async def _ask(self, command: AskService) -> None:
        status, values, reason = await self._answered(command)
        if reason:
            _log.warning(
                "service_failed", service=command.service, operation=shape(command.operation),
                call=command.call, status=status, reason=reason,
            )  # fmt: skip
        if status == "done" and command.operation == "callback_number":
            _log.info(
                "callback_number_changed", call=command.call,
                customer=dict(command.arguments)["customer"],
            )  # fmt: skip
        self._counter.labels(command.service, status).inc()
        told = tuple(values.items())
        self._submit(ServiceAnswered(command.call, command.request, status, told))

    async def _answered(self, command: AskService) -> tuple[ServiceStatus, dict[str, str], str]:
        """Status, values, and why there is no answer."""
        if command.service == CRM:
            answers, guard = self._own
            time_out = command.time_out
        elif command.service in self._rooms:
            service, guard = self._rooms[command.service]
            answers = service.answer
            time_out = min(command.time_out, self._sections[command.service].time_out)
        else:
            return "refused", {}, "there is no such service in the settings"
        outcome = await guard.ask(lambda: answers(command), time_out)
        if outcome.status == "done":
            return ("none", {}, "") if outcome.value is None else ("done", outcome.value, "")
        return outcome.status, {}, outcome.reason
