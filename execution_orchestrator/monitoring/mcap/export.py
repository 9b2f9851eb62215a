"""Writes the events of a run as MCAP messages, under the names of the live topics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from execution_orchestrator.atomic_file import whole_file
from execution_orchestrator.engine import events as ev
from execution_orchestrator.extras import how_to_get
from execution_orchestrator.monitoring.markers import Begun, Target, targets
from execution_orchestrator.monitoring.mcap import messages
from execution_orchestrator.monitoring.mcap.definitions import definition_of
from execution_orchestrator.monitoring.web.floor import Grid
from execution_orchestrator.observation.fold import fold, record_of
from execution_orchestrator.observation.record import ExecutionRecord
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.storage.journal import JournalEntry

NODE = "/execution_orchestrator"
BASE = "base_link"
OPTICAL = "camera_optical_frame"
COMPRESSED = "/compressed"
MAX_TARGETS = 300  # of a plan; a larger one has no markers
PictureOf = Callable[[str], bytes | None]


class McapUnavailableError(RuntimeError):
    """The packages that write MCAP files are not installed; the text says how to get them."""


@dataclass(frozen=True, slots=True)
class _Message:
    """One message: Unix seconds, topic, type, fields."""

    time: float
    topic: str
    type: str
    fields: messages.Fields


def export_run(
    execution_id: str,
    entries: Sequence[JournalEntry],
    target: Path,
    picture: PictureOf,
    floor: Grid | None = None,
) -> str:
    """Write the run that these events are, atomically; returns in words what is in the file.

    ``picture`` gives kept pictures by their names; ``floor`` is the map that was kept.

    Raises:
        McapUnavailableError: mcap-ros2-support is not installed.
        LookupError: the interfaces of a package of ROS 2 are not installed.
        OSError: the file cannot be written.

    """
    try:
        from mcap_ros2.writer import Writer  # noqa: PLC0415
    except ImportError as missing:
        raise McapUnavailableError(
            f"MCAP files need the package mcap-ros2-support: {how_to_get('mcap')}"
        ) from missing
    record = record_of(execution_id, (entry.event for entry in entries))
    found = sorted(_messages(record, entries, picture), key=lambda one: one.time)
    if floor is not None and found:
        began = found[0].time
        fields = messages.grid(floor, began)
        found.insert(0, _Message(began, "/map", "nav_msgs/msg/OccupancyGrid", fields))
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as file:
        writer = Writer(file)
        _write(writer, found)
        _attach(writer, record)
        writer.finish()  # type: ignore[no-untyped-call]
    topics = {one.topic for one in found}
    return f"{counted(len(found), 'message')} on {counted(len(topics), 'topic')}"


def _write(writer: Any, found: Sequence[_Message]) -> None:
    schemas: dict[str, Any] = {}
    for number, one in enumerate(found):
        schema = schemas.get(one.type)
        if schema is None:
            schema = schemas[one.type] = writer.register_msgdef(one.type, definition_of(one.type))
        writer.write_message(
            topic=one.topic,
            schema=schema,
            message=one.fields,
            log_time=int(one.time * 1e9),
            publish_time=int(one.time * 1e9),
            sequence=number,
        )


def _attach(writer: Any, record: ExecutionRecord) -> None:
    """Attach the plan as it ran, and say whose run it is."""
    when = int(record.wall.of(record.accepted) * 1e9)
    plan = json.dumps(record.plan, indent=2, ensure_ascii=False).encode()
    writer.add_attachment(
        create_time=when, log_time=when, name="plan.json", media_type="application/json", data=plan
    )
    writer.add_metadata(
        "execution",
        {
            "execution_id": record.execution_id,
            "command": record.command,
            "status": str(record.status),
            "reason": record.reason,
            "correlation_id": record.correlation_id,
        },
    )


def _messages(
    record: ExecutionRecord, entries: Sequence[JournalEntry], picture: PictureOf
) -> Iterator[_Message]:
    begun = _where_it_arrived(record)
    now = ExecutionRecord(record.execution_id)
    shown: tuple[Target, ...] = ()
    for entry in entries:
        event = entry.event
        now = fold(now, event)
        yield _Message(
            event.wall,
            f"{NODE}/events",
            "execution_orchestrator/msg/ExecutionEvent",
            messages.event(entry.sequence, event, record.correlation_id),
        )
        if event.level > ev.DEBUG:
            line = messages.log_line(event, NODE.lstrip("/"))
            yield _Message(event.wall, "/rosout", "rcl_interfaces/msg/Log", line)
        if isinstance(event, ev.RobotTravelled) and event.path:
            yield from _way(event)
        elif isinstance(event, ev.PictureTaken):
            data = picture(event.picture)
            if data is not None:
                fields = messages.image(OPTICAL, event.wall, data)
                topic = f"/{event.camera.strip('/').removesuffix(COMPRESSED)}{COMPRESSED}"
                yield _Message(event.wall, topic, "sensor_msgs/msg/CompressedImage", fields)
        if len(now.actions) <= MAX_TARGETS:
            there = tuple(targets(now, begun=begun))
            if there != shown:
                shown = there
                fields = messages.markers(there, event.wall)
                yield _Message(
                    event.wall, f"{NODE}/markers", "visualization_msgs/msg/MarkerArray", fields
                )


def _where_it_arrived(record: ExecutionRecord) -> Begun:
    """Return the ends of ways to places that the plan only names."""
    placed = {target.key for target in targets(record)}
    begun: Begun = {}
    for one in record.travelled:
        if one.path and one.key not in placed:
            _, x, y, yaw = one.path[-1]
            begun[one.key] = [{"x": x, "y": y, "yaw": yaw, "frame": one.frame}]
    return begun


def _way(event: ev.RobotTravelled) -> Iterator[_Message]:
    child = f"{event.robot}/{BASE}" if event.robot else BASE
    points = [(when + event.offset, x, y, yaw) for when, x, y, yaw in event.path]
    for when, x, y, yaw in points:
        fields = {"transforms": [messages.transform(event.frame, child, when, (x, y, yaw))]}
        yield _Message(when, "/tf", "tf2_msgs/msg/TFMessage", fields)
    space = f"/{event.robot}" if event.robot else ""
    yield _Message(
        event.wall,
        f"{space}{NODE}/travelled",
        "nav_msgs/msg/Path",
        messages.path(event.frame, points),
    )
