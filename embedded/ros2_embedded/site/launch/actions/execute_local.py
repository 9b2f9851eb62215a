"""Runs a process on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import logging as python_logging
import os
import signal
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from launch import logging
from launch.action import Action
from launch.event import Event
from launch.event_handler import BaseEventHandler, EventHandler
from launch.event_handlers import OnProcessExit, OnProcessIO, OnShutdown
from launch.events import Shutdown, matches_action
from launch.events.process import (
    ProcessExited,
    ProcessIO,
    ProcessStarted,
    ProcessStderr,
    ProcessStdout,
    ShutdownProcess,
    SignalProcess,
)
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_entities_type import SomeEntitiesType
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import LaunchConfiguration
from launch.utilities import (
    normalize_to_list_of_entities,
    normalize_to_list_of_substitutions,
    perform_substitutions,
)
from launch.utilities.type_utils import normalize_typed_substitution, perform_typed_substitution

from .child_process import start_child
from .event_actions import EmitEvent
from .line_buffer import LineBuffer
from .opaque_function import OpaqueFunction
from .timer_action import TimerAction

if TYPE_CHECKING:
    from launch.descriptions import Executable
    from launch.launch_context import LaunchContext

#: Seconds the rest of a process's output is waited for after its end.
OUTPUT_GRACE = 1.0

OnExit = SomeEntitiesType | Callable[[ProcessExited, "LaunchContext"], SomeEntitiesType | None]


class ExecuteLocal(Action):
    """Runs a process, passes its output on and ends it with the launched system.

    On shutdown the process gets SIGINT, after `sigterm_timeout` seconds SIGTERM, and
    `sigkill_timeout` seconds later SIGKILL. `respawn_delay` is in seconds.
    """

    def __init__(
        self,
        *,
        process_description: Executable,
        shell: bool = False,
        sigterm_timeout: SomeSubstitutionsType | float | None = None,
        sigkill_timeout: SomeSubstitutionsType | float | None = None,
        emulate_tty: bool = False,
        output: SomeSubstitutionsType = "log",
        output_format: str = "[{this.process_description.final_name}] {line}",
        cached_output: bool = False,
        log_cmd: bool = False,
        on_exit: OnExit | None = None,
        respawn: bool | SomeSubstitutionsType = False,
        respawn_delay: float | None = None,
        respawn_max_retries: int = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.process_description = process_description
        self.shell = shell
        self.sigterm_timeout = self._timeout("sigterm_timeout", sigterm_timeout)
        self.sigkill_timeout = self._timeout("sigkill_timeout", sigkill_timeout)
        self.emulate_tty = emulate_tty
        # Users see the output of everything with this variable, whatever launch files say.
        self.output = normalize_to_list_of_substitutions(
            os.environ.get("OVERRIDE_LAUNCH_PROCESS_OUTPUT") or output
        )
        self.__output_format = output_format
        self.__log_cmd = log_cmd
        self.__on_exit = on_exit
        self.__respawn = normalize_typed_substitution(respawn, bool)
        self.__respawn_delay = respawn_delay or 0.0
        self.__respawns_left = float("inf") if respawn_max_retries < 0 else respawn_max_retries
        self.__buffers = {1: LineBuffer(keep=cached_output), 2: LineBuffer(keep=cached_output)}
        self.__loggers: dict[int, python_logging.Logger] = {}
        self.__handlers: list[BaseEventHandler] = []
        self.__details: dict[str, Any] | None = None
        self.__logger = logging.get_logger("launch.actions.execute_local")
        self._subprocess_transport: asyncio.SubprocessTransport | None = None
        self.__completed: asyncio.Future[None] | None = None
        self.__shutdown_begun: asyncio.Future[None] | None = None
        self.__escalation: list[TimerAction] = []

    @staticmethod
    def _timeout(name: str, value: SomeSubstitutionsType | float | None) -> list[Substitution]:
        """Make a timeout of what was given; the launch configuration of its name is the default."""
        if value is None:
            value = LaunchConfiguration(name, default=5)
        return normalize_to_list_of_substitutions(
            str(value) if isinstance(value, (int, float)) else value
        )

    @property
    def process_details(self) -> dict[str, Any] | None:
        """Name, command line, environment and pid of the process; None before the start."""
        return self.__details

    @property
    def return_code(self) -> int | None:
        """The exit code; None while the process runs."""
        if self._subprocess_transport is None:
            return None
        return self._subprocess_transport.get_returncode()

    def get_stdout(self) -> str:
        """Return the output so far. Raises RuntimeError unless `cached_output` was given."""
        return self._cached(1)

    def get_stderr(self) -> str:
        """Return the error output so far. Raises RuntimeError unless `cached_output` was given."""
        return self._cached(2)

    def _cached(self, source: int) -> str:
        """Return the kept output of a source."""
        if not self.__buffers[source].keeps:
            raise RuntimeError("the output of this process is not kept: give cached_output=True")
        return self.__buffers[source].text

    def get_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List what is visited when the process ends."""
        if self.__on_exit is None or callable(self.__on_exit):
            return []
        return normalize_to_list_of_entities(self.__on_exit)

    def get_asyncio_future(self) -> asyncio.Future[Any] | None:
        """Return the future of the process's end."""
        return self.__completed

    def prepare(self, context: LaunchContext) -> None:
        """Compute the command line and what else is a substitution."""
        description = self.process_description
        description.prepare(context, self)
        self.__details = {
            "action": self,
            "name": description.final_name,
            "cmd": description.final_cmd,
            "cwd": description.final_cwd,
            "env": description.final_env,
        }
        self.__respawn = perform_typed_substitution(context, self.__respawn, bool)

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Start the process. Raises RuntimeError when executed twice."""
        self.prepare(context)
        details = self.__details
        assert details is not None
        if self.__completed is not None:
            raise RuntimeError(
                f"process '{details['name']}' was executed more than once: one action, one process"
            )
        if context.is_shutdown:
            return None
        self.__logger = logging.get_logger(details["name"])
        output = perform_substitutions(context, self.output)
        stdout, stderr = logging.get_output_loggers(details["name"], output)
        self.__loggers = {1: stdout, 2: stderr}
        self.__handlers = self._event_handlers()
        for handler in self.__handlers:
            context.register_event_handler(handler)
        self.__completed = context.asyncio_loop.create_future()
        self.__shutdown_begun = context.asyncio_loop.create_future()
        # The future keeps the service running; the task is kept alive by it through this frame.
        self.__task = context.asyncio_loop.create_task(self._run(context))
        return None

    def _event_handlers(self) -> list[BaseEventHandler]:
        """Make the handlers that live as long as the process."""
        return [
            EventHandler(
                matcher=lambda event: (
                    isinstance(event, ShutdownProcess) and event.process_matcher(self)
                ),
                entities=OpaqueFunction(
                    function=lambda context: self._shutdown_process(context, send_sigint=True)
                ),
            ),
            EventHandler(
                matcher=lambda event: (
                    isinstance(event, SignalProcess) and event.process_matcher(self)
                ),
                entities=OpaqueFunction(
                    function=lambda context: self._on_signal(context.locals.event)
                ),
            ),
            OnProcessIO(target_action=self, on_stdout=self._on_output, on_stderr=self._on_output),
            OnShutdown(on_shutdown=self._on_shutdown),
            OnProcessExit(target_action=self, on_exit=self.__on_exit),
            OnProcessExit(target_action=self, on_exit=self._on_exited),
        ]

    async def _run(self, context: LaunchContext) -> None:
        """Run the process, again as often as it is to be respawned."""
        try:
            while await self._run_once(context) and await self._may_respawn(context):
                self.__logger.debug("respawning")
        finally:
            self._clean_up(context)

    async def _run_once(self, context: LaunchContext) -> bool:
        """Start the process and wait for its end; tell whether it could be started."""
        assert self.__details is not None
        assert self.__shutdown_begun is not None
        details = self.__details
        command = " ".join(part for part in details["cmd"] if part.strip())
        if self.__log_cmd:
            self.__logger.info(
                f"process details: cmd='{command}', cwd='{details['cwd']}', "
                f"custom_env?={details['env'] is not None}"
            )
        if self.__shutdown_begun.done():
            return False
        events = {1: ProcessStdout, 2: ProcessStderr}
        try:
            protocol = await start_child(
                details["cmd"],
                cwd=details["cwd"],
                env=details["env"],
                shell=self.shell,
                emulate_tty=self._wants_terminal(context),
                on_started=lambda transport: self._on_started(context, transport),
                on_output=lambda source, data: context.emit_event_sync(
                    events[source](text=data, **details)
                ),
            )
        except Exception:
            self.__logger.error(
                f"exception occurred while executing process:\n{traceback.format_exc()}"
            )
            return False
        assert self._subprocess_transport is not None
        await protocol.wait_until_complete(OUTPUT_GRACE)
        pid, code = details["pid"], self._subprocess_transport.get_returncode()
        assert code is not None
        if code == 0:
            self.__logger.info(f"process has finished cleanly [pid {pid}]")
        else:
            self.__logger.error(f"process has died [pid {pid}, exit code {code}, cmd '{command}'].")
        self._subprocess_transport.close()
        if self.shell:
            self._end_process_group(pid)
        await context.emit_event(ProcessExited(returncode=code, **details))
        return True

    def _end_process_group(self, pid: int) -> None:
        """End what a shell left running in the background."""
        assert self.__shutdown_begun is not None
        number = signal.SIGKILL if self.__shutdown_begun.done() else signal.SIGTERM
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)

    def _on_started(self, context: LaunchContext, transport: asyncio.SubprocessTransport) -> None:
        """Announce the start."""
        assert self.__details is not None
        self._subprocess_transport = transport
        pid = self.__details["pid"] = transport.get_pid()
        self.__logger.info(f"process started with pid [{pid}]")
        context.emit_event_sync(ProcessStarted(**self.__details))

    def _wants_terminal(self, context: LaunchContext) -> bool:
        """Tell whether the process is to see a terminal; a launch configuration may say so."""
        configured = context.launch_configurations.get("emulate_tty")
        if configured is None:
            return self.emulate_tty
        return str(configured).lower() in ("true", "1")

    async def _may_respawn(self, context: LaunchContext) -> bool:
        """Wait out the delay and tell whether the process is to be started again."""
        assert self.__shutdown_begun is not None
        if not self.__respawn or context.is_shutdown or self.__shutdown_begun.done():
            return False
        if self.__respawns_left <= 0:
            return False
        self.__respawns_left -= 1
        await asyncio.wait([self.__shutdown_begun], timeout=self.__respawn_delay)
        return not self.__shutdown_begun.done()

    def _clean_up(self, context: LaunchContext) -> None:
        """Stop the timers and let the launch service know that the work is done."""
        assert self.__completed is not None
        for timer in self.__escalation:
            timer.cancel()
        if not self.__completed.done():
            self.__completed.set_result(None)

    def _on_output(self, event: ProcessIO) -> None:
        """Pass lines on to the loggers."""
        self._log_lines(event.fd, self.__buffers[event.fd].feed(event.text))

    def _on_exited(self, event: ProcessExited, context: LaunchContext) -> None:
        """Pass the last line on, and stop listening if the process will not come back."""
        for source, buffer in self.__buffers.items():
            self._log_lines(source, buffer.flush())

    def _log_lines(self, source: int, lines: Iterable[str]) -> None:
        """Log lines of output."""
        for line in lines:
            self.__loggers[source].info(self.__output_format.format(line=line, this=self))

    def _on_shutdown(self, event: Shutdown, context: LaunchContext) -> SomeEntitiesType | None:
        """End the process with the system; a terminal has sent Ctrl-C to it already."""
        reached = event.due_to_sigint and not context.noninteractive and not self.shell
        return self._shutdown_process(context, send_sigint=not reached)

    def _shutdown_process(
        self, context: LaunchContext, *, send_sigint: bool
    ) -> list[LaunchDescriptionEntity] | None:
        """Begin to end the process."""
        if self.__shutdown_begun is None or self.__shutdown_begun.done():
            return None
        assert self.__completed is not None
        self.__shutdown_begun.set_result(None)
        if self.__completed.done():
            return None
        if self._subprocess_transport is None:
            # It is being started this very moment; the signals follow when it has been.
            started = OpaqueFunction(
                function=lambda context: self._escalate(context, send_sigint=True)
            )
            context.register_event_handler(
                EventHandler(
                    matcher=lambda event: (
                        isinstance(event, ProcessStarted) and event.action is self
                    ),
                    entities=started,
                    handle_once=True,
                )
            )
            return None
        return self._escalate(context, send_sigint=send_sigint)

    def _escalate(
        self, context: LaunchContext, *, send_sigint: bool
    ) -> list[LaunchDescriptionEntity]:
        """Return the signal to send now and the timers for harder ones."""
        to_term = perform_typed_substitution(context, self.sigterm_timeout, float)
        to_kill = perform_typed_substitution(context, self.sigkill_timeout, float)
        self.__escalation = [
            self._signal_later(to_term, "SIGINT", to_term, signal.SIGTERM),
            self._signal_later(to_term + to_kill, "SIGTERM", to_kill, signal.SIGKILL),
        ]
        entities: list[LaunchDescriptionEntity] = [*self.__escalation]
        if send_sigint:
            entities.append(EmitEvent(event=self._signal_event(signal.SIGINT)))
        return entities

    def _signal_event(self, number: signal.Signals) -> SignalProcess:
        """Make the request to signal this process."""
        return SignalProcess(signal_number=number, process_matcher=matches_action(self))

    def _signal_later(
        self, period: float, previous: str, waited: float, number: signal.Signals
    ) -> TimerAction:
        """Make a timer that signals the process if it still runs."""

        def explain(_: LaunchContext) -> None:
            name = (self.__details or {}).get("name")
            self.__logger.error(
                f"process[{name}] failed to terminate '{waited}' seconds after receiving "
                f"'{previous}', escalating to '{number.name}'"
            )

        return TimerAction(
            period=period,
            actions=[OpaqueFunction(function=explain), EmitEvent(event=self._signal_event(number))],
            cancel_on_shutdown=False,
        )

    def _on_signal(self, event: Event) -> None:
        """Send the signal an event asks for."""
        assert isinstance(event, SignalProcess)
        details = self.__details or {}
        transport = self._subprocess_transport
        if transport is None:
            raise RuntimeError(
                f"signal '{event.signal_name}' for process[{details.get('name')}], "
                "which has not been started"
            )
        if transport.get_returncode() is not None:
            self.__logger.debug(
                f"signal '{event.signal_name}' not sent to '{details['name']}': it has ended"
            )
            return
        self.__logger.info(f"sending signal '{event.signal_name}' to process[{details['name']}]")
        try:
            if self.shell:
                os.killpg(transport.get_pid(), event.signal)
            else:
                transport.send_signal(event.signal)
        except ProcessLookupError:
            self.__logger.debug(f"'{details['name']}' ended before the signal reached it")
