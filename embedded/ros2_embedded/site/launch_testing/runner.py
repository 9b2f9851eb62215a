"""Launches a system and tests it while it runs."""

from __future__ import annotations

import functools
import inspect
import threading
import unittest
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from launch.launch_description_entity import LaunchDescriptionEntity

from launch import LaunchService

from .actions.ready import ReadyToTest

#: Seconds a system may take to execute ReadyToTest.
READY_TIMEOUT = 15.0


class LaunchDiedError(Exception):
    """The launched system ended before its tests did, or failed."""


def run_launch_test(module: ModuleType) -> unittest.TestResult:
    """Launch what a module describes in the main thread, and run its tests in another.

    `generate_test_description` returns a launch description, or that and a dictionary of what
    tests may name as arguments. Raises RuntimeError if the description never says when the system
    is ready, LaunchDiedError if the system ends before its tests do.
    """
    describe = module.generate_test_description
    described = describe()
    description, context = described if isinstance(described, tuple) else (described, {})
    ready = next((e for e in _walk(description.entities) if isinstance(e, ReadyToTest)), None)
    if ready is None:
        raise RuntimeError(
            "generate_test_description() must return a LaunchDescription containing a "
            "ReadyToTest action: add launch_testing.actions.ReadyToTest()"
        )
    tests = unittest.defaultTestLoader.loadTestsFromModule(module)
    _give(tests, context)
    service = LaunchService(noninteractive=True)
    service.include_launch_description(description)
    is_ready = threading.Event()
    ready._add_callback(is_ready.set)
    results: list[unittest.TestResult] = []
    problem = ""

    def run_tests() -> None:
        nonlocal problem
        try:
            if is_ready.wait(READY_TIMEOUT):
                problem = "Launch stopped before the active tests finished."
                results.append(unittest.TextTestRunner(verbosity=2).run(tests))
            else:
                problem = f"ReadyToTest was not executed within {READY_TIMEOUT} s."
        finally:
            service.shutdown()

    thread = threading.Thread(target=run_tests, name="launch_testing", daemon=True)
    thread.start()
    keep_alive = getattr(describe, "__markers__", {}).get("keep_alive", False)
    code = service.run(shutdown_when_idle=not keep_alive)
    if not results:
        raise LaunchDiedError(problem or "Launch stopped before ReadyToTest was executed.")
    thread.join()
    if code:
        raise LaunchDiedError(f"the launch failed with code {code}; its log says why")
    return results[0]


def _walk(entities: Iterable[LaunchDescriptionEntity]) -> Iterator[LaunchDescriptionEntity]:
    """Iterate over entities and all they bring along."""
    for entity in entities:
        yield entity
        yield from _walk(entity.describe_sub_entities())
        for _, conditional in entity.describe_conditional_sub_entities():
            yield from _walk(conditional)


def _give(tests: Iterable[Any], context: Mapping[str, Any]) -> None:
    """Give the methods of tests those arguments they have a name for."""
    for test in tests:
        if not isinstance(test, unittest.TestCase):
            _give(test, context)
            continue
        for name in (test._testMethodName, "setUp", "tearDown"):
            method = getattr(test, name)
            wanted = inspect.signature(method).parameters
            given = {key: value for key, value in context.items() if key in wanted}
            if given:
                setattr(test, name, functools.partial(method, **given))
