"""Launches a system and tests it."""

from __future__ import annotations

import inspect
import threading
import unittest
from collections.abc import Iterable, Mapping
from typing import Any

from launch.actions import IncludeLaunchDescription, RegisterEventHandler
from launch.event_handlers import OnProcessExit, OnProcessIO, OnProcessStart
from launch.launch_description_source import LaunchDescriptionSource

from launch import LaunchDescription, LaunchService

from .io_handler import ActiveIoHandler
from .loader import TestRun
from .parse_arguments import parse_launch_arguments
from .proc_info_handler import ActiveProcInfoHandler
from .test_result import FailResult, SkipResult, TestResult


class LaunchDiedError(Exception):
    """The launched system ended before its tests did, or failed."""


class _RunnerWorker:
    """Runs one launch with its tests: the launch in the main thread, the tests beside it."""

    def __init__(
        self,
        test_run: TestRun,
        test_run_preamble: Iterable[Any],
        launch_file_arguments: Iterable[str] = (),
        debug: bool = False,
    ) -> None:
        self._test_run = test_run
        self._preamble = list(test_run_preamble)
        self._arguments = dict(parse_launch_arguments(launch_file_arguments))
        self._launch_service = LaunchService(noninteractive=True, debug=debug)
        self._ready = threading.Event()
        self._tested = threading.Event()
        self._results = TestResult()
        self._problem = "Launch stopped before the active tests finished."

    def run(self) -> TestResult:
        """Launch, test, shut down, and test what is left. Raises LaunchDiedError."""
        description, context = self._test_run.normalized_test_description(ready_fn=self._ready.set)
        proc_info, proc_output = ActiveProcInfoHandler(), ActiveIoHandler()
        attributes = {
            "proc_info": proc_info,
            "proc_output": proc_output,
            "test_args": self._arguments,
            "launch_service": self._launch_service,
        }
        for tests in (self._test_run.pre_shutdown_tests, self._test_run.post_shutdown_tests):
            arguments = {**context, **self._test_run.param_args, **attributes}
            self._test_run.bind(tests, attributes, arguments)
        self._launch_service.include_launch_description(
            _recorded(self._preamble, description, self._arguments, proc_info, proc_output)
        )
        thread = threading.Thread(target=self._run_test, name="launch_testing", daemon=True)
        thread.start()
        keep_alive = self._test_run.markers.get("keep_alive", False)
        code = self._launch_service.run(shutdown_when_idle=not keep_alive)
        if not self._tested.is_set():
            print("Processes under test stopped before tests completed")
            _print_ends(proc_info, proc_output)
            raise LaunchDiedError(self._problem)
        thread.join()
        if code != 0:
            raise LaunchDiedError(f"the launch failed with code {code}; its log says why")
        self._results.append(_run_suite(self._test_run.post_shutdown_tests))
        return self._results

    def _run_test(self) -> None:
        """Wait for the system to be ready, and test it."""
        timeout = self._test_run.timeout
        if not self._ready.wait(timeout):
            self._problem = (
                f"Timed out waiting {timeout} s for processes to start up: ReadyToTest was not "
                "executed"
            )
            print(self._problem)
            self._launch_service.shutdown()
            return
        try:
            self._results.append(_run_suite(self._test_run.pre_shutdown_tests))
        finally:
            self._tested.set()
            self._launch_service.shutdown()


class LaunchTestRunner:
    """Runs launches one after the other, with their tests."""

    def __init__(
        self,
        test_runs: Iterable[TestRun],
        launch_file_arguments: Iterable[str] = (),
        debug: bool = False,
    ) -> None:
        self._test_runs = list(test_runs)
        self._launch_file_arguments = list(launch_file_arguments)
        self._debug = debug

    def generate_preamble(self) -> list[Any]:
        """Return what each launch begins with, for subclasses to add to."""
        return []

    def run(self) -> dict[TestRun, unittest.TestResult]:
        """Run all launches, up to one that dies."""
        results: dict[TestRun, unittest.TestResult] = {}
        for test_run in self._test_runs:
            if len(self._test_runs) > 1:
                print(f"\nStarting test run {test_run}")
            try:
                results[test_run] = _RunnerWorker(
                    test_run, self.generate_preamble(), self._launch_file_arguments, self._debug
                ).run()
            except unittest.SkipTest as skip:
                print(f"{test_run} is skipped: {skip}")
                results[test_run] = SkipResult(test_run, skip_reason=str(skip))
            except LaunchDiedError as error:
                results[test_run] = FailResult(test_run, message=str(error))
                # Most likely somebody interrupted it, who does not want the others either.
                break
        return results

    def validate(self) -> None:
        """Check the arguments of the descriptions; raise TypeError where they are not right."""
        for test_run in self._test_runs:
            described = inspect.unwrap(test_run._test_description_function)
            function = getattr(described, "func", described)
            wanted = inspect.signature(function).parameters
            for name in test_run.param_args:
                if name not in wanted:
                    raise TypeError(
                        "Could not find an argument in generate_test_description matching "
                        f"parametrized argument '{name}'"
                    )
            for name, parameter in wanted.items():
                variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
                if name not in test_run.param_args and not variadic:
                    raise TypeError(
                        f"generate_test_description has unexpected extra argument '{name}'"
                    )


def _run_suite(tests: Any) -> TestResult:
    """Run tests and print how they go."""
    runner = unittest.TextTestRunner(verbosity=2, resultclass=TestResult)
    result = runner.run(tests)
    assert isinstance(result, TestResult)
    return result


def _recorded(
    preamble: Iterable[Any],
    description: LaunchDescription,
    arguments: Mapping[str, str],
    proc_info: ActiveProcInfoHandler,
    proc_output: ActiveIoHandler,
) -> LaunchDescription:
    """Put handlers that record everything before a description."""

    def on_start(event: Any, _: object) -> None:
        proc_output.track(event.process_name)
        proc_info.append(event)

    handlers: list[Any] = [
        OnProcessStart(on_start=on_start),
        OnProcessExit(on_exit=lambda event, _: proc_info.append(event)),
        OnProcessIO(on_stdout=proc_output.append, on_stderr=proc_output.append),
    ]
    include = IncludeLaunchDescription(
        LaunchDescriptionSource(description, "<test>"), launch_arguments=arguments.items()
    )
    return LaunchDescription([*preamble, *map(RegisterEventHandler, handlers), include])


def _print_ends(proc_info: ActiveProcInfoHandler, proc_output: ActiveIoHandler) -> None:
    """Print how processes that failed ended, and what they wrote."""
    for event in proc_info:
        code = getattr(event, "returncode", None)
        if code == 0:
            continue
        end = "still runs" if code is None else f"exited with {code}"
        print(f"Process '{event.process_name}' {end}")
        written = b"".join(entry.text for entry in proc_output[event.process_name])
        if written:
            print(f"##### '{event.process_name}' output #####")
            print(written.decode(errors="replace"))
