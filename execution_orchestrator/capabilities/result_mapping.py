"""From an action server's result message to an action's output or its typed error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from execution_orchestrator.capabilities.dotted_paths import MISSING, look_up
from execution_orchestrator.capabilities.error_codes import ErrorCodeTables
from execution_orchestrator.capabilities.geometry import flat_pose
from execution_orchestrator.plan.capability import ResultMapping
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.shortened import shortened

MAX_OUTPUT = 1024 * 1024  # bytes as JSON; outputs are journalled
LONGEST = 2000  # characters of what a server says in its result
NOT_KEPT = "not_kept"  # of an output: which fields were too large


def map_output(entry: ResultMapping, result: Mapping[str, Any]) -> dict[str, Any]:
    """Output of an action; without a mapping the whole result is the output.

    Of one of more than `MAX_OUTPUT` bytes the largest fields are left out, and named.
    """
    if entry.output:
        return _that_fits(_mapped(entry, result))
    skipped = {entry.error_code, entry.error_message, entry.success} - {""}
    return _that_fits({key: value for key, value in result.items() if key not in skipped})


def _that_fits(output: dict[str, Any]) -> dict[str, Any]:
    sizes = {name: len(msgspec.json.encode(value)) for name, value in output.items()}
    left_out = []
    while sum(sizes.values()) > MAX_OUTPUT:
        name = max(sizes, key=sizes.__getitem__)
        left_out.append(f"{name} ({sizes.pop(name) / MAX_OUTPUT:.1f} MiB as JSON)")
    if not left_out:
        return output
    return {**{name: output[name] for name in sizes}, NOT_KEPT: ", ".join(left_out)}


def _mapped(entry: ResultMapping, result: Mapping[str, Any]) -> dict[str, Any]:
    output = {}
    for name, spec in _sources(entry):
        value = look_up(result, str(spec["field"]))
        if value is MISSING:
            value = spec.get("default")
        output[name] = simplified(value, str(spec.get("as", "")))
    return output


def _sources(entry: ResultMapping) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the name of each part of the output, and where and how it is read."""
    for name, source in entry.output.items():
        yield name, {"field": source} if isinstance(source, str) else source


def output_names(entry: ResultMapping, field: str) -> frozenset[str]:
    """Return the names of the parts of the output that are read from a field of the result."""
    if not entry.output:
        return frozenset({field})
    return frozenset(name for name, spec in _sources(entry) if spec["field"] == field)


NAMED = 3  # fields


def without_number(entry: ResultMapping, result: Mapping[str, Any]) -> str:
    """Return a sentence about what of the output should be numbers and is NaN or infinite.

    Empty if all of them are numbers. JSON has neither; both are None in ``result``.
    """
    fields = dict.fromkeys(str(spec["field"]) for _, spec in _sources(entry)) or [""]
    places = (place for field in fields for place in _nothing(look_up(result, field), field))
    found = list(islice(places, NAMED + 1))
    if not found:
        return ""
    more = ", and others" if len(found) > NAMED else ""
    return f"the server gave no finite number for {', '.join(found[:NAMED])}{more}"


def _nothing(value: Any, place: str) -> Iterator[str]:
    """Return the paths of what is None in a result."""
    if value is None:
        yield place
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _nothing(part, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _nothing(part, f"{place}[{index}]")


def simplified(value: Any, conversion: str) -> Any:
    """Return a message value the way plans write it."""
    if conversion == "pose":
        return plan_pose(value)
    if conversion == "objects":
        # An object that is nowhere cannot be reached for, nor compared with another.
        return [
            plan_object(found)
            for found in value or []
            if next(_nothing(found.get("pose"), ""), None) is None
        ]
    if conversion == "duration":
        return float(value.get("sec", 0)) + value.get("nanosec", 0) / 1e9 if value else 0.0
    if conversion == "image":
        return {
            key: value[key] for key in ("width", "height", "encoding", "header") if key in value
        }
    if conversion == "count":
        return len(value or [])
    return value


def plan_pose(value: Mapping[str, Any]) -> dict[str, Any]:
    """Flat pose {x, y, z, yaw, orientation, frame} of a PoseStamped's or Pose's fields."""
    pose = value.get("pose", value)
    frame = value.get("header", {}).get("frame_id", "")
    return flat_pose(pose, frame)


def plan_object(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a detected object: {id, class, confidence, pose, size}."""
    return {
        "id": found.get("object_id", ""),
        "class": found.get("class_id", ""),
        "confidence": found.get("confidence", 0.0),
        "pose": plan_pose(found["pose"]),
        "size": dict(found.get("size", {})),
        "stamp": found.get("pose", {}).get("header", {}).get("stamp"),
    }


def error_in(
    entry: ResultMapping, result: Mapping[str, Any], tables: ErrorCodeTables
) -> ErrorInfo | None:
    """Return the error that a result message contains, None if it contains none."""
    said = look_up(result, entry.error_message) if entry.error_message else ""
    said = shortened(said, LONGEST) if isinstance(said, str) else ""
    if entry.error_code:
        code = look_up(result, entry.error_code)
        table = tables[entry.error_table] if entry.error_table else None
        if isinstance(code, int) and code not in (table.success if table else {0}):
            if table:
                return table.classify(code, said)
            return ErrorInfo(
                type=ErrorType.EXECUTION,
                code=f"SERVER_CODE_{code}",
                message=said or f"the server failed with code {code}",
                server_code=code,
                recoverable=True,
            )
    if entry.success and look_up(result, entry.success) is False:
        return ErrorInfo(
            type=ErrorType.EXECUTION,
            code="NOT_SUCCESSFUL",
            message=said or f"the server says that it did not succeed ({entry.success} is false)",
            recoverable=True,
        )
    return None
