"""What other packages add by entry points, also where such a package is broken."""

import sys
import tomllib
from importlib.metadata import EntryPoint

import pytest

from execution_orchestrator import extras
from execution_orchestrator.capabilities.recovery import shipped as strategies
from execution_orchestrator.capabilities.steps import shipped as steps
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from test.documents import blocks_of
from test.unit.capabilities.scripted_robot import SUCCEEDED, ScriptedRobot
from test.unit.capabilities.test_recovery import recover


class OpenTheDoor:
    name, resources, cures, needs = "open_the_door", (), None, ()

    async def recover(self, context): ...


class Unfinished:
    name = "unfinished"


class Fails:
    def __init__(self):
        raise OSError("no camera")


class Polish:
    async def run(self, context): ...


@pytest.fixture
def installed(monkeypatch):
    def names(**values):
        entries = [EntryPoint(name, value, "group") for name, value in values.items()]
        monkeypatch.setattr(extras, "additions", lambda group: entries)

    return names


BROKEN = {
    "gone": "no_such_package:Strategy",
    "misspelt": f"{__name__}:OpenTheDor",
    "unfinished": f"{__name__}:Unfinished",
    "fails": f"{__name__}:Fails",
}


def test_a_strategy_is_added_beside_broken_ones(installed, caplog):
    installed(door=f"{__name__}:OpenTheDoor", **BROKEN)
    found = strategies.robot_strategies()
    assert {"back_up", "open_the_door"} <= set(found)
    assert not {*BROKEN, "door"} & set(found)
    for name, value in BROKEN.items():
        assert f"the recovery strategy {name} ({value}) cannot be loaded" in caplog.text
    assert "has no resources, cures, needs, recover" in caplog.text
    assert "no camera" in caplog.text


def test_a_multi_step_capability_is_added_beside_broken_ones(installed, caplog):
    installed(polish=f"{__name__}:Polish", **BROKEN)
    found = steps.multi_step_capabilities()
    assert {"pick_up_object", "polish"} <= set(found)
    assert not set(BROKEN) & set(found)
    assert "the multi-step capability gone (no_such_package:Strategy)" in caplog.text


@pytest.fixture
def package_of(tmp_path, monkeypatch, installed):
    """Make the Python package that a document shows, and the entry points of its pyproject.toml."""

    def make(document, module):
        blocks = blocks_of(document)
        package = tmp_path / "my_robot"
        package.mkdir()
        text = "\n".join(text for kind, text in blocks if kind == "python" and "    async " in text)
        (package / f"{module}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "my_robot", raising=False)
        (project,) = (tomllib.loads(text)["project"] for kind, text in blocks if kind == "toml")
        ((_, names),) = project["entry-points"].items()
        installed(**names)

    return make


async def test_the_strategies_of_the_document_run_on_a_robot(package_of):
    package_of("recovery_strategies.md", "door")
    robot = ScriptedRobot({"spin": lambda goal: SUCCEEDED}, {"/door/open": lambda request: {}})
    for name in ("open_the_door", "shake_loose"):
        done = await recover(name, robot)
        assert done.outcome is StrategyOutcome.RETRY
        assert (await recover(name, ScriptedRobot())).outcome is StrategyOutcome.NEXT
    assert [name for name, *_ in robot.goals] == ["spin"]
    assert [name for name, _ in robot.calls] == ["/door/open"]


def test_the_multi_step_capability_of_the_document_is_found(package_of):
    package_of("howto_add_capability.md", "kettle")
    assert "fill_kettle" in steps.multi_step_capabilities()
