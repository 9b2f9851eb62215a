"""A plan as a Mermaid flowchart, for a README or a merge request."""

from __future__ import annotations

from collections.abc import Iterator

from execution_orchestrator.plan.drawing.boxes import Box, Group, boxes_of, printable
from execution_orchestrator.plan.model import Plan

# What Mermaid takes for syntax inside a quoted label, and the end of a line.
_ESCAPES = {
    "#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\\": "#92;",
    "{": "#123;", "}": "#125;", "[": "#91;", "]": "#93;", ";": "#59;",
}  # fmt: skip


def mermaid(plan: Plan) -> str:
    """Return the text of a flowchart: blocks are subgraphs, arrows are what waits for what."""
    top = boxes_of(plan)
    lines = ["flowchart TB", f"  %% {printable(top.heading)}"]
    lines += (f"  {line}" for line in _group(top))
    lines.append("  classDef optional stroke-dasharray: 4 3")
    return "\n".join(lines) + "\n"


def _group(group: Group) -> Iterator[str]:
    for box in group.boxes:
        yield from _box(box)
    for box, waits in zip(group.boxes, group.waits, strict=True):
        for other in waits:
            yield f"{_name(group.boxes[other])} --> {_name(box)}"


def _box(box: Box) -> Iterator[str]:
    label = "<br>".join(map(_escaped, box.lines))
    style = ":::optional" if box.optional else ""
    if not box.groups:
        yield f'{_name(box)}["{label}"]{style}'
        return
    yield f'subgraph {_name(box)}["{label}"]'
    for index, group in enumerate(box.groups):
        if group.heading:
            yield f'  subgraph {_name(box)}_{index}["{_escaped(group.heading)}"]'
            yield from (f"    {line}" for line in _group(group))
            yield "  end"
        else:
            yield from (f"  {line}" for line in _group(group))
    yield "end"
    if box.optional:
        yield f"class {_name(box)} optional"


def _name(box: Box) -> str:
    return f"a{box.number}"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in printable(text))
