"""An execution that goes on with another plan: a is kept, b dropped, c runs again, d is new."""

from execution_orchestrator.engine import events as ev
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.storage.journal import JournalEntry

ERROR = ErrorInfo(type=ErrorType.NAVIGATION, code="NO_VALID_PATH", message="blocked")


def node(name, *after, **fields):
    return {"id": name, "action_type": "navigate_to", "depends_on": list(after), **fields}


def replanned(start):
    """Return its entries up to the new plan's first dispatch; ``start`` is Unix seconds."""

    def at(seconds, kind, key="", attempt=0, **fields):
        return kind(time=start + seconds, execution_id="e1", key=key, attempt=attempt, **fields)

    first = {"actions": [node("a"), node("c", "a"), node("b", "c")]}
    second = {"actions": [node("d"), node("c", "d", estimated_duration=4.0)]}
    events = [
        at(0, ev.ExecutionAccepted, plan=first, command="bring it"),
        at(0, ev.ExecutionStarted),
        at(0, ev.TaskReady, "a"),
        at(0, ev.TaskStarted, "a", 1, goal_id="g1"),
        at(2, ev.TaskCompleted, "a", 1, output={}),
        at(2, ev.TaskReady, "c"),
        at(2, ev.TaskStarted, "c", 1, goal_id="g2"),
        at(3, ev.TaskAttemptFailed, "c", 1, outcome="aborted", error=ERROR),
        at(3, ev.TaskFailed, "c", 1, error=ERROR),
        at(4, ev.ExecutionReplanned, run_id="r1", plan=second, kept=("a",)),
        at(4, ev.TaskReady, "d"),
        at(4, ev.TaskStarted, "d", 1, goal_id="g3"),
    ]
    return [JournalEntry(number, event) for number, event in enumerate(events, 1)]
