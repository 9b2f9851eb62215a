"""Finds the tests of a module."""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from launch.launch_description_entity import LaunchDescriptionEntity

from launch import LaunchDescription

from .actions.ready import ReadyToTest

#: Seconds a system may take to execute ReadyToTest, unless the description says otherwise.
READY_TIMEOUT = 15.0


class TestRun:
    """One launch with the tests made on it."""

    __test__ = False

    def __init__(
        self,
        name: str,
        describe: Callable[..., Any],
        parameters: Mapping[str, Any],
        module: ModuleType,
    ) -> None:
        self.name = name
        self.parameters = dict(parameters)
        self.markers: dict[str, Any] = getattr(describe, "__markers__", {})
        self.timeout: float = getattr(describe, "__ready_to_test_action_timeout__", READY_TIMEOUT)
        self._describe = describe
        self.pre_shutdown_tests = _load_tests(module, post_shutdown=False)
        self.post_shutdown_tests = _load_tests(module, post_shutdown=True)

    def __str__(self) -> str:
        """Return the name with the parameters."""
        if not self.parameters:
            return self.name
        return f"{self.name}[{', '.join(f'{k}={v}' for k, v in self.parameters.items())}]"

    def describe(
        self, ready: Callable[[], None], launch_args: Mapping[str, str]
    ) -> tuple[LaunchDescription, dict[str, Any]]:
        """Make the launch description and the context for the tests.

        `ready` is called when the system can be tested. Raises RuntimeError if the description
        never says when, TypeError if it is no launch description.
        """
        given = {**self.parameters, "ready_fn": ready}
        wanted = inspect.signature(self._describe).parameters
        result = self._describe(**{name: given[name] for name in wanted if name in given})
        description, context = result if isinstance(result, tuple) else (result, {})
        if not isinstance(description, LaunchDescription):
            raise TypeError(
                f"generate_test_description() of '{self.name}' returned {description!r}, "
                "not a LaunchDescription"
            )
        actions = [e for e in _walk(description.entities) if isinstance(e, ReadyToTest)]
        # A system with several such actions is ready when all have been executed; those under a
        # condition may never be.
        pending = {id(action) for action in actions if action.condition is None}

        def note(action: ReadyToTest) -> None:
            pending.discard(id(action))
            if not pending:
                ready()

        for action in actions:
            action._add_callback(functools.partial(note, action))
        if not actions and "ready_fn" not in wanted:
            raise RuntimeError(
                f"generate_test_description() of '{self.name}' has no ReadyToTest action: add "
                "launch_testing.actions.ReadyToTest()"
            )
        return description, dict(context)

    def bind(self, suite: unittest.TestSuite, candidates: Mapping[str, Any]) -> None:
        """Give the tests what they name as arguments or use as attributes."""
        for case in _cases(suite):
            for name, value in candidates.items():
                if not hasattr(case, name):
                    setattr(case, name, value)
            method = getattr(case, case._testMethodName)
            wanted = inspect.signature(method).parameters
            arguments = {name: candidates[name] for name in wanted if name in candidates}
            if arguments:
                bound = functools.partial(method, **arguments)
                setattr(case, case._testMethodName, functools.wraps(method)(bound))

    def all_cases(self) -> Iterator[unittest.TestCase]:
        """Iterate over the tests, those while running first."""
        yield from _cases(self.pre_shutdown_tests)
        yield from _cases(self.post_shutdown_tests)


def _walk(entities: Iterable[LaunchDescriptionEntity]) -> Iterator[LaunchDescriptionEntity]:
    """Iterate over entities and all they bring along."""
    for entity in entities:
        yield entity
        yield from _walk(entity.describe_sub_entities())
        for _, conditional in entity.describe_conditional_sub_entities():
            yield from _walk(conditional)


def _cases(suite: Iterable[Any]) -> Iterator[unittest.TestCase]:
    """Iterate over the tests of nested suites."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _cases(item)
        else:
            yield item


def _load_tests(module: ModuleType, *, post_shutdown: bool) -> unittest.TestSuite:
    """Load the test cases of a module that run before, or after, the shutdown."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite()
    for value in vars(module).values():
        if not (isinstance(value, type) and issubclass(value, unittest.TestCase)):
            continue
        if getattr(value, "__post_shutdown_test__", False) == post_shutdown:
            suite.addTests(loader.loadTestsFromTestCase(value))
    return suite


def LoadTestsFromPythonModule(module: ModuleType, *, name: str = "launch_tests") -> list[TestRun]:
    """List the launches a module describes, one per set of parameters.

    Raises AttributeError if it has no `generate_test_description`.
    """
    describe = getattr(module, "generate_test_description", None)
    if describe is None:
        raise AttributeError(f"'{module.__name__}' has no function generate_test_description()")
    return [
        TestRun(name, describe, parameters, module)
        for parameters in getattr(describe, "__parametrized__", [{}])
    ]
