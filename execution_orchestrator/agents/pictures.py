"""Pictures of the robot in the format that clients show."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

MOST_BYTES = 64 * 1024 * 1024
MOST_PIXELS = 4096  # along a side; larger ones are made smaller


class PictureError(RuntimeError):
    """A picture cannot be shown; the message says why."""


def as_png(file: str) -> bytes:
    """Return a picture file as PNG, at most 4096 pixels wide and high.

    Raises:
        PictureError: it is not on this machine, too large, or no picture.

    """
    path = Path(file)
    if not file or not path.is_file():
        raise PictureError(
            f"the picture {file!r} is not on this machine; the camera's server keeps it"
        )
    if path.stat().st_size > MOST_BYTES:
        raise PictureError(f"{file} is larger than {MOST_BYTES // 2**20} MiB")
    try:
        with Image.open(path) as picture:
            picture.thumbnail((MOST_PIXELS, MOST_PIXELS))
            made = io.BytesIO()
            picture.convert("RGB").save(made, "PNG")
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as failure:
        raise PictureError(f"{file} cannot be read as a picture: {failure}") from None
    return made.getvalue()
