"""What the documents and the shipped tables say is what the engine does."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from execution_orchestrator.engine.events import EVENTS
from execution_orchestrator.engine.recovery.built_in import BUILT_IN
from execution_orchestrator.engine.recovery.policy import load_recovery_policy

ROOT = Path(__file__).parents[3]


def test_every_event_is_documented_with_its_fields() -> None:
    text = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    common = {"time", "execution_id", "key", "attempt", "offset"}
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \|.*\| (.*) \|$", text, flags=re.MULTILINE))
    for kind in EVENTS:
        own = [name for name in kind.__struct_fields__ if name not in common]
        assert kind.type in rows, f"{kind.type} is missing in docs/events.md"
        assert re.findall(r"`(\w+)`", rows[kind.type]) == own
    assert set(rows) == {kind.type for kind in EVENTS}


def test_every_built_in_strategy_is_documented() -> None:
    text = (ROOT / "docs/recovery_reference.md").read_text(encoding="utf-8")
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (.*) \|$", text.split("## Built in")[1], flags=re.MULTILINE)
    )
    for name, strategy in BUILT_IN.items():
        assert rows[name].startswith(strategy.summary), name


def test_the_shipped_tables_are_valid_and_the_documented_example_is_too() -> None:
    shipped = yaml.safe_load((ROOT / "config/recovery.yaml").read_text(encoding="utf-8"))
    assert "navigation" in load_recovery_policy(shipped).tables
    text = (ROOT / "docs/recovery_reference.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    assert set(load_recovery_policy(yaml.safe_load(example)).tables) == {"navigation", "default"}
