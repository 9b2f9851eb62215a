"""One topic of the robot's state, and the values that are taken from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from rclpy.qos import (
    DurabilityPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)
from rclpy.serialization import deserialize_message

from execution_orchestrator.capabilities.dotted_paths import MISSING, look_up
from execution_orchestrator.capabilities.geometry import flat_pose, frame_of, pose_fields
from execution_orchestrator.capabilities.robot_state_document import StateBinding
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.listening import Listener
from execution_orchestrator.ros.messages.installed import interface_class
from execution_orchestrator.ros.messages.to_fields import plain_value

KEPT = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)


class StateTopic:
    """Reads a message only when one of its ``bindings`` (by their names) is due.

    Of messages that come faster than a binding's period the last one is what counts: it is taken
    when the period is over, because nothing more may come. ``taken`` is called with a name and its
    value, on the listener's thread or the loop's. ``clock`` gives seconds of execution time.

    A ``latched`` one is subscribed to twice: what a publisher keeps for those that come later is
    only given to who asks for it, and who asks for it hears no publisher that keeps nothing. A
    message of one that keeps it comes twice, and says the same. Of other topics nothing is asked
    that their publishers do not offer: each of them would warn of it in its log.
    """

    def __init__(
        self,
        listener: Listener,
        bridge: Bridge,
        bindings: Mapping[str, StateBinding],
        clock: Callable[[], float],
        taken: Callable[[str, Any], object],
    ) -> None:
        self._bridge = bridge
        self._bindings = dict(bindings)
        self._clock = clock
        self._tell = taken
        self._taken: dict[str, float] = {}
        self._lock = threading.Lock()  # so that a late message is not taken for a newer one
        self._newest = b""
        self._owed: set[str] = set()  # names that have not taken the newest message
        self._waits = False
        first = next(iter(self._bindings.values()))
        self._type = interface_class(first.type)
        latched = any(one.latched for one in self._bindings.values())
        for quality in (qos_profile_sensor_data, *((KEPT,) if latched else ())):
            listener.create_subscription(
                self._type, first.topic, self._heard, quality, raw=True, any_publisher=False
            )

    def _heard(self, data: bytes) -> None:
        with self._lock:
            self._newest = data
            self._owed.update(self._bindings)
            self._take()

    def _take(self) -> None:
        now = self._clock()
        due = [name for name in self._owed if self._left(name, now) <= 0.0]
        if due:
            message = deserialize_message(self._newest, self._type)
            for name in due:
                self._owed.discard(name)
                self._taken[name] = now
                self._tell(name, value_of(self._bindings[name], message))
        if self._owed and not self._waits:
            self._waits = True
            wait = min(self._left(name, now) for name in self._owed)
            self._bridge.post(self._bridge.loop.call_later, wait, self._take_late)

    def _take_late(self) -> None:
        with self._lock:
            self._waits = False
            self._take()

    def _left(self, name: str, now: float) -> float:
        return self._taken.get(name, 0.0) + self._bindings[name].period - now


def value_of(binding: StateBinding, message: Any) -> Any:
    """Return what a binding makes of a message."""
    if binding.kind == "joints":
        return dict(zip(message.name, plain_value(message.position), strict=False))
    found = field_of(message, binding.field)
    value = None if found is MISSING else found
    if binding.kind == "pose" and value is not None:
        frame = frame_of(value, binding.frame or _frame_of_message(message))
        return flat_pose(pose_fields(value), frame)
    return value


def field_of(message: Any, path: str) -> Any:
    """Return a field as plain values, or MISSING; nothing but that field is converted."""
    part = message
    while path and hasattr(part, "get_fields_and_field_types"):
        name, _, rest = path.partition(".")
        if name not in part.get_fields_and_field_types():
            break
        part, path = getattr(part, name), rest
    return look_up(plain_value(part), path)


def _frame_of_message(message: Any) -> str:
    fields = ("frame", "frame_id", "header")
    return frame_of(
        {name: plain_value(getattr(message, name)) for name in fields if hasattr(message, name)}, ""
    )
