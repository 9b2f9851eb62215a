"""Marks of tests that need a package which only an extra brings."""

import importlib.util

import pytest

needs_solver = pytest.mark.skipif(
    importlib.util.find_spec("ortools") is None,
    reason="OR-Tools is not installed: pip install '.[optimise]'",
)
