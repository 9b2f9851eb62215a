"""Reads texts as booleans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from launch.substitution import Substitution
from launch.utilities import perform_substitutions

from .invalid_condition_expression_error import InvalidConditionExpressionError

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext

_VALUES = {"true": True, "1": True, "false": False, "0": False}


def evaluate_condition_expression(
    context: LaunchContext, expression: Iterable[Substitution]
) -> bool:
    """Read `true`, `false`, `1` or `0`, in any case.

    Raises InvalidConditionExpressionError for any other text.
    """
    text = perform_substitutions(context, expression).strip()
    try:
        return _VALUES[text.lower()]
    except KeyError:
        raise InvalidConditionExpressionError(
            f"invalid condition expression '{text}': expected one of true, false, 1, 0"
        ) from None
