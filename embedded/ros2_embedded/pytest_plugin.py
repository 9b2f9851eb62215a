"""The pytest plugin pip registers; it has no hooks where a real ROS 2 brings its own."""

from ros2_embedded import bootstrap

if bootstrap.activate():
    from ros2_embedded.launch_test_hooks import (
        pytest_addoption,
        pytest_configure,
        pytest_pycollect_makemodule,
    )

    __all__ = ["pytest_addoption", "pytest_configure", "pytest_pycollect_makemodule"]
