import pytest

from execution_orchestrator.monitoring.web import WebServer


class RecordedSource:
    """A source of fixed data that records what it was asked to do."""

    def __init__(self):
        self.acted = []
        self.listeners = []
        self.journal = [event(i) for i in range(1, 6)]

    def snapshot(self):
        return {
            "emergency_stopped": False,
            "emergency_reason": "",
            "executions": [self.execution("e1")],
            "resources": [
                {"resource": "base", "capacity": 1, "available": 0, "holders": ["go in e1"]}
            ],
            "alerts": [],
        }

    def execution(self, execution_id):
        if execution_id != "e1":
            return None
        return {
            "execution_id": "e1",
            "command": "bring <b>me</b> the cup",
            "status": "EXECUTING",
            "reason": "runs go",
            "percentage": 40.0,
            "elapsed": 4.0,
            "estimated_remaining": 6.0,
            "now": 1_700_000_010.0,
            "bars": [
                {
                    "id": "l1",
                    "row": "base",
                    "label": "go",
                    "title": "go holds base",
                    "start": 1_700_000_000.0,
                    "end": None,
                    "kind": "running",
                }
            ],
            "graph": {
                "nodes": [
                    {"id": "go", "label": "go", "status": "RUNNING", "parent": None},
                    {"id": "look", "label": "look", "status": "PENDING", "parent": None},
                ],
                "edges": [{"from": "go", "to": "look"}],
            },
            "actions": [
                {
                    "action_id": "go",
                    "action_type": "navigate_to",
                    "status": "RUNNING",
                    "attempt": 1,
                    "reason": "drives",
                },
                {
                    "action_id": "look",
                    "action_type": "detect_objects",
                    "status": "PENDING",
                    "attempt": 0,
                    "reason": "waits for go",
                },
            ],
        }

    def events(self, execution_id, after, limit):
        return [e for e in self.journal if e["sequence"] > after][:limit]

    def subscribe(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def publish(self, new):
        self.journal.append(new)
        for listener in list(self.listeners):
            listener(new)

    def validate(self, plan, context):
        wrong = "x" in plan
        issue = {
            "code": "PLAN_SYNTAX",
            "severity": "error",
            "pointer": "/actions/0",
            "line": 2,
            "column": 1,
            "message": "x is not known",
            "hint": "Remove it.",
        }
        return {
            "valid": not wrong,
            "message": "revise" if wrong else "proceed",
            "issues": [issue] if wrong else [],
            "analysis": None,
        }

    def act(self, verb, arguments):
        self.acted.append((verb, dict(arguments)))
        return True, f"{verb} done"


def event(sequence, description="something happened"):
    return {
        "sequence": sequence,
        "execution_id": "e1",
        "action_id": "go",
        "type": "TASK_STARTED",
        "level": 1,
        "time": 1_700_000_000.0 + sequence,
        "description": description,
    }


@pytest.fixture
def source():
    return RecordedSource()


@pytest.fixture
def server(source):
    web = WebServer(source)
    web.start()
    yield web
    web.stop()
