"""From a camera's message to a JPEG file with the detections drawn."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from execution_orchestrator.capabilities.geometry import PoseError, pose_fields
from execution_orchestrator.engine.events import Sighting
from execution_orchestrator.ros.world.transforms import Matrix, matrix_of_pose

LARGEST_SIDE = 960  # pixels of a picture that is kept
QUALITY = 80  # of JPEG
SIGHTINGS = 50
BOX = (255, 196, 0)
INK = (20, 20, 20)
# Of sensor_msgs/image_encodings: Pillow's mode, and how it lies in memory.
MODES = {
    "rgb8": ("RGB", "RGB"),
    "bgr8": ("RGB", "BGR"),
    "rgba8": ("RGB", "RGBX"),
    "bgra8": ("RGB", "BGRX"),
    "mono8": ("L", "L"),
    "8UC1": ("L", "L"),
    "8UC3": ("RGB", "BGR"),
}


class UnreadablePictureError(ValueError):
    """A camera's message that no picture can be made of; the text says why."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture as a file, its size in pixels, and the boxes that are drawn in it."""

    data: bytes
    width: int
    height: int
    sightings: tuple[Sighting, ...] = ()


def jpeg_of(message: Any, sightings: Iterable[Sighting] = ()) -> Jpeg:
    """Return an Image or CompressedImage message as JPEG, made smaller if it is large.

    Raises:
        UnreadablePictureError: it cannot be read.

    """
    from PIL import ImageDraw  # noqa: PLC0415

    picture = _read(message)
    boxes = tuple(sightings)
    scale = min(1.0, LARGEST_SIDE / max(picture.size))
    if scale < 1.0:
        width, height = picture.size
        picture = picture.resize((max(1, round(width * scale)), max(1, round(height * scale))))
        boxes = tuple(_scaled(one, scale) for one in boxes)
    pen = ImageDraw.Draw(picture)
    for one in boxes:
        pen.rectangle((one.x, one.y, one.x + one.width, one.y + one.height), outline=BOX, width=2)
        words = f"{one.object_id} {one.confidence:.0%}"
        left, top = one.x, max(0, one.y - 13)
        pen.rectangle(pen.textbbox((left + 2, top), words), fill=BOX)
        pen.text((left + 2, top), words, fill=INK)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    width, height = picture.size
    return Jpeg(file.getvalue(), width, height, boxes)


def _read(message: Any) -> Any:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    if not hasattr(message, "encoding"):
        try:
            return Image.open(io.BytesIO(bytes(message.data))).convert("RGB")
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as failure:
            raise UnreadablePictureError(f"the picture cannot be read: {failure}") from failure
    if message.encoding not in MODES:
        known = ", ".join(MODES)
        raise UnreadablePictureError(f"the encoding {message.encoding!r} is none of {known}")
    mode, raw = MODES[message.encoding]
    try:
        return Image.frombytes(
            mode,
            (message.width, message.height),
            bytes(message.data),
            "raw",
            raw,
            message.step,
        ).convert("RGB")
    except ValueError as failure:
        raise UnreadablePictureError(f"the picture cannot be read: {failure}") from failure


def _scaled(one: Sighting, scale: float) -> Sighting:
    return Sighting(
        object_id=one.object_id,
        class_id=one.class_id,
        confidence=one.confidence,
        x=round(one.x * scale),
        y=round(one.y * scale),
        width=max(1, round(one.width * scale)),
        height=max(1, round(one.height * scale)),
    )


def sightings_of(
    objects: Iterable[Mapping[str, Any]],
    projection: NDArray[Any],
    into: Matrix,
    size: tuple[int, int],
) -> tuple[Sighting, ...]:
    """Return the boxes of detected objects in a picture.

    ``objects`` are as plans have them (metres), ``projection`` is the 3 x 3 matrix of the camera,
    ``into`` leads from the objects' frame to the camera's optical frame, ``size`` is the picture's
    width and height in pixels. What lies behind the camera or outside of the picture is left out.
    """
    found = []
    for one in itertools.islice(objects, SIGHTINGS):
        box = _box(one, projection, into, size)
        if box is not None:
            x, y, width, height = box
            found.append(
                Sighting(
                    object_id=str(one.get("id") or one.get("class") or "object"),
                    class_id=str(one.get("class") or ""),
                    confidence=float(one.get("confidence") or 0.0),
                    x=x,
                    y=y,
                    width=width,
                    height=height,
                )
            )
    return tuple(found)


def _box(
    one: Mapping[str, Any], projection: NDArray[Any], into: Matrix, size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    try:
        pose = matrix_of_pose(pose_fields(one["pose"]))
    except (KeyError, TypeError, PoseError):
        return None
    sides = one.get("size") or {}
    half = [max(0.01, float(sides.get(axis) or 0.0)) / 2.0 for axis in "xyz"]
    corners = np.array([(*corner, 1.0) for corner in itertools.product(*((-h, h) for h in half))])
    seen = (into @ pose @ corners.T)[:3]
    if (seen[2] <= 0.0).any():
        return None
    pixels = projection @ seen
    across, down = pixels[0] / pixels[2], pixels[1] / pixels[2]
    left, right = np.clip((across.min(), across.max()), 0, size[0] - 1)
    top, bottom = np.clip((down.min(), down.max()), 0, size[1] - 1)
    if right - left < 1.0 or bottom - top < 1.0:
        return None
    return int(left), int(top), int(right - left), int(bottom - top)
