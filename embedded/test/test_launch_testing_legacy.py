"""Tests as launch actions: what ends them and what they return."""

import re
import sys

import pytest

from ros2_embedded import bootstrap

bootstrap.activate()

from launch.actions import ExecuteProcess, OpaqueFunction, TimerAction  # noqa: E402
from launch_testing.legacy import LaunchTestService, output  # noqa: E402

from launch import LaunchDescription, LaunchService, logging  # noqa: E402


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path))
    logging.reset()
    yield LaunchTestService()
    logging.reset()


def python(code):
    return ExecuteProcess(cmd=[sys.executable, "-uc", code])


def run(service, description):
    launch = LaunchService(noninteractive=True)
    launch.include_launch_description(description)
    return service.run(launch)


FOR_EVER = "import time; print('here I am', flush=True); time.sleep(60)"


def test_the_last_test_ends_the_fixtures(service):
    description = LaunchDescription()
    service.add_fixture_action(description, python(FOR_EVER))
    service.add_test_action(description, python("pass"))
    service.add_test_action(description, TimerAction(period=0.1, actions=[]))
    assert run(service, description) == 0


def test_the_exit_status_of_a_failed_test_is_returned(service):
    description = LaunchDescription()
    service.add_fixture_action(description, python(FOR_EVER))
    service.add_test_action(description, python("exit(3)"))
    assert run(service, description) == 3


def test_a_fixture_may_not_die(service):
    description = LaunchDescription()
    service.add_fixture_action(description, python("exit(4)"))
    service.add_test_action(description, python(FOR_EVER))
    assert run(service, description) == 4


def test_what_a_process_prints_is_found_and_ends_the_launch(service):
    description = LaunchDescription()
    talker = service.add_fixture_action(description, python(FOR_EVER))
    wanted = output.create_output_regex_test([re.compile(rb"here \w am")])
    service.add_output_test(description, talker, wanted)
    assert run(service, description) == 0


def test_what_a_process_does_not_print_fails(service):
    description = LaunchDescription()
    talker = service.add_fixture_action(description, python("print('hello')"))
    wanted = output.create_output_lines_test([b"good bye"])
    service.add_output_test(description, talker, wanted)
    service.add_test_action(description, OpaqueFunction(function=lambda context: None))
    assert run(service, description) == 1


def test_lines_that_do_not_count_are_taken_away(tmp_path):
    counting = output.create_output_lines_filter(filtered_patterns=[rb"\d+ ms"])
    assert counting(b"pid 5\nhello\n12 ms\n") == b"hello\n"
    (tmp_path / "lines.txt").write_text("a\nb\n")
    assert output.create_output_test_from_file(str(tmp_path / "lines"))[3] == [b"a", b"b"]
    with pytest.raises(RuntimeError, match="could not find"):
        output.create_output_test_from_file(str(tmp_path / "none"))
    with pytest.raises(TypeError, match="Unsupported"):
        output.get_rmw_output_filter("rmw_cyclonedds_cpp", "colours")
