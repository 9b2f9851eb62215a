"""Every rule a plan has to keep; all issues at once."""

from execution_orchestrator.plan.validation.validate import validate

__all__ = ["validate"]
