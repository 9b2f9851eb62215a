"""Everything that is wrong with a configuration, reported at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from execution_orchestrator.plan.wrong_entries import wrong_entries


@dataclass(frozen=True, slots=True)
class ConfigurationProblem:
    """A problem in a configuration: its place, what is wrong, and a hint how to fix it."""

    place: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        cure = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.message}{cure}"


class ConfigurationError(ValueError):
    """A configuration that cannot be used; ``problems`` lists all the reasons."""

    def __init__(self, problems: list[ConfigurationProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def problems_of(
    file: Path, failure: ValidationError, model: type[BaseModel], within: str = ""
) -> list[ConfigurationProblem]:
    """List what is wrong with a file, or with what is ``within`` it."""
    return [
        ConfigurationProblem(
            f"{file}: {'.'.join(filter(None, (within, one.place))) or 'the document'}",
            one.message,
            one.hint,
        )
        for one in wrong_entries(failure, model)
    ]
