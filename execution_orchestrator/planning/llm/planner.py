"""Asks a model for a plan, has it checked, and lets the model repair what is wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.planning.llm.answer import document_in
from execution_orchestrator.planning.llm.chat import Answer, ChatError, ChatModel
from execution_orchestrator.planning.llm.names import located_parameters, unknown_names
from execution_orchestrator.planning.llm.permissions import not_allowed, with_confirmations
from execution_orchestrator.planning.llm.prompt import (
    repair_message,
    replan_message,
    request_message,
    system_message,
)
from execution_orchestrator.planning.llm.recording import Recorder
from execution_orchestrator.planning.llm.schema import REFUSAL, answer_schema
from execution_orchestrator.planning.llm.settings import LlmSettings
from execution_orchestrator.planning.ports import (
    PlanCheck,
    PlanningRequest,
    PlanningResult,
    ReplanningRequest,
    Usage,
)
from execution_orchestrator.planning.vocabulary import Vocabulary

log = logging.getLogger(__name__)
NAME = "llm"
MAX_COMMAND = 10_000  # characters
UNSTATED_CONFIDENCE = 0.4  # of a plan that says nothing about it: a person looks first
REPAIR_DISCOUNT = 0.9  # of the confidence, per repair: a model that erred before may err again
NOTHING_STATED: Mapping[str, Any] = MappingProxyType({})  # fields that an answer may leave out
LEAST_ANSWER = 200  # tokens; with less left of the budget nothing useful can come


class LlmPlanner:
    """Plans by a language model, without blocking the loop; a cancelled call ends its request."""

    def __init__(
        self,
        settings: LlmSettings,
        chat: ChatModel,
        robot: RobotModel,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self._settings = settings
        self._chat = chat
        names = robot.capabilities.keys()
        self._allowed = frozenset(names if settings.allowed is None else settings.allowed & names)
        usable = [spec for name, spec in robot.capabilities.items() if name in self._allowed]
        self._located = {spec.name: located_parameters(spec) for spec in usable}
        self._names = frozenset(
            (*vocabulary.places, *vocabulary.objects) if vocabulary is not None else ()
        )
        self._system = system_message(usable, vocabulary)
        self._schema = answer_schema(usable, settings.max_actions)
        self._recorder = Recorder(settings.record_directory)
        self._places = asyncio.Semaphore(settings.max_concurrent)

    async def plan(self, request: PlanningRequest, check: PlanCheck) -> PlanningResult:
        """Return a plan for a command, or why there is none."""
        if len(request.command) > MAX_COMMAND:
            text = f"the command is longer than {MAX_COMMAND} characters; send a plan"
            return PlanningResult(None, 0.0, (text,), planner=NAME)
        known = self._names | set(request.known_objects)
        return await self._bounded(request_message(request), known, check)

    async def replan(self, request: ReplanningRequest, check: PlanCheck) -> PlanningResult:
        """Return another plan, or why there is none."""
        known = self._names | set(request.known_objects)
        # What the execution is for does not get lost because an answer is silent about it.
        aim = request.plan.get("success")
        stated = {"success": aim} if aim else NOTHING_STATED
        return await self._bounded(replan_message(request), known, check, stated)

    async def _bounded(
        self,
        message: str,
        known: frozenset[str],
        check: PlanCheck,
        stated: Mapping[str, Any] = NOTHING_STATED,
    ) -> PlanningResult:
        conversation = _Conversation(self._settings, self._system, message)
        try:
            async with asyncio.timeout(self._settings.timeout), self._places:
                result = await self._converse(conversation, known, check, stated)
        except TimeoutError:
            text = (
                f"the model took longer than {self._settings.timeout:g} s "
                f"({conversation.rounds} answers came); raise llm_timeout or use a faster model"
            )
            result = conversation.failed(text)
        except ChatError as failure:
            result = conversation.failed(str(failure))
        try:
            await self._recorder.keep(
                conversation.messages,
                conversation.answers,
                {"understood": result.plan is not None, "problems": list(result.problems)},
            )
        except OSError as failure:
            log.warning("the conversation with the model is not recorded: %s", failure)
        return result

    async def _converse(
        self,
        conversation: _Conversation,
        known: frozenset[str],
        check: PlanCheck,
        stated: Mapping[str, Any],
    ) -> PlanningResult:
        issues: Sequence[Issue] = ()
        for _ in range(self._settings.max_rounds):
            left = conversation.tokens_left()
            if left < LEAST_ANSWER:
                return conversation.failed(
                    f"the budget of {self._settings.token_budget} tokens is used up after "
                    f"{conversation.rounds} answers{_last(issues)}"
                )
            answer = await self._chat.answer(
                conversation.messages,
                schema=self._schema,
                max_tokens=min(left, self._settings.answer_tokens),
            )
            conversation.add(answer)
            document, issue = document_in(answer.text, answer.finish)
            if document is None:
                issues = (issue,) if issue is not None else ()
            elif isinstance(document.get(REFUSAL), str) and "actions" not in document:
                return conversation.failed(f"the model says: {document[REFUSAL][:500]}")
            else:
                document = {**stated, **document}
                issues = await self._issues(document, known, check)
                if not issues:
                    return conversation.succeeded(document)
            conversation.ask_again(issues)
        return conversation.failed(
            f"the model gave no valid plan in {self._settings.max_rounds} answers{_last(issues)}"
        )

    async def _issues(
        self, document: Mapping[str, Any], known: frozenset[str], check: PlanCheck
    ) -> list[Issue]:
        wrong = not_allowed(document, self._allowed, self._settings.max_actions)
        stated = document.get("confidence", 0.0)
        if isinstance(stated, bool) or not isinstance(stated, int | float):
            wrong.append(Issue("PLAN_FIELD_INVALID", "confidence is no number", "/confidence"))
        if wrong:
            # What is not allowed is not looked at any further.
            return wrong
        found = await check(document)
        wrong = [issue for issue in found if issue.severity is Severity.ERROR]
        return [*wrong, *unknown_names(document, self._located, known)]


class _Conversation:
    """The messages so far, and what they took."""

    def __init__(self, settings: LlmSettings, system: str, message: str) -> None:
        self._settings = settings
        self._began = time.monotonic()
        self.messages: list[dict[str, str]] = [
            {"role": "system", "content": system},
            {"role": "user", "content": message},
        ]
        self.answers: list[Answer] = []

    @property
    def rounds(self) -> int:
        return len(self.answers)

    def add(self, answer: Answer) -> None:
        self.answers.append(answer)

    def ask_again(self, issues: Sequence[Issue]) -> None:
        self.messages.append({"role": "assistant", "content": self.answers[-1].text or "(nothing)"})
        self.messages.append({"role": "user", "content": repair_message(issues)})

    def tokens_left(self) -> int:
        return self._settings.token_budget - self.usage().tokens

    def usage(self) -> Usage:
        prompt = sum(answer.prompt_tokens for answer in self.answers)
        completion = sum(answer.completion_tokens for answer in self.answers)
        return Usage(
            model=self._settings.model,
            rounds=self.rounds,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cost=self._settings.cost(prompt, completion),
            seconds=time.monotonic() - self._began,
        )

    def failed(self, problem: str) -> PlanningResult:
        return PlanningResult(None, 0.0, (problem,), self.usage(), NAME)

    def succeeded(self, document: Mapping[str, Any]) -> PlanningResult:
        stated = float(document.get("confidence", UNSTATED_CONFIDENCE))
        confidence = max(0.0, min(1.0, stated)) * REPAIR_DISCOUNT ** (self.rounds - 1)
        plan = {**document, "confidence": confidence}
        plan["actions"] = with_confirmations(document["actions"], self._settings.confirmed)
        return PlanningResult(plan, confidence, (), self.usage(), NAME)


def _last(issues: Sequence[Issue]) -> str:
    if not issues:
        return ""
    message = "; ".join(f"{one.pointer or 'answer'}: {one.message}" for one in issues[:3])
    return f"; what is wrong with the last one: {message[:600]}"
