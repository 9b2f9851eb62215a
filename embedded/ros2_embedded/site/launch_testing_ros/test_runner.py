"""Launches a system of nodes and tests it."""

import launch_testing.test_runner


class LaunchTestRunner(launch_testing.test_runner.LaunchTestRunner):
    """Runs launches one after the other, with their tests."""
