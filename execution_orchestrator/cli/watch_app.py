"""The full-screen terminal display with its keys."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer, Header, Static

from execution_orchestrator.cli.view.formatting import FINAL_EXECUTION_STATUS, execution_name
from execution_orchestrator.cli.view.frame import live_view
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError
from execution_orchestrator.srv import Cancel, Confirm, EmergencyStop, Pause, Resume

REFRESH_PERIOD = 0.25  # seconds


class WatchApp(App[None]):
    """Executions, bars, what runs on which resource, recoveries; keys act on the chosen one."""

    TITLE = "execution_orchestrator"
    ENABLE_COMMAND_PALETTE = False  # its hint would push the keys off 80 columns
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "choose(1)", "next"),
        Binding("p", "act('pause')", "pause"),
        Binding("r", "act('resume')", "resume"),
        Binding("c", "act('cancel')", "cancel"),
        Binding("y", "confirm(True)", "approve"),
        Binding("x", "confirm(False)", "refuse"),
        Binding("E", "emergency_stop", "STOP ALL"),
        Binding("q", "quit", "leave"),
    ]

    def __init__(self, client: OrchestratorClient) -> None:
        super().__init__()
        self._orchestrator = client
        self._chosen = ""

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Header()
        with VerticalScroll():
            yield Static(id="picture")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to draw."""
        self.set_interval(REFRESH_PERIOD, self._draw)

    def _unfinished(self) -> list[Any]:
        state = self._orchestrator.state
        if state is None:
            return []
        return [e for e in state.executions if e.status.value not in FINAL_EXECUTION_STATUS]

    def _current(self) -> Any:
        running = self._unfinished()
        for execution in running:
            if execution.execution_id == self._chosen:
                return execution
        return running[0] if running else None

    def _draw(self) -> None:
        current = self._current()
        self.sub_title = f"keys act on: {execution_name(current)}" if current else ""
        picture = live_view(
            self._orchestrator.state,
            list(self._orchestrator.recoveries),
            list(self._orchestrator.alerts),
            chosen=current.execution_id if current else "",
            size=(self.size.width, self.size.height),
        )
        self.query_one("#picture", Static).update(picture)

    def action_choose(self, step: int) -> None:
        """Choose the next unfinished execution."""
        ids = [execution.execution_id for execution in self._unfinished()]
        if ids:
            here = ids.index(self._chosen) if self._chosen in ids else 0
            self._chosen = ids[(here + step) % len(ids)]

    def action_act(self, service: str) -> None:
        """Pause, resume or cancel the chosen execution."""
        current = self._current()
        if current is None:
            self.notify("nothing runs", severity="warning")
            return
        types = {"pause": Pause, "resume": Resume, "cancel": Cancel}
        self._call(service, types[service], execution_id=current.execution_id)

    def action_confirm(self, approve: bool) -> None:
        """Answer what the chosen execution asked first."""
        current = self._current()
        if current is None:
            self.notify("nothing waits for an answer", severity="warning")
            return
        self._call("confirm", Confirm, execution_id=current.execution_id, approve=approve)

    def action_emergency_stop(self) -> None:
        """Stop everything at once."""
        self._call("emergency_stop", EmergencyStop, reason="stopped from the terminal display")

    @work(thread=True)
    def _call(self, service: str, service_type: Any, **fields: Any) -> None:
        try:
            answer = self._orchestrator.call(service, service_type, **fields)
        except OrchestratorUnavailableError as failure:
            self.call_from_thread(partial(self.notify, str(failure), severity="error"))
            return
        message = answer.message or service
        if answer.success:
            self.call_from_thread(self.notify, message)
        else:
            self.call_from_thread(partial(self.notify, message, severity="error"))
