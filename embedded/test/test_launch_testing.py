"""launch_testing runs tests on launched processes under pytest."""

import os
import subprocess
import sys
import textwrap

import pytest

GOOD = """
import sys
import unittest

import launch
import launch_testing.actions
import launch_testing.markers
import pytest


@pytest.mark.launch_test
def generate_test_description():
    process = launch.actions.ExecuteProcess(
        cmd=[sys.executable, "-c", "import time; time.sleep(600)"]
    )
    return launch.LaunchDescription([process, launch_testing.actions.ReadyToTest()]), {
        "process": process
    }


class TestWhileRunning(unittest.TestCase):
    def test_runs(self, process):
        assert process.return_code is None
"""

FAILING = GOOD + "        self.fail('on purpose')\n"
DIES = (
    GOOD.replace("time.sleep(600)", "sys; sys.exit(5)") + "        __import__('time').sleep(600)\n"
)
KEPT_ALIVE = (
    DIES.replace("sleep(600)", "sleep(1)")
    .replace("is None", "in (None, 5)")
    .replace("def generate", "@launch_testing.markers.keep_alive\ndef generate")
)
NEVER_READY = GOOD.replace(", launch_testing.actions.ReadyToTest()]", "]")


def _run(tmp_path, text, *command):
    path = tmp_path / "test_it.py"
    path.write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    bootstrap = "from ros2_embedded import bootstrap as b; b.activate(); import sys; "
    environment = {
        **os.environ,
        "ROS_LOG_DIR": str(tmp_path / "log"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [sys.executable, "-c", bootstrap + textwrap.dedent(command[0]), *command[1:], str(path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


PYTEST = (
    "import pytest; sys.exit(pytest.main(['-p', 'ros2_embedded.pytest_plugin', *sys.argv[1:]]))"
)


def test_under_pytest(tmp_path):
    result = _run(tmp_path, GOOD, PYTEST, "-v")
    assert result.returncode == 0, result.stdout
    assert "test_it PASSED" in result.stdout


def test_processes_may_end_before_the_tests_if_kept_alive(tmp_path):
    result = _run(tmp_path, KEPT_ALIVE, PYTEST)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (FAILING, "AssertionError: on purpose"),
        (NEVER_READY, "containing a ReadyToTest action"),
        (DIES, "Launch stopped before the active tests finished"),
    ],
)
def test_failures_are_explained(tmp_path, text, shown):
    result = _run(tmp_path, text, PYTEST)
    assert result.returncode == 1
    assert shown in result.stdout


def test_other_marks_of_the_description_apply(tmp_path):
    text = GOOD.replace(
        "@pytest.mark.launch_test",
        "@pytest.mark.launch_test\n@pytest.mark.skipif(True, reason='no')",
    )
    result = _run(tmp_path, text, PYTEST, "-rs")
    assert result.returncode == 0
    assert "1 skipped" in result.stdout


def test_unmarked_modules_are_ordinary(tmp_path):
    text = "def generate_test_description(): pass\ndef test_plain(): assert True\n"
    result = _run(tmp_path, text, PYTEST, "-v")
    assert result.returncode == 0
    assert "test_plain PASSED" in result.stdout
