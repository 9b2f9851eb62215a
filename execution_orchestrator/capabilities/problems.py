"""Everything that is wrong with a configuration, reported at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from execution_orchestrator.plan.nearest import nearest


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
    """List what is wrong with a file, or with what is ``within`` it.

    A key that nobody reads is told with the nearest one there is.
    """
    problems = []
    for error in failure.errors():
        parts = [*([within] if within else []), *(str(part) for part in error["loc"])]
        place = f"{file}: {'.'.join(parts) or 'the document'}"
        if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            near = nearest(str(error["loc"][-1]), _keys(model))
            hint = f"Did you mean {' or '.join(near)}?" if near else ""
            problems.append(ConfigurationProblem(place, "there is no such key", hint))
        else:
            problems.append(ConfigurationProblem(place, error["msg"]))
    return problems


def _keys(model: type[BaseModel]) -> list[str]:
    """Return every key that a document, or anything in it, may have."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return sorted({name for part in parts for name in part.get("properties", {})})
