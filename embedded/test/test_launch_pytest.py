"""launch_pytest runs functions beside a launch, before and after its shutdown."""

import os
import subprocess
import sys

HEAD = """
import sys

import launch
import launch_pytest
import pytest
from launch_pytest import tools
from launch_testing.util import KeepAliveProc


@pytest.fixture(scope="module")
def order():
    return []


@pytest.fixture(scope="module")
def process():
    return launch.actions.ExecuteProcess(
        cmd=[sys.executable, "-uc", "import time; print('up'); time.sleep(600)"],
        cached_output=True,
    )
"""

SHARED = (
    HEAD
    + """

@launch_pytest.fixture(scope="module")
def system(process):
    return launch.LaunchDescription([process]), "extra"


@pytest.mark.launch(fixture=system, shutdown=True)
def test_end(order, process, launch_service):
    order.append("end")
    assert process.return_code == -2
    assert launch_service.event_loop is None


@pytest.mark.launch(fixture=system)
async def test_coroutine(order, process, launch_context, system):
    assert system[1] == "extra"
    assert await tools.wait_for_start(launch_context, process, timeout=30)
    assert await tools.wait_for_output(launch_context, process, lambda t: "up" in t, timeout=30)
    assert not await tools.wait_for_exit(launch_context, process, timeout=0.1)
    order.append("coroutine")


@pytest.mark.launch(fixture=system)
def test_function(order, process, launch_context):
    def check(text):
        assert text == "up\\n"

    tools.assert_output_sync(launch_context, process, check, timeout=30)
    with pytest.raises(AssertionError):
        tools.assert_stderr_sync(launch_context, process, check, timeout=0.1)
    order.append("function")


@pytest.mark.launch(fixture=system)
def test_both(order, process):
    assert process.return_code is None
    yield
    assert process.return_code == -2
    order.append("second")


def test_order(order):
    assert order == ["coroutine", "function", "end", "second"]
"""
)

OWN = (
    HEAD
    + """

@launch_pytest.fixture
def system():
    return launch.LaunchDescription([KeepAliveProc(), launch_pytest.actions.ReadyToTest()])


@pytest.mark.launch(fixture=system)
async def test_generator(launch_service):
    assert launch_service.event_loop is not None
    yield
    assert launch_service.event_loop is None


class TestClass:
    @pytest.mark.launch(fixture=system)
    def test_method(self, launch_service):
        assert launch_service.event_loop is not None
"""
)

BROKEN = (
    HEAD
    + """

@launch_pytest.fixture
def nothing():
    return 5


@launch_pytest.fixture
def two():
    actions = launch_pytest.actions
    return launch.LaunchDescription([actions.ReadyToTest(), actions.ReadyToTest()])


@launch_pytest.fixture
def dies():
    failing = launch.actions.OpaqueFunction(function=lambda context: 1 / 0)
    later = launch.actions.TimerAction(
        period=600.0, actions=[launch_pytest.actions.ReadyToTest()]
    )
    return launch.LaunchDescription([later, failing])


@launch_pytest.fixture
def system():
    return launch.LaunchDescription([KeepAliveProc()])


@pytest.mark.launch(fixture=nothing)
def test_nothing():
    pass


@pytest.mark.launch(fixture=two)
def test_two():
    pass


@pytest.mark.launch(fixture=dies)
def test_dies():
    pass


@pytest.mark.launch(fixture=system)
def test_twice():
    yield
    yield


@pytest.mark.launch(fixture=system, shutdown=True)
def test_generator_after_shutdown():
    yield


@pytest.mark.launch
def test_unmarked():
    pass
"""
)


def run(tmp_path, text):
    (tmp_path / "test_it.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = {
        **os.environ,
        "ROS_LOG_DIR": str(tmp_path / "log"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "ros2_embedded.pytest_plugin", "test_it.py", "-v"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def test_a_launch_shared_by_tests(tmp_path):
    output = run(tmp_path, SHARED)
    assert "6 passed" in output, output


def test_a_launch_of_its_own_for_each_test(tmp_path):
    output = run(tmp_path, OWN)
    assert "2 passed" in output, output


def test_mistakes_are_explained(tmp_path):
    output = run(tmp_path, BROKEN)
    assert "2 failed, 1 skipped, " in output, output
    assert "3 errors" in output
    assert "must be either a launch description or a sequence which starts with one" in output
    assert "must have only one ReadyToTest action" in output
    assert "ended with code 1 before its ReadyToTest action was executed" in output
    assert "must stop iteration after yielding once" in output
    assert "cannot be marked with shutdown=True" in output
    assert '"fixture" keyword argument is required' in output
