"""Reference pages made from the sources: capabilities, interfaces, parameters, worlds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from execution_orchestrator.capabilities.described_fields import described_fields
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.ros.parameters import ENTRIES
from execution_orchestrator.simulation.world.finding import load_world
from execution_orchestrator.simulation.world.simulated_world import World

PIXELS = 60  # of the picture of a world, per metre
MARGIN = 0.5  # metres around it


def pages(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every page, Markdown but for the pictures (SVG)."""
    yield "reference/capabilities.md", capabilities(root)
    yield "reference/interfaces.md", interfaces(root)
    yield "reference/parameters.md", parameters()
    yield "reference/worlds.md", worlds(root)
    for file in sorted((root / "worlds").glob("*.sdf")):
        yield f"reference/{file.stem}.svg", picture(load_world(str(file), root))


def capabilities(root: Path) -> str:
    """Describe every shipped capability: parameters, units, output, errors and recoveries."""
    lines = ["# Shipped capabilities", "", "Made from the files in `config/`.", ""]
    recovery = yaml.safe_load((root / "config" / "recovery.yaml").read_text(encoding="utf-8"))
    files = ("capabilities.yaml", "tools.yaml")
    robot = load_robot([root / "config" / name for name in files])
    for name, spec in sorted(robot.model.capabilities.items()):
        lines += _capability(name, spec, recovery["tables"])
    return "\n".join(lines) + "\n"


def _capability(name: str, spec: CapabilitySpec, tables: Mapping[str, Any]) -> Iterator[str]:
    interface = spec.interface
    yield f"## {name}"
    yield ""
    yield spec.description + "."
    yield ""
    if interface.kind != "tool":
        yield f"{interface.kind.capitalize()} `{interface.name}` of type `{interface.type}`"
        yield ""
    holds = ", ".join(f"`{demand.resource}`" for demand in spec.resources) or "nothing"
    again = "may be sent twice" if spec.idempotent else "is never sent twice"
    tries = f"{spec.retry.max_attempts} attempts" if spec.retry.max_attempts > 1 else "1 attempt"
    yield f"Holds {holds}; timeout {spec.timeout:g} s; {tries}; {again}."
    yield ""
    yield from _fields("parameter", spec.parameters)
    yield from _fields("output", spec.output)
    rules = tables.get(spec.recovery or name, [])
    if rules:
        yield "| after the error | recovery |"
        yield "|---|---|"
        for rule in rules:
            errors = ", ".join(f"`{one}`" for one in rule.get("errors", ())) or "any other"
            strategies = [
                one if isinstance(one, str) else one["strategy"] for one in rule["strategies"]
            ]
            yield f"| {errors} | {', then '.join(strategies)} |"
        yield ""


def _fields(what: str, schema: Mapping[str, Any]) -> Iterator[str]:
    fields = described_fields(schema)
    if not fields:
        return
    yield f"| {what} | type | meaning |"
    yield "|---|---|---|"
    for field in fields:
        told = "; ".join(filter(None, [field.meaning, "required" if field.required else ""]))
        yield f"| `{field.name}` | {field.kind} | {told.replace('|', ' ')} |"
    yield ""


def interfaces(root: Path) -> str:
    """Show every action, service and message with the comments of its file."""
    lines = ["# Interfaces", "", "Names are below the node's: `/execution_orchestrator/...`.", ""]
    for folder, title in (("action", "Actions"), ("srv", "Services"), ("msg", "Messages")):
        lines += [f"## {title}", ""]
        for file in sorted((root / folder).iterdir()):
            text = file.read_text(encoding="utf-8").strip()
            lines += [f"### {folder}/{file.stem}", "", "```", text, "```", ""]
    return "\n".join(lines) + "\n"


def parameters() -> str:
    """List the node's parameters with defaults, limits and meaning."""
    lines = [
        "# Parameters of the node",
        "",
        "`config/orchestrator.yaml` has them with longer comments; so does `ros2 param describe`.",
        "",
        "| parameter | default | from | to | meaning |",
        "|---|---|---|---|---|",
    ]
    for entry in ENTRIES:
        low = "" if entry.low is None else f"{entry.low:g}"
        high = "" if entry.high is None else f"{entry.high:g}"
        told = entry.description.replace("|", " ")
        lines.append(f"| `{entry.name}` | `{entry.default!r}` | {low} | {high} | {told} |")
    return "\n".join(lines) + "\n"


def worlds(root: Path) -> str:
    """List the simulated worlds: a picture, objects, frames."""
    lines = ["# Worlds of the simulation", ""]
    for file in sorted((root / "worlds").glob("*.sdf")):
        world = load_world(str(file), root)
        lines += [f"## {file.stem}", "", f"![{file.stem}]({file.stem}.svg)", ""]
        lines += ["| object | class | x | y | z (m) |", "|---|---|---|---|---|"]
        for name, model in sorted(world.objects().items()):
            x, y, z = model.center(model.pose)[:3, 3]
            lines.append(f"| `{name}` | {model.class_id} | {x:.2f} | {y:.2f} | {z:.2f} |")
        names = ", ".join(f"`{name}`" for name in sorted(world.frames)) or "none"
        lines += ["", f"Frames: {names}.", ""]
    return "\n".join(lines) + "\n"


def picture(world: World) -> str:
    """Draw a world from above as SVG: what stands still grey, what can be moved in its colour."""
    boxes = []
    for model in world.models.values():
        for solid in model.placed():
            low, high = solid.bounds()
            if abs(low[0]) < 1e6:  # not the ground
                boxes.append((low, high, model.static, solid.color))
    left = min(low[0] for low, *_ in boxes) - MARGIN
    top = max(high[1] for _, high, *_ in boxes) + MARGIN
    width = max(high[0] for _, high, *_ in boxes) + MARGIN - left
    height = top - (min(low[1] for low, *_ in boxes) - MARGIN)
    shapes = []
    for low, high, static, color in sorted(boxes, key=lambda box: float(box[1][2])):
        red, green, blue = (round(255 * part) for part in color)
        fill = "#9aa5b1" if static else f"rgb({red},{green},{blue})"
        shapes.append(
            f'<rect x="{(low[0] - left) * PIXELS:.1f}" y="{(top - high[1]) * PIXELS:.1f}" '
            f'width="{(high[0] - low[0]) * PIXELS:.1f}" '
            f'height="{(high[1] - low[1]) * PIXELS:.1f}" fill="{fill}" stroke="#3b4754"/>'
        )
    for name, pose in sorted(world.frames.items()):
        x, y = (pose[0, 3] - left) * PIXELS, (top - pose[1, 3]) * PIXELS
        shapes.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#c2410c"/>'
            f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" font-size="13">{name}</text>'
        )
    size = f'width="{width * PIXELS:.0f}" height="{height * PIXELS:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(shapes)}</svg>\n'
    )
