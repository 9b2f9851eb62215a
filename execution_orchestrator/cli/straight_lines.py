"""Distances between the places of a plan without a robot: as the crow flies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.geometry import PoseError, pose_stamped_fields
from execution_orchestrator.plan.optimise.estimates import Distance

FAR = 1000.0  # metres from every known place


class StraightLines:
    """Measures between coordinates and named places; ``start`` is where the robot is, if known."""

    def __init__(self, places: Mapping[str, Any], start: Mapping[str, Any] | None = None) -> None:
        self._context = ConversionContext(frame="map", places=places)
        self._start = start

    def __call__(self, start: Any, goal: Any) -> Distance | None:
        """Return metres, None between places that are not known here."""
        begin = self._start if start is None else start
        if begin is None:
            return None
        try:
            ends = [
                pose_stamped_fields(located(place, self._context), self._context.frame)
                for place in (begin, goal)
            ]
        except (ConversionError, PoseError):
            return None
        if ends[0]["header"] != ends[1]["header"]:
            return None
        first, last = (end["pose"]["position"] for end in ends)
        metres = math.dist((first["x"], first["y"]), (last["x"], last["y"]))
        return Distance(metres, "straight line")

    def far_away(self, frame: str, x: float, y: float) -> str:
        """Say that a place (metres) is so far from all known ones that it is probably a mistake."""
        if frame != self._context.frame:
            return ""
        there = {"x": x, "y": y}
        known = {name: self(place, there) for name, place in self._context.places.items()}
        ways = {name: way.metres for name, way in known.items() if way is not None}
        name = min(ways, key=lambda one: ways[one], default="")
        if not name or ways[name] <= FAR:
            return ""
        return f"is {ways[name] / 1000.0:.1f} km away from {name}, the nearest place that is known"
