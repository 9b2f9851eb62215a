"""Values of ports as parameters and expressions: constants, poses, entries of the blackboard."""

from __future__ import annotations

import re
from typing import Any

from execution_orchestrator.plan.importing.scripting import NUMBER


def plain(name: str) -> str:
    """Return the name of a blackboard's entry as one of an expression."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name.lstrip("@"))


def constant(text: str) -> str:
    """Return a text of a port as an expression."""
    if NUMBER.match(text.strip()) or text.strip() in ("true", "false"):
        return text.strip()
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def literal(value: str) -> Any:
    """Return the value of an expression that is a constant, None for any other."""
    if NUMBER.match(value):
        return float(value)
    if value in ("true", "false"):
        return value == "true"
    if re.fullmatch(r"'(?:[^'\\]|\\.)*'", value):
        text = value[1:-1].replace("\\'", "'").replace("\\\\", "\\")
        return pose(text) if ";" in text else text
    return None


def pose(text: str) -> Any:
    """Return "1.0;2.0;0.5" of the tutorials as a pose {x, y, yaw}, any other text as it is."""
    parts = text.split(";")
    if len(parts) not in (2, 3) or not all(NUMBER.match(part.strip()) for part in parts):
        return text
    return dict(zip(("x", "y", "yaw"), map(float, parts), strict=False))
