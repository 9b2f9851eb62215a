"""The capability file (config/capabilities.yaml) as a whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field

from execution_orchestrator.capabilities.error_codes import ErrorCodeTable
from execution_orchestrator.plan.capability import (
    CapabilitySpec,
    Entry,
    Name,
    ResourceSpec,
    RobotSpec,
)

Named = TypeVar("Named", CapabilitySpec, ResourceSpec, RobotSpec)


def _named(entries: dict[str, Named]) -> dict[str, Named]:
    """Give each entry its key as name."""
    for name, entry in entries.items():
        if entry.name not in ("", name):
            raise ValueError(f"the entry {name} cannot be called {entry.name}: leave `name` out")
    return {name: entry.model_copy(update={"name": name}) for name, entry in entries.items()}


class CapabilitiesDocument(Entry):
    """A whole capability file; ``frame`` is that of coordinates that name none."""

    version: Literal[1] = 1
    frame: str = "map"
    definitions: dict[str, Any] = Field({})
    error_tables: dict[str, ErrorCodeTable] = Field({})
    resources: Annotated[dict[Name, ResourceSpec], AfterValidator(_named)] = Field(
        default_factory=dict
    )
    robots: Annotated[dict[Name, RobotSpec], AfterValidator(_named)] = Field({})
    capabilities: Annotated[dict[Name, CapabilitySpec], AfterValidator(_named)] = Field(
        default_factory=dict
    )
