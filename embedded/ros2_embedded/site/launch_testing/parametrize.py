"""Runs a test description several times."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

Description = Callable[..., Any]


def parametrize(
    argnames: str | Sequence[str], argvalues: Iterable[Any]
) -> Callable[[Description], Callable[[], Iterator[tuple[Description, dict[str, Any]]]]]:
    """Launch and test once per value, or per tuple of values, of some arguments.

    The decorated function yields the description with each set of arguments bound, and the set.
    """
    names = argnames.split(",") if isinstance(argnames, str) else argnames
    names = [name.strip() for name in names if name.strip()]
    rows = [value if isinstance(value, tuple) else (value,) for value in argvalues]

    def decorate(function: Description) -> Callable[[], Iterator[tuple[Description, Any]]]:
        # functools.wraps() takes over the marks other decorators left.
        @functools.wraps(function)
        def bind_each() -> Iterator[tuple[Description, dict[str, Any]]]:
            for row in rows:
                arguments = dict(zip(names, row, strict=True))
                bound = functools.partial(function, **arguments)
                functools.update_wrapper(bound, function)
                # Marks set on what this decorator returned apply to each launch.
                vars(bound).update({k: v for k, v in vars(bind_each).items() if k != "__wrapped__"})
                yield bound, arguments

        bind_each.__parametrized__ = True  # type: ignore[attr-defined]
        return bind_each

    return decorate
