"""Runs a launch description until all its tests have ended."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from enum import Enum
from typing import Any

from launch.action import Action
from launch.actions import EmitEvent, ExecuteProcess, RegisterEventHandler
from launch.event_handlers import OnExecutionComplete, OnProcessExit, OnProcessIO, OnShutdown
from launch.events import Shutdown

from launch import LaunchDescription, LaunchService

from .output import OutputTest


class _State(Enum):
    ARMED = "armed"
    ENDED = "ended"
    FAILED = "failed"


def _shutdown(reason: str) -> list[Action]:
    return [EmitEvent(event=Shutdown(reason=reason))]


class LaunchTestService:
    """Notes which actions are tests and which have to live as long as there are any."""

    def __init__(self) -> None:
        self._tests: dict[str, _State] = {}
        self._exit_codes: list[int] = []

    def _end(self, test: str) -> list[Action]:
        """Note a success; the last one ends the launch."""
        if self._tests[test] is _State.ARMED:
            self._tests[test] = _State.ENDED
        done = _State.ARMED not in self._tests.values()
        return _shutdown("all tests finished") if done else []

    def _fail(self, test: str, reason: str) -> list[Action]:
        """Note a failure, which ends the launch."""
        self._tests[test] = _State.FAILED
        return _shutdown(reason)

    def add_fixture_action(
        self,
        launch_description: LaunchDescription,
        action: Action,
        exit_allowed: bool | Container[int] = (0,),
    ) -> Action:
        """Add what tests need; a process that ends with another exit status fails the launch.

        ``exit_allowed`` are the exit statuses with which it may end early, True for any.
        """
        launch_description.add_action(action)

        def ended(event: Any, context: Any) -> list[Action]:
            code = event.returncode
            allowed = exit_allowed if isinstance(exit_allowed, bool) else code in exit_allowed
            if context.is_shutdown or allowed:
                return []
            self._exit_codes.append(code or 1)
            name = event.action.process_details["name"]
            return _shutdown(f"{name} fixture process died!")

        if isinstance(action, ExecuteProcess):
            handler = OnProcessExit(target_action=action, on_exit=ended)
            launch_description.add_action(RegisterEventHandler(handler))
        return action

    def add_test_action(self, launch_description: LaunchDescription, action: Action) -> Action:
        """Add a test: a process that has to exit with 0, or another action that has to complete."""
        test = f"test_{id(action)}"

        def exited(event: Any, context: Any) -> list[Action]:
            if event.returncode == 0:
                return self._end(test)
            self._exit_codes.append(event.returncode)
            return self._fail(test, f"{event.action.process_details['name']} test failed!")

        def completed(event: Any, context: Any) -> list[Action]:
            future = event.action.get_asyncio_future()
            if future is not None and not future.cancelled() and future.exception() is not None:
                return self._fail(test, str(future.exception()))
            return self._end(test)

        handler: Any = (
            OnProcessExit(target_action=action, on_exit=exited)
            if isinstance(action, ExecuteProcess)
            else OnExecutionComplete(target_action=action, on_completion=completed)
        )
        launch_description.add_action(RegisterEventHandler(handler))
        launch_description.add_action(action)
        self._tests[test] = _State.ARMED
        return action

    def add_output_test(
        self,
        launch_description: LaunchDescription,
        action: ExecuteProcess,
        output_test: OutputTest,
        test_suffix: str = "output",
        output_filter: Callable[[bytes], bytes] | None = None,
        side_effect: str | None = None,
    ) -> ExecuteProcess:
        """Test what a process prints, as `launch_testing.legacy.output` makes such tests.

        ``output_filter`` takes away what does not count; ``side_effect`` 'shutdown' ends the launch
        once everything was found.
        """
        test = f"test_{id(action)}_{test_suffix}"
        collected, collate, matches, patterns = output_test
        missing: list[Any] = list(patterns)

        def printed(event: Any) -> list[Action] | None:
            nonlocal collected
            text = event.text if output_filter is None else output_filter(event.text)
            collected = collate(collected, text)
            missing[:] = [one for one in missing if not matches(collected, one)]
            if missing:
                return None
            ending = self._end(test)
            if not ending and side_effect == "shutdown":
                return _shutdown("shutdown after test")
            return ending

        def over(event: Any, context: Any) -> list[Action]:
            if missing:
                self._tests[test] = _State.FAILED
            return []

        for handler in (
            # What was printed may be told only after the exit: it is judged at the shutdown.
            OnProcessExit(target_action=action, on_exit=lambda event, context: self._end(test)),
            OnProcessIO(target_action=action, on_stdout=printed),
            OnShutdown(on_shutdown=over),
        ):
            launch_description.add_action(RegisterEventHandler(handler))
        self._tests[test] = _State.ARMED
        return action

    def run(self, launch_service: LaunchService, *args: Any, **kwargs: Any) -> int:
        """Run the launch service; returns 0 if it and all tests were successful."""
        result = launch_service.run(*args, **kwargs)
        if result:
            return result
        codes: Sequence[int] = [code for code in self._exit_codes if code]
        if codes:
            return codes[0]
        return int(_State.FAILED in self._tests.values())
