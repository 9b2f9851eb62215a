"""What the web page needs of the node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.monitoring.web.action_list import Window
from execution_orchestrator.monitoring.web.floor import Grid, Scene
from execution_orchestrator.monitoring.web.plan_editing import PlanEditing
from execution_orchestrator.monitoring.web.runs import Runs
from execution_orchestrator.storage.journal import JournalEntry

JsonObject = Mapping[str, Any]
EventListener = Callable[[Sequence[JournalEntry]], None]


class WebSource(Protocol):
    """Answers are plain JSON data; methods may be called from the web server's threads."""

    def snapshot(self) -> JsonObject:
        """Return the whole node at this moment: executions, resources, servers, alerts."""
        ...

    def execution(self, execution_id: str, bars_to: int = 0) -> JsonObject | None:
        """Return one execution with its timeline, or None if there is none.

        The timeline's bars are those up to ``bars_to``, 0: the newest.
        """
        ...

    def graph(self, execution_id: str) -> JsonObject | None:
        """Return the nodes and edges of an execution's plan, or None if there is none."""
        ...

    def actions(self, execution_id: str, window: Window) -> JsonObject | None:
        """Return the actions of an execution that are in a window, or None if there is none."""
        ...

    def action(self, execution_id: str, action_id: str) -> JsonObject | None:
        """Return all that is known of one action, or None if there is none."""
        ...

    def report(self, execution_id: str, form: str) -> str | None:
        """Return the report of an execution, None if there is none.

        ``form`` is html, json, or yaml for its plan alone.
        """
        ...

    def deeds(self, words: str, before: int) -> list[JsonObject]:
        """Return who asked for what, with these words in it, below a position (0: the end).

        The newest is the first.

        Raises:
            StorageError: the journal cannot be read.

        """
        ...

    def note(self, caller: Caller, what: str, about: str = "", refusal: str = "") -> None:
        """Journal a deed or refusal of a person that is no input of the engine. Blocking."""
        ...

    def runs(self) -> Runs:
        """Return all runs of the journal, to be looked through. Its methods block."""
        ...

    def dead_letters(self) -> list[JsonObject]:
        """Return the actions that failed for good and are kept to be tried again."""
        ...

    def events(
        self, execution_id: str, before: int, limit: int, action_id: str = ""
    ) -> list[JsonObject]:
        """Return the newest events below a sequence, oldest first.

        ``before`` 0 means the newest of all, an empty ``execution_id`` those of everything, and an
        ``action_id`` those of that action alone.
        """
        ...

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call ``listener`` with every batch of events, from any thread; returns the way out."""
        ...

    def validate(
        self, plan: str, context: str, command: str = "", conversation_id: str = ""
    ) -> JsonObject:
        """Validate a plan document, or the plan that words become; nothing is run. Blocking."""
        ...

    def rehearse(
        self, plan: str, context: str, command: str = "", conversation_id: str = ""
    ) -> JsonObject:
        """Run a plan with the simulated robot: {rehearsal, message}; nothing moves. Blocking.

        ``rehearsal`` is as docs/rehearsal.md describes it, None if it came to no result.
        """
        ...

    def run(self, wanted: JsonObject, caller: Caller) -> JsonObject:
        """Run a command or a plan: {success, execution_id, message, issues}. Blocking."""
        ...

    def goal(self, execution_id: str) -> JsonObject | None:
        """Return the texts of an execution's goal, to be run again; None if there is none."""
        ...

    @property
    def editing(self) -> PlanEditing:
        """Return what plans are read, written and saved with. Its methods block."""
        ...

    def scene(self) -> Scene:
        """Return where the robots and the things around them are."""
        ...

    def grid(self, layer: str) -> Grid | None:
        """Return the map or a costmap."""
        ...

    def picture(self, name: str) -> bytes | None:
        """Return a kept picture of a camera as JPEG; None: it is not there (any more)."""
        ...

    def live(self, robot: str) -> bytes | None:
        """Return what a robot's camera sees now as JPEG; None: nothing yet, or no camera."""
        ...

    def act(self, verb: str, arguments: JsonObject, caller: Caller) -> tuple[bool, str]:
        """Do what a button says (pause, resume, cancel ...); blocking, bounded by a timeout."""
        ...
