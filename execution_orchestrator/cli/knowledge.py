"""`capabilities`, `places` and `objects`: what the robot can do, and what it knows."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from execution_orchestrator.capabilities.described_fields import described_fields
from execution_orchestrator.cli.view.formatting import duration
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError
from execution_orchestrator.srv import DescribeRobot

# What each command shows, and what its argument is.
TOLD = {
    "capabilities": ("What the robot can do.", "one capability, with its parameters and output"),
    "places": ("The places a plan and a command can name.", "one place"),
    "objects": ("The objects the robot has seen, and where.", "one object, by id"),
}


def capabilities(arguments: Sequence[str] | None = None) -> int:
    """List the capabilities, or show one whole; 1 if it is not there or the node is not."""
    options = parser("capabilities").parse_args(arguments)
    return _show(options, "capabilities", capability_row, _capability)


def places(arguments: Sequence[str] | None = None) -> int:
    """List the places by name; 1 if the one asked for is not there or the node is not."""
    return _show(parser("places").parse_args(arguments), "places", _place_row)


def objects(arguments: Sequence[str] | None = None) -> int:
    """List the objects that were seen; 1 if the one asked for is not there or the node is not."""
    return _show(parser("objects").parse_args(arguments), "objects", _object_row)


def parser(name: str) -> argparse.ArgumentParser:
    """Describe the arguments of one of the three commands."""
    help_text, one = TOLD[name]
    words = argparse.ArgumentParser(
        prog=f"ros2 run execution_orchestrator {name}", description=help_text
    )
    words.add_argument("name", nargs="?", default="", help=f"{one}; default: all")
    words.add_argument("--json", action="store_true", help="print JSON instead of a table")
    words.add_argument("--node", default="/execution_orchestrator", help="name of the node")
    words.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the node")
    return words


def names(client: OrchestratorClient, kind: str) -> list[str]:
    """Ask a node for the names of its ``capabilities``, ``places`` or ``objects``.

    Raises:
        OrchestratorUnavailableError: the node does not answer.

    """
    return list(_by_name(json.loads(getattr(client.call("describe_robot", DescribeRobot), kind))))


def _by_name(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {one["id"]: one for one in found}


def _show(options: argparse.Namespace, kind: str, row: Any, one: Any = None) -> int:
    console, errors = Console(), Console(stderr=True)
    try:
        with OrchestratorClient(name=options.node) as client:
            client.wait_ready(options.wait)
            answer = client.call("describe_robot", DescribeRobot)
    except OrchestratorUnavailableError as failure:
        errors.print(str(failure), markup=False)
        return 1
    known = _by_name(json.loads(getattr(answer, kind)))
    if options.name:
        if options.name not in known:
            near = difflib.get_close_matches(options.name, known, n=3) or sorted(known)[:8]
            there = f"there are: {', '.join(near)}" if near else "none is known yet"
            errors.print(f"{options.name!r} is not one of the {kind}; {there}", markup=False)
            return 1
        known = {options.name: known[options.name]}
    if options.json:
        json.dump(known, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return 0
    if options.name and one is not None:
        console.print(
            one(options.name, known[options.name]), markup=False, highlight=False, soft_wrap=True
        )
        return 0
    if not known:
        console.print(f"no {kind} yet")
        return 0
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, (name, value) in enumerate(known.items()):
        cells = row(name, value)
        if not number:
            for column in cells:
                table.add_column(column, overflow="fold")
        table.add_row(*cells.values())
    console.print(table)
    return 0


def capability_row(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a capability in the list."""
    schema = value["parameters"] or {}
    # One of several parameters is enough: dock takes the name of a dock or its pose.
    either = [
        " and ".join(one["required"])
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
        if "required" in one
    ]
    needed = [*schema.get("required", ()), *([" or ".join(either)] if either else [])]
    what = value["description"]
    if value["unavailable"]:
        what += f" (cannot be used here: {value['unavailable']})"
    return {"capability": name, "needs": ", ".join(needed), "what it does": what}


def _capability(name: str, value: Mapping[str, Any]) -> str:
    lines = [f"{name}: {value['description']}"]
    if value["unavailable"]:
        lines.append(f"cannot be used here: {value['unavailable']}")
    for title, schema in (("parameters", value["parameters"]), ("output", value["output"])):
        fields = described_fields(schema)
        if fields:
            lines.append(f"{title}:")
        for field in fields:
            needs = ", required" if field.required else ""
            meaning = f": {field.meaning}" if field.meaning else ""
            lines.append(f"  {field.name} ({field.kind}{needs}){meaning}")
    return "\n".join(lines)


def _pose(pose: Mapping[str, Any]) -> str:
    where = pose.get("position", pose)
    numbers = ", ".join(f"{where[axis]:.2f}" for axis in ("x", "y", "z") if axis in where)
    return f"{numbers} {pose.get('frame') or pose.get('frame_id') or ''}".strip()


def _place_row(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    return {
        "place": name,
        "at (m)": _pose(value["pose"]),
        "also called": ", ".join(value.get("also_called") or ()),
        "things can be put down": "yes" if value.get("put_down") else "",
    }


def _object_row(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    return {
        "object": name,
        "class": str(value.get("class", "")),
        "at (m)": _pose(value.get("pose") or {}),
        "seen": f"{duration(float(value['age']))} ago" if "age" in value else "",
        "sure": f"{float(value['confidence']):.0%}" if "confidence" in value else "",
    }
