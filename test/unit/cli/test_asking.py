"""What the node asks back about a command is asked at the terminal."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest
from rich.console import Console

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.cli.asking import answer_to
from execution_orchestrator.msg import ValidationIssue

MEANT = "did you mean: go to the kitchen?"
EITHER = "did you mean: bring me the cup or: bring me the book?"


@dataclass
class Session:
    result: ExecuteCommand.Result | None


class Typed(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


def asked(message: str, code: str = "COMMAND_NOT_UNDERSTOOD") -> Session:
    return Session(ExecuteCommand.Result(issues=[ValidationIssue(code=code, message=message)]))


@pytest.mark.parametrize(
    ("question", "typed", "answer", "shown"),
    [
        (MEANT, "y\n", "yes", "y or n"),
        (MEANT, "YES\n", "yes", "y or n"),
        (MEANT, "n\n", "", "y or n"),
        (MEANT, "\n", "", "y or n"),
        (MEANT, "", "", "y or n"),
        (MEANT, "the shelf\n", "the shelf", "y or n"),
        (EITHER, "the first\n", "the first", "your answer"),
        ("which one: the red cup or the blue cup?", "red\n", "red", "your answer"),
    ],
)
def test_a_question_is_answered_at_the_terminal(monkeypatch, question, typed, answer, shown):
    monkeypatch.setattr(sys, "stdin", Typed(typed))
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    assert answer_to(asked(question), console) == answer
    assert shown in screen.getvalue()


def test_nothing_is_asked_where_nobody_can_answer(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    console = Console(file=io.StringIO(), force_terminal=True)
    assert answer_to(asked(MEANT), console) == ""
    monkeypatch.setattr(sys, "stdin", Typed("y\n"))
    assert answer_to(asked(MEANT), Console(file=io.StringIO())) == ""
    console = Console(file=io.StringIO(), force_terminal=True)
    assert answer_to(asked("the word is not known"), console) == ""
    assert answer_to(asked(MEANT, "PARAMETER_INVALID"), console) == ""
    assert answer_to(Session(None), console) == ""
