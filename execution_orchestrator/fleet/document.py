"""The mission document: tasks for robots, what they wait for, and what undoes them.

Times are seconds. Texts of ``condition`` are CEL expressions; ``{{ ... }}`` in commands, contexts
and names of robots is replaced by the value of the expression. ``input``, ``tasks``, ``signals``,
``mission`` and, in a ``for_each``, ``item`` and ``index`` are what expressions know.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from execution_orchestrator.plan.capability import RetryPolicy
from execution_orchestrator.plan.model import MAX_SECONDS, Document, Identifier, Schedule, Seconds

MAX_TASKS = 1000  # of a document
MAX_ITEMS = 10_000  # tasks of a mission, the items of every for_each counted
ROBOT = r"^[A-Za-z0-9_./-]*$"
ANY = "any"
Name = Annotated[str, Identifier]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=64)]


class Needs(Document):
    """What a robot has to be able to do, and to be, to take a task.

    ``payload`` is in kilograms, ``battery`` the least charge from 0.0 to 1.0 when the task is
    taken, ``zone`` one that the robot works in. The capabilities of a task's own plan are added.
    """

    capabilities: tuple[Label, ...] = Field((), max_length=50)
    payload: float | None = Field(None, ge=0.0, le=1e6)
    battery: float | None = Field(None, ge=0.0, le=1.0)
    zone: Label | None = None


class Work(Document):
    """What one robot is asked for: a command, or a plan (in the document or in a file).

    ``robot``: the name of one, ``any``, or a template such as ``{{ tasks.fetch.robot }}``.
    ``context`` is ``input`` in the plan's expressions. ``timeout`` is for the execution on the
    robot, ``patience`` for waiting until a robot takes it.
    """

    robot: str = Field(ANY, min_length=1, max_length=200)
    needs: Needs = Needs()
    command: str | None = Field(None, min_length=1, max_length=10_000)
    plan: dict[str, Any] | None = None
    file: str | None = Field(None, min_length=1, max_length=200)
    context: dict[str, Any] = Field({}, max_length=1000)
    timeout: float | None = Seconds
    patience: float | None = Seconds

    @property
    def works(self) -> bool:
        """Whether a robot is asked for something."""
        return any(value is not None for value in (self.command, self.plan, self.file))


class Task(Work):
    """One task of a mission.

    Without a command and a plan it only asks (``require_confirmation``), waits for a signal
    (``wait_for_signal``) or lets time pass (``delay``). ``shared`` names things that it holds
    while it runs.
    """

    id: Name
    description: str = Field("", max_length=2000)
    depends_on: tuple[Name, ...] = Field((), max_length=MAX_TASKS)
    condition: str | None = None
    for_each: str | list[Any] | None = None
    max_parallel: int | None = Field(None, ge=1, le=1000)
    priority: int | None = Field(None, ge=-100, le=100)
    retry: RetryPolicy = RetryPolicy()
    on_failure: Literal["abort", "skip_dependents", "continue"] = "abort"
    compensation: Work | None = None
    shared: tuple[Name, ...] = Field((), max_length=20)
    require_confirmation: StrictBool | Annotated[str, Field(min_length=1, max_length=2000)] = False
    confirmation_timeout: float | None = Seconds
    confirmation_default: StrictBool = False
    wait_for_signal: Name | None = None
    delay: float | None = Field(None, ge=0.0, le=MAX_SECONDS)


class Shared(Document):
    """A thing that robots share, such as a lift or a dock: one task at a time holds it.

    ``lease`` is how long a task may hold it, in seconds; then it is given to the next.
    """

    description: str = Field("", max_length=2000)
    lease: float = Field(600.0, gt=0.0, le=MAX_SECONDS)


class Mission(Document):
    """Tasks for a fleet; what does not depend on each other runs side by side.

    ``inputs`` are the defaults of what is given when it is submitted. ``timeout`` counts from the
    start, ``deadline`` is a moment of the wall clock in ``time_zone``; both cancel what runs.
    ``return`` is a value with templates, the mission's output.
    """

    version: Literal[1] = 1
    name: str = Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    description: str = Field("", max_length=10_000)
    inputs: dict[Name, Any] = Field({}, max_length=1000)
    signals: dict[Name, dict[str, Any]] = Field({}, max_length=100)
    shared: dict[Name, Shared] = Field({}, max_length=100)
    priority: int = Field(0, ge=-100, le=100)
    timeout: float | None = Seconds
    deadline: str | None = Field(None, max_length=64)
    time_zone: str = Field("", max_length=64)
    schedule: Schedule | None = None
    max_parallel: int | None = Field(None, ge=1, le=1000)
    compensate_on_cancel: StrictBool = False
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=MAX_TASKS)
    return_: Any = Field(None, alias="return")


def mission_schema() -> dict[str, Any]:
    """Return the JSON Schema of mission documents, for editors."""
    made = Mission.model_json_schema(by_alias=True)
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return made
