"""Runs a test description several times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def parametrize(
    argnames: str | Sequence[str], argvalues: Iterable[Any]
) -> Callable[[Function], Function]:
    """Launch and test once per value, or per tuple of values, of some arguments."""
    names = (
        [name.strip() for name in argnames.split(",")]
        if isinstance(argnames, str)
        else list(argnames)
    )

    def decorate(function: Function) -> Function:
        parameters = []
        for value in argvalues:
            values = value if len(names) > 1 or isinstance(value, tuple) else (value,)
            parameters.append(dict(zip(names, values, strict=True)))
        function.__parametrized__ = parameters  # type: ignore[attr-defined]
        return function

    return decorate
