"""What a command says where a Python package, or ROS 2, is not there: a sentence, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from execution_orchestrator.extras import how_to_get
from execution_orchestrator.missing import sentence

ROOT = Path(__file__).parents[2]
WITHOUT = """
import runpy, sys
GONE = sys.argv[1]
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
for loaded in [one for one in sys.modules if one.split(".")[0] == GONE]:
    del sys.modules[loaded]
sys.meta_path.insert(0, Without())
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# What a command cannot do without.
NEEDED = {
    "validate": ("cel", "jsonschema_rs", "pydantic", "rich", "yaml"),
    "orchestrator": ("cronsim", "lark", "msgspec", "numpy", "rclpy", "sqlalchemy"),
}


def without(module: str, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this package where a module cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, module, str(ROOT / "scripts" / command), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "module"), [(one, module) for one, all_ in NEEDED.items() for module in all_]
)
def test_a_command_without_one_of_its_packages_says_how_to_get_it(
    command: str, module: str
) -> None:
    words = ["plans/scheduled_round.yaml"] if command == "validate" else []
    done = without(module, command, *words)
    told = sentence(ModuleNotFoundError(name=module))
    assert (done.returncode, done.stderr) == (1, told + "\n")


@pytest.mark.parametrize(
    ("words", "module", "extra"),
    [
        *((["mcp"], module, "mcp") for module in ("anyio", "mcp", "PIL")),
        (["mission", "list"], "temporalio", "fleet"),
    ],
)
def test_a_command_without_the_packages_of_its_extra_names_them_all(
    words: list[str], module: str, extra: str
) -> None:
    done = without(module, *words)
    assert done.returncode == 1
    assert how_to_get(extra) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("yaml", "pip install PyYAML,"),
        ("cronsim", "pip install cronsim,"),
        ("rclpy", "source /opt/ros"),
        ("nav2_msgs.action", "nav2_msgs of ROS 2 is not there"),
        ("execution_orchestrator.msg", "build this package with colcon"),
    ],
)
def test_what_is_told(name: str, words: str) -> None:
    assert words in sentence(ModuleNotFoundError(name, name=name))


def test_a_module_of_our_own_that_is_not_there_is_a_fault_and_keeps_its_traceback() -> None:
    name = "execution_orchestrator.engine.gone"
    assert sentence(ModuleNotFoundError(name, name=name)) == ""
