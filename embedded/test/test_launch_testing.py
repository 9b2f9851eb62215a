"""launch_testing runs tests on launched processes, under pytest and by itself."""

import os
import subprocess
import sys
import textwrap
from xml.etree import ElementTree

import pytest

GOOD = """
import sys
import unittest

import launch
import launch_testing
import launch_testing.actions
import pytest


@pytest.mark.launch_test
@launch_testing.parametrize("word", ["alpha", "beta"])
def generate_test_description(word):
    process = launch.actions.ExecuteProcess(
        cmd=[sys.executable, "-u", "-c", f"import time; print('{word}'); time.sleep(600)"]
    )
    return launch.LaunchDescription([process, launch_testing.actions.ReadyToTest()]), {
        "process": process
    }


class TestWhileRunning(unittest.TestCase):
    def test_output(self, proc_output, process, word):
        proc_output.assertWaitFor(word, process=process, timeout=20, stream="stdout")
        self.assertIs(self.proc_output, proc_output)

    def test_started(self, proc_info, process):
        proc_info.assertWaitForStartup(process, timeout=20)


@launch_testing.post_shutdown_test()
class TestAfterShutdown(unittest.TestCase):
    def test_exit_code(self, proc_info):
        launch_testing.asserts.assertExitCodes(
            proc_info, [-2]
        )

    def test_text(self, proc_output, word):
        launch_testing.asserts.assertInStdout(proc_output, word, None)
"""

FAILING = GOOD.replace('stream="stdout")', "stream=\"stdout\")\n        self.fail('on purpose')")
KEPT_ALIVE = (
    GOOD.replace(
        "@launch_testing.parametrize",
        "@launch_testing.markers.keep_alive\n@launch_testing.parametrize",
    )
    .replace("time.sleep(600)", "pass")
    .replace("[-2]", "[0]")
    .replace(
        "test_started(self, proc_info, process):",
        "test_started(self, proc_info, process):\n        proc_info.assertWaitForShutdown(process, timeout=20)",
    )
)
NEVER_READY = GOOD.replace(", launch_testing.actions.ReadyToTest()]", "]")
DIES = GOOD.replace("time.sleep(600)", "import sys; sys.exit(5)").replace(
    "        proc_output.assertWaitFor", "        __import__('time').sleep(600)\n        x"
)


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
COMMAND = "from launch_testing.launch_test import main; sys.exit(main())"


def test_under_pytest(tmp_path):
    result = _run(tmp_path, GOOD, PYTEST, "-v")
    assert result.returncode == 0, result.stdout
    assert "test_it[alpha] PASSED" in result.stdout
    assert "test_it[beta] PASSED" in result.stdout


def test_processes_may_end_before_the_tests_if_kept_alive(tmp_path):
    result = _run(tmp_path, KEPT_ALIVE, PYTEST)
    assert result.returncode == 0, result.stdout


def test_by_the_command(tmp_path):
    result = _run(tmp_path, GOOD, COMMAND)
    assert result.returncode == 0, result.stdout
    assert result.stderr.count("\nOK\n") == 4


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
    assert "2 skipped" in result.stdout


def test_unmarked_modules_are_ordinary(tmp_path):
    text = "def generate_test_description(): pass\ndef test_plain(): assert True\n"
    result = _run(tmp_path, text, PYTEST, "-v")
    assert result.returncode == 0
    assert "test_plain PASSED" in result.stdout


def test_the_command_writes_a_junit_report(tmp_path):
    path, report = tmp_path / "mine_launch_test.py", tmp_path / "junit.xml"
    path.write_text(FAILING)
    result = _launch_test(tmp_path, path, "--junit-xml", report, "--package-name", "pack")
    assert result.returncode == 1, result.stderr
    suites = ElementTree.parse(report).getroot()
    assert [suite.get("name") for suite in suites] == [
        "pack.mine_launch_test.launch_tests[alpha]",
        "pack.mine_launch_test.launch_tests[beta]",
    ]
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("8", "2", "0")
    failed = [case.get("name") for case in suites.iter("testcase") if len(case)]
    assert failed == ["test_output[alpha]", "test_output[beta]"]
    assert "on purpose" in next(suites.iter("failure")).get("message")


def test_the_command_shows_arguments(tmp_path):
    path = tmp_path / "mine_launch_test.py"
    argument = "launch.actions.DeclareLaunchArgument('size', description='how big')"
    path.write_text(GOOD.replace("[process, ", f"[{argument}, process, "))
    result = _launch_test(tmp_path, path, "--show-args")
    assert result.returncode == 0, result.stderr
    assert "'size':\n        how big\n" in result.stdout


def test_the_command_says_what_is_wrong_with_a_file(tmp_path):
    path = tmp_path / "mine_launch_test.py"
    path.write_text(GOOD.replace("def generate_test_description(word)", "def other(word)"))
    result = _launch_test(tmp_path, path)
    assert result.returncode == 2
    assert "has no function generate_test_description()" in result.stderr
    path.write_text(GOOD.replace("def generate_test_description(word)", "def f(word, more)"))
    path.write_text(GOOD.replace("(word):\n    process", "(word, more):\n    process"))
    result = _launch_test(tmp_path, path)
    assert result.returncode == 2
    assert "unexpected extra argument 'more'" in result.stderr


def _launch_test(tmp_path, path, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "launch_testing.launch_test", str(path), *map(str, arguments)],
        cwd=tmp_path,
        env={**os.environ, "ROS_LOG_DIR": str(tmp_path / "log")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
