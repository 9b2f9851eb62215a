"""docs/plan_reference.md names every issue code and every field, and nothing else."""

import re

from execution_orchestrator.plan.model import CONTROL_FLOW, Action

from .conftest import ROOT

TEXT = (ROOT / "docs" / "plan_reference.md").read_text()
SOURCES = [*(ROOT / "execution_orchestrator" / "plan").rglob("*.py")]
SOURCES += [ROOT / "execution_orchestrator" / "capabilities" / "trial.py"]
SOURCES += [ROOT / "execution_orchestrator" / "ros" / "reach.py"]
SOURCES += [ROOT / "execution_orchestrator" / "ros" / "interface" / "goal_numbers.py"]
SOURCES += [ROOT / "execution_orchestrator" / "ros" / "interface" / "schedule_services.py"]
SOURCES += [
    ROOT / "execution_orchestrator" / "runtime" / name for name in ("intake.py", "planning.py")
]
CODE = re.compile(
    r'"((?:PLAN|ACTION|GOAL|COMMAND|CONTEXT|CONTROL_FLOW|DEPENDENCY|PARAMETER|RESOURCE|TIMEOUT|'
    r"EXPRESSION|GUARD|OUTCOME|REFERENCE|ROBOT|SUBPLAN|PLANNER|PLACE|FRAME|TARGET|ORDER|PARALLEL|"
    r"CRITICAL|CONDITION|SPEED|ANGLE|TEMPLATE|CONFIRMATION|RETURN|RETRY_DELAY|"
    r'RECOVERY|TIME|TIMES|START|DEADLINE|SCHEDULE|SIGNAL|CATCH|CASE|ERROR_TYPE)_[A-Z_]+)"'
)


def test_issue_codes():
    used = {code for source in SOURCES for code in CODE.findall(source.read_text())}
    used -= {"RESOURCE_UNAVAILABLE"}  # a type of error, not an issue
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", TEXT, re.MULTILINE))
    assert documented == used


def test_fields_and_kinds():
    for name, field in Action.model_fields.items():
        assert f"`{field.alias or name}" in TEXT, name
    for kind in CONTROL_FLOW:
        assert f"### {kind}" in TEXT
