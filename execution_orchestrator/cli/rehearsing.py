"""The output of `validate --rehearse`: a plan run with the simulated robot instead of the real."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.capabilities.recovery.shipped import robot_strategies
from execution_orchestrator.cli.view.formatting import duration
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.plan.yaml_reader import read_yaml
from execution_orchestrator.runtime.intake import Prepared
from execution_orchestrator.runtime.rehearsing import (
    RehearsalError,
    RehearsalRequest,
    Rehearsals,
)


def rehearse(
    console: Console,
    robot: LoadedRobot,
    prepared: Prepared,
    *,
    config: Path,
    world: str,
    places: Mapping[str, Any],
    here: Mapping[str, float] | None,
) -> bool:
    """Rehearse a plan in an SDF world and show what would happen; say whether it would succeed.

    ``here`` is where the robot begins (m), None: at the start of the world.
    """
    strategies = robot_strategies()
    request = RehearsalRequest(
        robot=robot,
        engine=EngineConfig(
            resources=robot.model.resources,
            recovery=load_recovery_policy(
                read_yaml((config / "recovery.yaml").read_text(encoding="utf-8"))
            ),
            repositioning=frozenset(
                name for name, one in strategies.items() if "base" in one.resources
            ),
            strategy_resources={name: tuple(one.resources) for name, one in strategies.items()},
            max_replans=0,
        ),
        plan=prepared.plan or {},
        input=prepared.input,
        places=places,
        robot_state={"pose": {**here, "frame": "map"}} if here is not None else {},
        world=world,
    )
    try:
        report = asyncio.run(Rehearsals().run(request))
    except RehearsalError as failure:
        console.print(f"the rehearsal came to no result: {failure}", markup=False)
        return False
    _show(console, report)
    return bool(report["would_succeed"])


def _show(console: Console, report: Mapping[str, Any]) -> None:
    table = Table("action", "begins", "takes", "would end", title="Rehearsal", title_justify="left")
    for one in report["actions"]:
        error = one["error"]
        end = str(one["status"]).lower().replace("_", " ")
        if one["supposed"]:
            end += " (supposed)"
        if error is not None:
            end += f": {error['message']}"
        begins, takes = (
            "" if one[name] is None else f"{one[name]:.1f} s" for name in ("start", "duration")
        )
        table.add_row(one["action"], begins, takes, end)
    console.print(table)
    for one in report["recoveries"]:
        console.print(
            f"{one['action']} would recover with {one['strategy']} ({one['error']}): "
            f"{one['reason']}",
            markup=False,
        )
    for one in report["collisions"]:
        console.print(
            f"the base would touch something at {one['x']:g}, {one['y']:g} after {one['time']:g} s",
            markup=False,
        )
    end = str(report["status"]).lower().replace("_", " ")
    console.print(f"{end} after {duration(report['seconds'])}: {report['message']}", markup=False)
    console.print("not known:", markup=False)
    for what in report["unknown"]:
        console.print(f"- {what}", markup=False)
