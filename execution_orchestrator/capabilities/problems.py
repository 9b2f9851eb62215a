"""Everything that is wrong with a configuration, reported at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ValidationError

from execution_orchestrator.plan.wrong_entries import ConfigurationProblem, wrong_entries

__all__ = ["ConfigurationError", "ConfigurationProblem", "problems_of"]


class ConfigurationError(ValueError):
    """A configuration that cannot be used; ``problems`` lists all the reasons."""

    def __init__(self, problems: list[ConfigurationProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def problems_of(
    file: Path, failure: ValidationError, model: type[BaseModel], within: str = ""
) -> list[ConfigurationProblem]:
    """List the problems of a file, or of the part ``within`` it."""
    return [
        replace(one, place=f"{file}: {one.place}") for one in wrong_entries(failure, model, within)
    ]
