"""The hooks of the pytest plugin, which live where importing them costs nothing."""

from ros2_embedded.launch_test_hooks import (
    LaunchTestFailure,
    LaunchTestItem,
    LaunchTestModule,
    pytest_addoption,
    pytest_configure,
    pytest_pycollect_makemodule,
)

__all__ = [
    "LaunchTestFailure",
    "LaunchTestItem",
    "LaunchTestModule",
    "pytest_addoption",
    "pytest_configure",
    "pytest_pycollect_makemodule",
]
