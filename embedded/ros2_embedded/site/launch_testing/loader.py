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

from .actions import ReadyToTest

#: Seconds a system may take to execute ReadyToTest, unless the description says otherwise.
READY_TIMEOUT = 15.0


class TestRun:
    """One launch with the tests made on it."""

    __test__ = False

    def __init__(
        self,
        name: str,
        test_description_function: Callable[..., Any],
        param_args: Mapping[str, Any],
        pre_shutdown_tests: Iterable[Any],
        post_shutdown_tests: Iterable[Any],
    ) -> None:
        self.name = name
        self.param_args = dict(param_args)
        self.pre_shutdown_tests = pre_shutdown_tests
        self.post_shutdown_tests = post_shutdown_tests
        self.timeout: float = getattr(
            test_description_function, "__ready_to_test_action_timeout__", READY_TIMEOUT
        )
        self._test_description_function = test_description_function
        for case in self.all_cases():
            _rename(case, case._testMethodName + self._format_params())

    def __str__(self) -> str:
        """Return the name with the parameters."""
        return self.name + self._format_params()

    def _format_params(self) -> str:
        """Return the values of the parameters in brackets; nothing if there are none."""
        if not self.param_args:
            return ""
        return f"[{', '.join(map(str, self.param_args.values()))}]"

    @property
    def markers(self) -> dict[str, Any]:
        """The marks of launch_testing on the description."""
        return getattr(self._test_description_function, "__markers__", {})

    def normalized_test_description(
        self, *, ready_fn: Callable[[], None]
    ) -> tuple[LaunchDescription, dict[str, Any]]:
        """Make the launch description and the context for the tests.

        `ready_fn` is called when the system can be tested. Raises RuntimeError if the description
        never says when, TypeError if it is no launch description.
        """
        result = self._test_description_function()
        description, context = result if isinstance(result, tuple) else (result, {})
        if not isinstance(description, LaunchDescription):
            raise TypeError(
                f"generate_test_description() of '{self.name}' returned {description!r}, "
                "not a LaunchDescription"
            )
        ready = next((e for e in walk(description.entities) if isinstance(e, ReadyToTest)), None)
        if ready is None:
            raise RuntimeError(
                f"generate_test_description() of '{self.name}' must return a LaunchDescription "
                "containing a ReadyToTest action: add launch_testing.actions.ReadyToTest()"
            )
        ready._add_callback(ready_fn)
        return description, dict(context)

    def get_launch_description(self) -> LaunchDescription:
        """Return the launch description, to look at."""
        return self.normalized_test_description(ready_fn=lambda: None)[0]

    def bind(
        self,
        tests: Iterable[Any],
        injected_attributes: Mapping[str, Any] | None = None,
        injected_args: Mapping[str, Any] | None = None,
    ) -> None:
        """Give tests what they may use as attributes, and what they name as arguments."""
        arguments = injected_args or {}
        cases = list(_cases(tests))
        for case in cases:
            for name in (case._testMethodName, "setUp", "tearDown"):
                setattr(case, name, _bound(getattr(case, name), arguments))
        for kind in dict.fromkeys(map(type, cases)):
            for name in ("setUpClass", "tearDownClass"):
                setattr(kind, name, _bound(getattr(kind, name), arguments))
            for name, value in (injected_attributes or {}).items():
                setattr(kind, name, value)

    def all_cases(self) -> Iterator[unittest.TestCase]:
        """Iterate over the tests, those while running first."""
        yield from _cases(self.pre_shutdown_tests)
        yield from _cases(self.post_shutdown_tests)


def _rename(case: unittest.TestCase, name: str) -> None:
    """Call a test by another name."""
    setattr(case, name, getattr(case, case._testMethodName))
    case._testMethodName = name


def _bound(function: Callable[..., Any], candidates: Mapping[str, Any]) -> Callable[..., Any]:
    """Give a function those of some arguments it has a name for."""
    wanted = inspect.signature(function).parameters
    given = {name: value for name, value in candidates.items() if name in wanted}
    return functools.update_wrapper(functools.partial(function, **given), function)


def walk(entities: Iterable[LaunchDescriptionEntity]) -> Iterator[LaunchDescriptionEntity]:
    """Iterate over entities and all they bring along."""
    for entity in entities:
        yield entity
        yield from walk(entity.describe_sub_entities())
        for _, conditional in entity.describe_conditional_sub_entities():
            yield from walk(conditional)


def _cases(tests: Iterable[Any]) -> Iterator[unittest.TestCase]:
    """Iterate over the tests of nested suites."""
    for item in tests:
        if isinstance(item, unittest.TestCase):
            yield item
        else:
            yield from _cases(item)


class _Suite(unittest.TestSuite):
    """Keeps its tests after they have run, for the report."""

    _cleanup = False


class _Loader(unittest.TestLoader):
    """Loads the tests that run before, or after, the shutdown."""

    suiteClass = _Suite

    def __init__(self, *, post_shutdown: bool) -> None:
        super().__init__()
        self._post_shutdown = post_shutdown

    def loadTestsFromTestCase(self, testCaseClass: type[unittest.TestCase]) -> unittest.TestSuite:
        """Load the tests of a class, which each launch has a copy of for itself."""
        if getattr(testCaseClass, "__post_shutdown_test__", False) != self._post_shutdown:
            return self.suiteClass()
        names = {"__module__": testCaseClass.__module__}
        if "__qualname__" in vars(testCaseClass):
            names["__qualname__"] = testCaseClass.__qualname__
        copy = type(testCaseClass.__name__, (testCaseClass,), names)
        return super().loadTestsFromTestCase(copy)


def PreShutdownTestLoader() -> unittest.TestLoader:
    """Return what loads the tests that run while the system does."""
    return _Loader(post_shutdown=False)


def PostShutdownTestLoader() -> unittest.TestLoader:
    """Return what loads the tests that run after the shutdown."""
    return _Loader(post_shutdown=True)


def LoadTestsFromPythonModule(module: ModuleType, *, name: str = "launch_tests") -> list[TestRun]:
    """List the launches a module describes, one per set of parameters.

    Raises AttributeError if it has no `generate_test_description`.
    """
    describe = getattr(module, "generate_test_description", None)
    if describe is None:
        raise AttributeError(f"'{module.__name__}' has no function generate_test_description()")
    launches = describe() if hasattr(describe, "__parametrized__") else [(describe, {})]
    return [
        TestRun(
            name,
            bound,
            parameters,
            PreShutdownTestLoader().loadTestsFromModule(module),
            PostShutdownTestLoader().loadTestsFromModule(module),
        )
        for bound, parameters in launches
    ]
