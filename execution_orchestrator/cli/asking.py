"""Puts an execution's questions to the person at the terminal and gives the answers to the node."""

from __future__ import annotations

import select
import sys
from typing import Any

from rich.console import Console

from execution_orchestrator.ros.client import (
    GoalSession,
    OrchestratorClient,
    OrchestratorUnavailableError,
)
from execution_orchestrator.srv import Confirm

ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


NOT_UNDERSTOOD = "COMMAND_NOT_UNDERSTOOD"
# With these words the node asks something back; an answer in the same conversation is a command.
QUESTIONS = ("did you mean:", "which one:", "at what time is not clear", "is that ")


def answer_to(session: GoalSession, console: Console) -> str:
    """Show the node's question about a command ("did you mean: ...?") and return the answer.

    The answer is empty if the command is dropped, or if stdin is not a terminal.
    """
    issues = session.result.issues if session.result is not None else ()
    asked = (
        issue.message
        for issue in issues
        if issue.code == NOT_UNDERSTOOD and issue.message.startswith(QUESTIONS)
    )
    question = next(asked, "")
    if not question or not (console.is_terminal and sys.stdin.isatty()):
        return ""
    console.print(question, markup=False, style="bold magenta", soft_wrap=True)
    yes = question.startswith("did you mean:") and " or: " not in question
    console.print("y or n, then Enter: " if yes else "your answer (Enter alone: none): ", end="")
    said = sys.stdin.readline().strip()
    approved = ANSWERS.get(said.lower())
    if approved is not None:
        return "yes" if approved else ""
    return said


class Asking:
    """The question on the screen, if there is one.

    Without a terminal for the answer it says once how to give it from another one.
    """

    def __init__(self, client: OrchestratorClient, console: Console, execution_id: str) -> None:
        self._client = client
        self._console = console
        self._execution_id = execution_id
        self._asked: Any = None
        self._interactive = console.is_terminal and sys.stdin.isatty()

    def look(self) -> bool:
        """Show a new question, read an answer; True while one is on the screen."""
        question = self._open_question()
        if self._asked is not None and question != self._asked:
            self._asked = None
            self._say("it was answered elsewhere" if self._interactive else "")
        if question is None:
            return False
        if self._asked is None:
            self._asked = question
            self._show(question)
        if not self._interactive:
            return False
        if select.select([sys.stdin], [], [], 0.0)[0]:
            self._read(sys.stdin.readline())
        return self._asked is not None

    def _open_question(self) -> Any:
        """Return (action id, text) of the oldest question, None if nothing is asked."""
        state = self._client.state
        for execution in state.executions if state is not None else ():
            if execution.execution_id == self._execution_id and execution.questions:
                first = execution.questions[0]
                return first.action_id, first.question
        return None

    def _show(self, question: tuple[str, str]) -> None:
        self._console.print(question[1], markup=False, style="bold magenta", soft_wrap=True)
        if self._interactive:
            self._console.print("y or n, then Enter: ", end="")
            return
        self._say(
            f"answer with: ros2 service call {self._client.name}/confirm "
            "execution_orchestrator/srv/Confirm "
            f'"{{execution_id: {self._execution_id}, action_id: {question[0]!r}, approve: true}}"'
        )

    def _read(self, line: str) -> None:
        if not line:  # end of input: no answer will come
            self._interactive = False
            self._asked = None
            return
        approve = ANSWERS.get(line.strip().lower())
        if approve is None:
            self._console.print("y or n, then Enter: ", end="")
            return
        action_id = self._asked[0]
        try:
            answer = self._client.call(
                "confirm",
                Confirm,
                execution_id=self._execution_id,
                action_id=action_id,
                approve=approve,
            )
        except OrchestratorUnavailableError as failure:
            self._say(str(failure))
            return
        if not answer.success:
            self._say(answer.message)
        # The state that still has the question may come a moment later.
        self._wait_until_taken()

    def _wait_until_taken(self) -> None:
        for _ in range(20):
            if self._open_question() != self._asked:
                break
            self._client.changed.wait(0.1)
            self._client.changed.clear()
        self._asked = None

    def _say(self, words: str) -> None:
        if words:
            self._console.print(words, markup=False, highlight=False, soft_wrap=True)
