"""Draws a MarkerArray on its map from above, nearly as RViz does: RViz itself needs a screen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from visualization_msgs.msg import Marker

PIXELS = 120  # per metre
MARGIN = 1.0  # metres around what is drawn
TILT = 0.35  # a little from the south, so that what is stacked upwards is seen
FREE, OCCUPIED, UNKNOWN = (236, 238, 240), (70, 74, 80), (200, 203, 206)


class MapPicture:
    """A picture of an OccupancyGrid, as large as the markers need, with the markers drawn into it."""

    def __init__(self, grid, markers: Sequence[Marker]) -> None:
        cells = np.asarray(grid.data, dtype=np.int8).reshape(grid.info.height, grid.info.width)
        colours = np.empty((*cells.shape, 3), np.uint8)
        colours[:] = FREE
        colours[cells >= 65] = OCCUPIED
        colours[cells < 0] = UNKNOWN
        width, height = (side * grid.info.resolution for side in reversed(cells.shape))
        self._frame = grid.header.frame_id
        corner = grid.info.origin.position
        places = [m.pose.position for m in markers if m.type != Marker.LINE_LIST]
        self._left = min([corner.x, *(p.x - MARGIN for p in places)])
        self._bottom = min([corner.y, *(p.y - MARGIN for p in places)])
        right = max([corner.x + width, *(p.x + MARGIN for p in places)])
        top = max([corner.y + height, *(p.y + MARGIN for p in places)])
        size = (round((right - self._left) * PIXELS), round((top - self._bottom) * PIXELS))
        self.image = Image.new("RGB", size, UNKNOWN)
        plan = Image.fromarray(colours[::-1])
        plan = plan.resize(
            (round(width * PIXELS), round(height * PIXELS)), Image.Resampling.NEAREST
        )
        left, upper = self.pixel(corner.x, corner.y + height)
        self.image.paste(plan, (round(left), round(upper)))
        self._draw = ImageDraw.Draw(self.image)
        for marker in markers:
            self._add(marker)

    def pixel(self, x: float, y: float, z: float = 0.0) -> tuple[float, float]:
        """Where a point (metres, in the map's frame) is in the picture."""
        up = y + TILT * z
        return (
            (x - self._left) * PIXELS,
            self.image.height - (up - self._bottom) * PIXELS,
        )

    def _add(self, marker: Marker) -> None:
        assert marker.header.frame_id == self._frame, marker.header.frame_id
        {
            Marker.ARROW: self._arrow,
            Marker.LINE_LIST: self._dashes,
            Marker.SPHERE: self._ball,
            Marker.TEXT_VIEW_FACING: self._text,
        }[marker.type](marker)

    def _arrow(self, marker: Marker) -> None:
        position, turn = marker.pose.position, marker.pose.orientation
        yaw = 2 * math.atan2(turn.z, turn.w)
        length, width = marker.scale.x, marker.scale.y

        def corner(ahead: float, left: float) -> tuple[float, float]:
            return self.pixel(
                position.x + ahead * math.cos(yaw) - left * math.sin(yaw),
                position.y + ahead * math.sin(yaw) + left * math.cos(yaw),
                position.z,
            )

        neck = 0.77 * length  # RViz gives the head 23 % of an arrow
        outline = [
            *(corner(0, width / 2), corner(neck, width / 2), corner(neck, width)),
            *(corner(length, 0), corner(neck, -width), corner(neck, -width / 2)),
            corner(0, -width / 2),
        ]
        self._draw.polygon(outline, fill=_rgb(marker.color), outline=(20, 20, 20))

    def _dashes(self, marker: Marker) -> None:
        points = [self.pixel(p.x, p.y, p.z) for p in marker.points]
        width = max(1, round(marker.scale.x * PIXELS))
        for start, end in zip(points[::2], points[1::2], strict=True):
            self._draw.line([start, end], fill=_rgb(marker.color), width=width)

    def _ball(self, marker: Marker) -> None:
        position = marker.pose.position
        x, y = self.pixel(position.x, position.y, position.z)
        radius = marker.scale.x * PIXELS / 2
        box = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, fill=_rgb(marker.color))

    def _text(self, marker: Marker) -> None:
        position = marker.pose.position
        font = ImageFont.load_default(marker.scale.z * PIXELS)
        self._draw.multiline_text(
            self.pixel(position.x, position.y, position.z),
            marker.text,
            font=font,
            fill=_rgb(marker.color),
            anchor="mm",
            align="center",
            spacing=marker.scale.z * PIXELS * 0.3,
            stroke_width=2,
            stroke_fill=(255, 255, 255),
        )


def _rgb(colour) -> tuple[int, int, int]:
    """The colour as it looks on white with its transparency."""
    alpha = colour.a
    return tuple(round(255 * (alpha * c + 1 - alpha)) for c in (colour.r, colour.g, colour.b))
