"""The fixtures and hooks of the pytest plugin; the hooks live where importing them costs nothing."""

from ros2_embedded.launch_pytest_hooks import (
    LaunchTestWarning,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_fixture_setup,
    pytest_pycollect_makeitem,
    pytest_pyfunc_call,
)

__all__ = [
    "LaunchTestWarning",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_fixture_setup",
    "pytest_pycollect_makeitem",
    "pytest_pyfunc_call",
]
