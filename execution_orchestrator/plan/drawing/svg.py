"""A plan as a picture: nested boxes from top to bottom, with arrows for what waits for what.

The layout follows the nesting of the plan: a list is drawn in rows, an action one row below the
lowest one it waits for, so actions that may run at the same time are drawn side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from execution_orchestrator.plan.drawing.boxes import Box, Group, boxes_of, printable
from execution_orchestrator.plan.model import Plan

LETTER, LINE = 7.4, 16.0  # pixels: width of a letter, height of a line
PADDING, GAP, ROW = 10.0, 18.0, 30.0  # inside a box, between boxes beside and above each other
LEAST_WIDTH = 90.0
BLOCKS = ("#f4f7fb", "#e9f0f8")  # fills of nested blocks, in turn
_STYLE = (
    "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1d2733}"
    ".b{fill:#fff;stroke:#44617f}.o{stroke-dasharray:4 3}.h{font-style:italic;fill:#53657a}"
    ".i{font-weight:bold}.e{fill:none;stroke:#44617f;stroke-width:1.3}"
    ".g{fill:none;stroke:#b3c2d2;stroke-dasharray:2 3}"
)


@dataclass
class _Placed:
    """A box or group with its size and, after placing, its corner; pixels."""

    width: float
    height: float
    x: float = 0.0
    y: float = 0.0


class _BoxShape(_Placed):
    def __init__(self, box: Box) -> None:
        self.box = box
        self.groups = [_GroupShape(group) for group in box.groups]
        text = max(map(len, box.lines)) * LETTER
        self.head = PADDING + len(box.lines) * LINE
        inner = sum(group.width for group in self.groups) + GAP * max(0, len(self.groups) - 1)
        tallest = max((group.height for group in self.groups), default=0.0)
        super().__init__(
            max(LEAST_WIDTH, text + 2 * PADDING, inner + 2 * PADDING),
            self.head + (tallest + PADDING if self.groups else 0.0) + PADDING,
        )

    def place(self, x: float, y: float) -> None:
        self.x, self.y = x, y
        inner = sum(group.width for group in self.groups) + GAP * max(0, len(self.groups) - 1)
        at = x + (self.width - inner) / 2
        for group in self.groups:
            group.place(at, y + self.head + PADDING / 2)
            at += group.width + GAP


class _GroupShape(_Placed):
    def __init__(self, group: Group) -> None:
        self.group = group
        self.shapes = [_BoxShape(box) for box in group.boxes]
        self.rows = _rows(group.waits)
        self.head = LINE + 4 if group.heading else 0.0
        widths = [
            sum(self.shapes[at].width for at in row) + GAP * (len(row) - 1) for row in self.rows
        ]
        heights = [max(self.shapes[at].height for at in row) for row in self.rows]
        width = max([*widths, len(group.heading) * LETTER, 1.0]) + 2 * PADDING
        super().__init__(
            width, self.head + sum(heights) + ROW * max(0, len(self.rows) - 1) + 2 * PADDING
        )

    def place(self, x: float, y: float) -> None:
        self.x, self.y = x, y
        top = y + self.head + PADDING
        for row in self.rows:
            width = sum(self.shapes[at].width for at in row) + GAP * (len(row) - 1)
            left = x + (self.width - width) / 2
            for at in row:
                self.shapes[at].place(left, top)
                left += self.shapes[at].width + GAP
            top += max(self.shapes[at].height for at in row) + ROW


def svg(plan: Plan) -> str:
    """Return the picture as an SVG document."""
    top = boxes_of(plan)
    shape = _GroupShape(top)
    shape.place(0.0, 0.0)
    body = "\n".join(_drawn_group(shape, 0))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{shape.width:.0f}" '
        f'height="{shape.height:.0f}" viewBox="0 0 {shape.width:.0f} {shape.height:.0f}">\n'
        f"<title>{escape(printable(top.heading))}</title>\n<style>{_STYLE}</style>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#44617f"/>'
        "</marker></defs>\n"
        '<rect width="100%" height="100%" fill="#fff"/>\n'
        f"{body}\n</svg>\n"
    )


def _rows(waits: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the indices by row; a circle, which no plan that runs has, ends in one row."""
    level = [0] * len(waits)
    for _ in range(len(waits)):
        new = [max((level[other] + 1 for other in before), default=0) for before in waits]
        if new == level:
            break
        level = new
    rows: dict[int, list[int]] = {}
    for at, row in enumerate(level):
        rows.setdefault(row, []).append(at)
    return [rows[row] for row in sorted(rows)]


def _drawn_group(shape: _GroupShape, depth: int) -> Iterator[str]:
    group = shape.group
    if group.heading:
        if depth:
            yield (
                f'<rect class="g" x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
                f'height="{shape.height:.1f}" rx="6"/>'
            )
        yield _text(shape.x + PADDING, shape.y + LINE, group.heading, "h")
    # Arrows first: where one has to pass a box, it passes behind it.
    for one, waits in zip(shape.shapes, group.waits, strict=True):
        for other in waits:
            yield _arrow(shape.shapes[other], one)
    for one in shape.shapes:
        yield from _drawn_box(one, depth)


def _drawn_box(shape: _BoxShape, depth: int) -> Iterator[str]:
    kind = "b o" if shape.box.optional else "b"
    fill = f' style="fill:{BLOCKS[depth % 2]}"' if shape.groups else ""
    yield (
        f'<rect class="{kind}"{fill} x="{shape.x:.1f}" y="{shape.y:.1f}" '
        f'width="{shape.width:.1f}" height="{shape.height:.1f}" rx="6"/>'
    )
    for index, line in enumerate(shape.box.lines):
        y = shape.y + PADDING / 2 + LINE * (index + 1) - 3
        yield _text(shape.x + PADDING, y, line, "" if index else "i")
    for group in shape.groups:
        yield from _drawn_group(group, depth + 1)


def _arrow(above: _Placed, below: _Placed) -> str:
    x1, y1 = above.x + above.width / 2, above.y + above.height
    x2, y2 = below.x + below.width / 2, below.y
    bend = ROW * 0.6
    return (
        f'<path class="e" marker-end="url(#tip)" d="M{x1:.1f} {y1:.1f} '
        f'C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"/>'
    )


def _text(x: float, y: float, text: str, kind: str) -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{style}>{escape(printable(text))}</text>'
