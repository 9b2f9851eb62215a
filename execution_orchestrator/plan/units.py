"""Numbers with units, as people write them: which number of the unit here they mean."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from execution_orchestrator.plan.capability import RobotModel

# Units by the first words of what a parameter's schema says of it, and what one of them is here.
_UNITS: dict[str, dict[str, float]] = {
    "radians": {"rad": 1.0, "radians": 1.0, "deg": math.pi / 180, "degrees": math.pi / 180,
                "degree": math.pi / 180, "°": math.pi / 180},
    "metres per second": {"m/s": 1.0, "mps": 1.0, "cm/s": 0.01, "km/h": 1 / 3.6, "kmh": 1 / 3.6},
    "metres": {"m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0, "cm": 0.01,
               "mm": 0.001, "km": 1000.0},
    "newtons": {"n": 1.0, "newtons": 1.0, "kn": 1000.0},
    "hertz": {"hz": 1.0, "khz": 1000.0},
    "frames per second": {"fps": 1.0, "hz": 1.0},
}  # fmt: skip
# The units of a plan's own fields; what is not here has none.
UNITS = dict.fromkeys(
    ("timeout", "duration", "delay", "every", "estimated_duration", "patience", "initial_delay",
     "max_delay", "confirmation_timeout"),
    "seconds",
)  # fmt: skip
_QUANTITY = re.compile(r"([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*([^\d\s].*)?")
_TIME = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?)\s*(?:h|hrs?|hours?))?\s*"
    r"(?:(?P<minutes>\d+(?:\.\d+)?)\s*(?:m|mins?|minutes?))?\s*"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)\s*(?:s|secs?|seconds?)?)?"
)
_MILLISECONDS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:ms|msecs?|milliseconds?)")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+)")


def units_of(robot: RobotModel) -> Callable[[str, str], str]:
    """Return what tells the unit of a capability's parameter: its description begins with it."""

    def unit(capability: str, parameter: str) -> str:
        spec = robot.capabilities.get(capability)
        schema = spec.parameters.get("properties", {}).get(parameter) if spec is not None else None
        description = schema.get("description", "") if isinstance(schema, dict) else ""
        return next((unit for unit in (*_UNITS, "seconds") if description.startswith(unit)), "")

    return unit


def number_cure(given: str, unit: str) -> str:
    """Say which number a text means in a unit (seconds, radians, metres ...; empty for none)."""
    text = given.strip().lower().replace(",", ".")
    found = _seconds(text) if unit.startswith("seconds") else _quantity(text, unit)
    if found is None:
        return "Write a number, without a unit and without quotes."
    message = f"Write {found:.4g}, without a unit and without quotes"
    return f"{message}; times are in seconds." if unit == "seconds" else f"{message}."


def _quantity(text: str, unit: str) -> float | None:
    parts = _QUANTITY.fullmatch(text)
    if parts is None:
        return None
    if parts[2] is None:
        return float(parts[1])
    known = next((table for name, table in _UNITS.items() if unit.startswith(name)), {})
    one = known.get(parts[2].strip())
    return None if one is None else float(parts[1]) * one


def _seconds(text: str) -> float | None:
    parts = _TIME.fullmatch(text.removeprefix("pt"))
    if (milliseconds := _MILLISECONDS.fullmatch(text)) is not None:
        return float(milliseconds[1]) / 1000
    if (clock := _CLOCK.fullmatch(text)) is not None:
        parts = clock
    elif not text or parts is None or not any(parts.groups()):
        return None
    hours, minutes, rest = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + rest
