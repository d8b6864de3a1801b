"""The survey after the talk: who is asked, the way into its flow, and what the answers lead to.

Whether a caller will be asked is decided when a talk begins, and noted at the caller's channel: the
dialplan then needs nobody to send the caller into the survey when the agent hangs up, and without
ctid it simply hangs up. Of several talks of one call the last one counts; nobody is asked twice. A
caller in a survey is no contact: no queue counts them, and the agent is in wrap-up long since.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from ctid.acd.contacts import CONNECTED
from ctid.acd.survey import WHOLE, SurveyRules
from ctid.centre.calls import ENDING, Call, Survey
from ctid.centre.follow_up import linked, opened
from ctid.core import events as ev
from ctid.core.commands import Command, HangUpCall, Noticed
from ctid.core.instants import Instant
from ctid.core.records import CallId
from ctid.core.survey import AnswerKind, AskAfter, SurveyAnswer, SurveyAnswered
from ctid.ivr.session import Session
from ctid.ivr.survey import Answer

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

SURVEY: Final = "survey"
"""What `CallArrived.after` says of a caller who comes from the dialplan's `ctid-survey`."""


class Surveys:
    """All surveys of the centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router

    # -- who is asked --

    def talks(self, call: Call) -> list[Command]:
        """A talk has begun: the PBX must know whether the caller is asked after it."""
        survey = call.survey
        if survey is not None and survey.began:
            return []
        call.survey = self._wanted(call)
        if (call.survey is None) == (survey is None):
            return []
        return [AskAfter(call.id, call.survey is not None)]

    def _wanted(self, call: Call) -> Survey | None:
        contact = self._router.contacts.get(call.id)
        offer = self._router.offers.get(contact.offer) if contact else None
        if contact is None or offer is None:
            return None
        rules = self._rules(offer.queue)
        if rules is None or (contact.dial is not None and not rules.callbacks):
            return None
        asked = contact.rule in rules.rules or drawn(call.id, rules.share)
        return Survey(rules.flow, offer.queue) if asked else None

    def _rules(self, queue: str) -> SurveyRules | None:
        known = self._router.queues.get(queue)
        return known.survey if known else None

    # -- the way in --

    def arrived(self, event: ev.CallArrived, now: Instant) -> list[Command]:
        """The agent has hung up, and the dialplan has brought the caller. Nobody who is not to be
        asked is kept: the order to ask, or not to ask, may have been lost with the link."""
        call = self._centre.calls.get(event.call)
        survey = call.survey if call else None
        if call is None or survey is None or not self._talked(call):
            over = survey is not None and survey.began
            return [] if over else [HangUpCall(event.call, "no survey")]
        commands = self.leave_talk(call, now)
        survey.began, survey.agent = True, call.agent
        if survey.flow not in self._centre.settings.flows:  # a reload has taken it away
            call.phase = ENDING
            return [*commands, HangUpCall(call.id, "no survey")]
        survey.asks = True
        return commands + self._centre.menus.again(call, survey.flow, now)

    def keeps(self, call: Call) -> bool:
        """Whether the caller is being asked, or was and is about to be hung up: from there nobody
        comes to a queue without our own word."""
        survey = call.survey
        return survey is not None and survey.began and (survey.asks or call.phase == ENDING)

    def left_alone(self, call: Call) -> bool:
        """Whether the talk's other end is gone, and the caller may be anywhere."""
        contact = self._router.contacts.get(call.id)
        gone = contact is None or contact.offer not in self._router.offers
        return gone and self._talked(call) and call.aside is None

    def _talked(self, call: Call) -> bool:
        contact = self._router.contacts.get(call.id)
        return contact is not None and contact.state == CONNECTED and call.was_bridged

    def leave_talk(self, call: Call, now: Instant) -> list[Command]:
        """The talk is over for the caller, who is no contact any more; the agent's leg ends, or has
        ended, by the dialplan."""
        centre = self._centre
        commands = centre.consults.closed(call, now)
        call.transfer = None
        centre.transfers.forget(call.id)
        left, stops = self._router.leave(call.id, now, abandoned=False)
        assert left is not None, "who talks is a contact"
        if left.offer is not None:
            left.offer.caller_left = True
        call.offers += left.contact.offers
        call.end_talk(now)
        call.was_queued, call.queued_at = False, 0  # another wait would be one of its own
        return commands + stops

    # -- the answers --

    def heard(self, call: Call, session: Session, now: Instant) -> list[Command]:
        """What the caller has just answered, for the record, and a task where it is bad."""
        commands: list[Command] = []
        given, session.answers = session.answers, []
        for answer in given:
            call.answers.append(answer)
            commands += self._answered(call, answer, session.flow, now)
        return commands

    def _answered(self, call: Call, answer: Answer, flow: str, now: Instant) -> list[Command]:
        survey = call.survey
        queue, agent = (survey.queue, survey.agent) if survey else (call.queue, call.agent)
        wall = self._centre.epoch.wall(now)
        kind: AnswerKind = "yes_no" if answer.kind == "yes_no" else "score"
        record = SurveyAnswer(
            call.id, queue, agent, flow, answer.question, kind, answer.value, wall
        )
        commands: list[Command] = [SurveyAnswered(record)]
        rules = self._rules(queue)
        if rules is None or kind != "score" or answer.value > rules.low:
            return commands
        return commands + self._follow_up(call, record, rules, now)

    def _follow_up(
        self, call: Call, answer: SurveyAnswer, rules: SurveyRules, now: Instant
    ) -> list[Command]:
        """One task for each call, however many answers are bad."""
        said = (f"{answer.question} {answer.value}/5", call.number, answer.agent)
        link = linked(rules.task_link, call=call.id, number=call.number)
        return opened(self._centre, call, "survey", rules.task_queue, said, link, now)

    # -- when the PBX or the caller does not go on --

    def broken(self, call: Call) -> list[Command] | None:
        """The conversation of a survey has broken, and nobody waits for anything. None where the
        caller is in no survey: the dialplan falls back."""
        if call.survey is None or not call.survey.asks:
            return None
        call.survey.asks, call.phase = False, ENDING
        return [Noticed("survey_lost", f"{call.id}: the survey ended before its end")]


def drawn(call: CallId, share: int) -> bool:
    """Whether this call is among the `share` of `WHOLE`: by its id alone, so that every replay and
    every process say the same."""
    digest = blake2b(f"survey/{call}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % WHOLE < share
