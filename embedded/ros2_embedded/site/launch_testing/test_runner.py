"""Launches a system and tests it."""

from __future__ import annotations

import threading
import unittest
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from launch.actions import IncludeLaunchDescription, RegisterEventHandler
from launch.event_handlers import OnProcessExit, OnProcessIO, OnProcessStart
from launch.events.process import ProcessExited, ProcessIO, ProcessStarted
from launch.launch_description_source import LaunchDescriptionSource

from launch import LaunchDescription, LaunchService

from .io_handler import ActiveIoHandler
from .loader import TestRun
from .proc_info_handler import ActiveProcInfoHandler

SuiteRunner = Callable[[unittest.TestSuite], unittest.TestResult]


class LaunchDiedError(Exception):
    """The launched system ended before its tests did."""


class TestOutcome:
    """What the tests of one launch came to."""

    __test__ = False

    def __init__(self) -> None:
        self.results: list[unittest.TestResult] = []
        self.problem: str | None = None

    def wasSuccessful(self) -> bool:
        """Tell whether everything went well."""
        return self.problem is None and all(result.wasSuccessful() for result in self.results)

    def failures(self) -> list[tuple[str, str]]:
        """List the failed tests with their tracebacks."""
        found = [
            (str(case), text)
            for result in self.results
            for case, text in (*result.errors, *result.failures)
        ]
        found += [
            (str(case), "unexpected success")
            for result in self.results
            for case in result.unexpectedSuccesses
        ]
        return found if self.problem is None else [("launch", self.problem), *found]


def _run_quietly(suite: unittest.TestSuite) -> unittest.TestResult:
    """Run tests without printing."""
    result = unittest.TestResult()
    suite.run(result)
    return result


class LaunchTestRunner:
    """Runs launches one after the other, with their tests."""

    def __init__(
        self,
        test_runs: Iterable[TestRun],
        launch_file_arguments: Iterable[str] = (),
        debug: bool = False,
        run_suite: SuiteRunner = _run_quietly,
    ) -> None:
        self._test_runs = list(test_runs)
        self._arguments = dict(argument.split(":=", 1) for argument in launch_file_arguments)
        self._debug = debug
        self._run_suite = run_suite

    def validate(self) -> None:
        """Raise what is wrong with the descriptions before anything is launched."""
        for test_run in self._test_runs:
            test_run.describe(lambda: None, self._arguments)

    def run(self) -> dict[TestRun, TestOutcome]:
        """Run all launches."""
        return {test_run: self._run_one(test_run) for test_run in self._test_runs}

    def _run_one(self, test_run: TestRun) -> TestOutcome:
        """Launch a system, test it, shut it down and test what it left."""
        outcome = TestOutcome()
        ready, tested = threading.Event(), threading.Event()
        proc_info, proc_output = ActiveProcInfoHandler(), ActiveIoHandler()
        service = LaunchService(
            argv=[f"{k}:={v}" for k, v in self._arguments.items()],
            noninteractive=True,
            debug=self._debug,
        )
        description, context = test_run.describe(ready.set, self._arguments)
        candidates = {
            **test_run.parameters,
            **context,
            "proc_info": proc_info,
            "proc_output": proc_output,
            "launch_service": service,
            "test_args": self._arguments,
        }
        test_run.bind(test_run.pre_shutdown_tests, candidates)
        service.include_launch_description(
            _recorded(description, self._arguments, proc_info, proc_output)
        )

        def test() -> None:
            try:
                if ready.wait(test_run.timeout):
                    outcome.results.append(self._run_suite(test_run.pre_shutdown_tests))
                else:
                    outcome.problem = (
                        f"Timed out waiting {test_run.timeout} s for the processes to start up: "
                        "ReadyToTest was not executed"
                    )
            finally:
                tested.set()
                service.shutdown()

        thread = threading.Thread(target=test, name="launch_testing", daemon=True)
        thread.start()
        code = service.run(shutdown_when_idle=not test_run.markers.get("keep_alive", False))
        if not tested.is_set():
            outcome.problem = _explain_death(proc_info, proc_output)
            return outcome
        thread.join()
        if code != 0 and outcome.problem is None:
            outcome.problem = f"the launch failed with code {code}; its log says why"
        test_run.bind(test_run.post_shutdown_tests, candidates)
        outcome.results.append(self._run_suite(test_run.post_shutdown_tests))
        return outcome


def _recorded(
    description: LaunchDescription,
    arguments: Mapping[str, str],
    proc_info: ActiveProcInfoHandler,
    proc_output: ActiveIoHandler,
) -> LaunchDescription:
    """Put handlers that record everything before a description."""

    def on_start(event: ProcessStarted, _: object) -> None:
        proc_output.track(event.process_name)
        proc_info.append(event)

    def on_exit(event: ProcessExited, _: object) -> None:
        proc_info.append(event)

    def on_io(event: ProcessIO) -> None:
        proc_output.append(event)

    handlers: list[Any] = [
        OnProcessStart(on_start=on_start),
        OnProcessExit(on_exit=on_exit),
        OnProcessIO(on_stdout=on_io, on_stderr=on_io),
    ]
    include = IncludeLaunchDescription(
        LaunchDescriptionSource(description, "<test>"), launch_arguments=arguments
    )
    return LaunchDescription([*map(RegisterEventHandler, handlers), include])


def _explain_death(proc_info: ActiveProcInfoHandler, proc_output: ActiveIoHandler) -> str:
    """Describe how the processes ended."""
    lines = ["Processes under test stopped before tests completed"]
    for event in proc_info:
        code = getattr(event, "returncode", "still running")
        lines.append(f"Process {event.process_name}: exit code {code}")
        written = b"".join(entry.text for entry in proc_output[event.process_name])
        lines += [f"    {line}" for line in written.decode(errors="replace").splitlines()[-20:]]
    return "\n".join(lines)
