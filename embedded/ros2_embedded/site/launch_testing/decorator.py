"""Marks test cases."""

import inspect
from collections.abc import Callable
from typing import TypeVar

TestClass = TypeVar("TestClass", bound=type)


def post_shutdown_test() -> Callable[[TestClass], TestClass]:
    """Mark a test case that runs after the launched system has been shut down.

    Raises TypeError if it decorates anything but a class.
    """

    def decorator(test_item: TestClass) -> TestClass:
        if not inspect.isclass(test_item):
            raise TypeError("post_shutdown_test() decorates test classes")
        test_item.__post_shutdown_test__ = True  # type: ignore[attr-defined]
        return test_item

    return decorator
