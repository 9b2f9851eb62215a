"""The world model: ``robot`` and ``objects`` of expressions, kept up to date from topics."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from execution_orchestrator.capabilities.conversions import distance_to
from execution_orchestrator.capabilities.geometry import flat_pose
from execution_orchestrator.capabilities.robot_state_document import (
    RobotStateDocument,
    StateBinding,
)
from execution_orchestrator.plan.robots import name_on
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.listening import Listener
from execution_orchestrator.ros.world.fixed_places import FixedPlaces
from execution_orchestrator.ros.world.known_objects import KnownObjects
from execution_orchestrator.ros.world.seen_objects import place_objects
from execution_orchestrator.ros.world.state_history import Past, StateHistory
from execution_orchestrator.ros.world.state_topic import StateTopic
from execution_orchestrator.ros.world.transforms import REPEATED, SILENT, Transforms

MOMENT = 0.01  # seconds


class TopicWorldModel:
    """Keeps the newest value of every bound topic and a bounded history of each.

    Messages arrive on the listener's thread, are converted there and handed to the loop; everything
    else, `snapshot` included, runs on the loop's thread.

    ``robots`` are the namespaces of several robots by name, each of which may have a tf of its own
    there, as Nav2 does it for several; ``located`` gives the pose of a named place.
    """

    def __init__(
        self,
        listener: Listener,
        bridge: Bridge,
        document: RobotStateDocument,
        clock: Callable[[], float],
        *,
        robots: Mapping[str, str],
        located: Callable[[Any], Any],
    ) -> None:
        self._listener = listener
        self._bridge = bridge
        self._document = document
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []
        self._values: dict[str, tuple[float, Any]] = {}
        self._taken: dict[str, float] = {}  # transforms, and when they were looked at last
        self._counts: dict[str, int] = {}
        self._arrived: dict[str, float] = {}  # by the monotonic clock
        self._aging: set[str] = set()  # values with a pending timer for their ``max_age``
        self._history: dict[str, Past] = {}
        self._objects = KnownObjects(limit=document.max_objects, max_age=document.object_max_age)
        self._posted = 0.0
        moving = [binding for binding in document.state.values() if binding.kind == "transform"]
        self._tf_period = min((binding.period for binding in moving), default=0.0)
        self._transforms = Transforms(
            listener.node,
            self._transforms_heard if moving else lambda: None,
            # Names as the node's own are remapped.
            topic=listener.resolve_topic_name("/tf"),
            static_topic=listener.resolve_topic_name("/tf_static"),
        )
        self._located = located
        self._transforms_of = {
            robot: Transforms(
                listener.node,
                topic=listener.resolve_topic_name(name_on(namespace, "tf")),
                static_topic=listener.resolve_topic_name(name_on(namespace, "tf_static")),
            )
            for robot, namespace in robots.items()
        }
        bases = [binding.child for binding in document.state.values() if binding.child]
        self._fixed = FixedPlaces(self._transforms, bases)
        self._fixed_of = {
            robot: FixedPlaces(transforms, bases)
            for robot, transforms in self._transforms_of.items()
        }
        self._snapshot: Mapping[str, Any] | None = None
        self._listen()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on the loop whenever a value or an object changed."""
        self._listeners.append(listener)

    def objects(self) -> dict[str, dict[str, Any]]:
        """Return the known objects by id."""
        return self._objects.snapshot(self._clock())

    @property
    def object_names(self) -> frozenset[str]:
        """Ids of the objects seen so far; safe to ask for on any thread."""
        return self._objects.names

    def snapshot(self) -> Mapping[str, Any]:
        """{robot: {name: value}, robot_history, objects: [object], fix, distance}.

        Old values are left out. The last two are functions: see `fixed` and `distance`.
        """
        now = self._clock()
        if self._snapshot is None or any(
            binding.max_age for binding in self._document.state.values()
        ):
            robot = {}
            for name, (stamp, value) in self._values.items():
                limit = self._document.state[name].max_age
                if not limit or now - stamp <= limit:
                    robot[name] = value
            self._snapshot = MappingProxyType(
                {
                    "robot": robot,
                    "robot_history": StateHistory(self._history, now),
                    "objects": list(self._objects.snapshot(now).values()),
                    "fix": self.fixed,
                    "distance": self.distance,
                }
            )
        return self._snapshot

    def ages(self) -> dict[str, tuple[float | None, float]]:
        """Return the age of each bound value (None: never heard), and its ``max_age``; seconds."""
        now = self._clock()
        return {
            name: (now - self._values[name][0] if name in self._values else None, binding.max_age)
            for name, binding in self._document.state.items()
        }

    def without_position(self, robot: str = "") -> str:
        """Say since when the robot's position is not known any more; empty: it is known.

        Only a source that published it repeatedly before counts as silent. Of one of several robots
        it is known by tf only.
        """
        now = time.monotonic()
        if robot:
            return self._without_transform(robot, now)
        silent: list[tuple[float, str]] = []
        for name, binding in self._document.state.items():
            if binding.kind not in ("transform", "pose") or name not in self._values:
                continue
            heard: float | None = self._arrived.get(name)
            what = binding.topic
            if binding.kind == "transform":
                heard = self._transforms.heard(binding.frame, binding.child)
                what = f"tf from {binding.frame} to {binding.child}"
            elif self._counts.get(name, 0) < REPEATED:
                heard = None
            if heard is not None and now - heard > SILENT:
                silent.append((heard, what))
        if not silent:
            return ""
        since = _clock(min(silent)[0] - now)
        return f"no position since {since} ({' and '.join(what for _, what in silent)} silent)"

    def _without_transform(self, robot: str, now: float) -> str:
        binding = self._document.state.get("pose")
        if binding is None or binding.kind != "transform":
            return ""
        transforms, base = self._tf_of(robot)
        heard = transforms.heard(binding.frame, base)
        if heard is None or now - heard <= SILENT:
            return ""
        since = _clock(heard - now)
        return f"no position of {robot} since {since} (tf from {binding.frame} to {base} silent)"

    def frames(self, robot: str = "") -> frozenset[str]:
        """Frames that tf knows; empty if nothing was received, or tf does not tell of the robot."""
        transforms, base = self._tf_of(robot)
        known = transforms.frames
        if not robot:
            return known
        own = {name.removeprefix(f"{robot}/") for name in known}
        return known | own if base in known else frozenset()

    def _tf_of(self, robot: str) -> tuple[Transforms, str]:
        """Return the tf that tells of a robot, and what its base is called there.

        One of several may tell it on a tf of its own, with the usual names of frames, or on the
        node's, with its name in front of them.
        """
        binding = self._document.state.get("pose")
        base = binding.child if binding is not None and binding.child else "base_link"
        own = self._transforms_of.get(robot)
        if own is not None and base in own.frames:
            return own, base
        return self._transforms, f"{robot}/{base}" if robot else base

    def robot_pose(self, frame: str, robot: str = "") -> dict[str, Any] | None:
        """Where a robot is in a frame, as fields of a Pose; None: tf does not say it any more."""
        transforms, base = self._tf_of(robot)
        return None if transforms.silent(frame, base) else transforms.pose(frame, base)

    def fixed(self, place: Any, robot: str = "") -> Any:
        """Return a place, or each of a list, in a frame that does not move with the robot.

        None: it is in such a frame already, or tf does not say where it is. One of several robots
        may have a tf of its own.
        """
        own = self._fixed_of.get(robot)
        found = own.place(place) if own is not None else None
        return self._fixed.place(place) if found is None else found

    def unplaced(self, place: Any, robot: str = "") -> bool:
        """Whether a place, or one of a list, moves with a robot and tf does not say where it is.

        `fixed` has no place for it then.
        """
        many = place if isinstance(place, list) else [place]
        return any(self._fixed.moves(one) and self.fixed(one, robot) is None for one in many)

    def distance(self, robot: str, place: Any) -> float | None:
        """Metres as the crow flies from one of several robots to a place, or the first of a list.

        None: one of the poses is unknown.
        """
        return distance_to(place, self._located, lambda frame: self.robot_pose(frame, robot))

    def pose_between(self, frame: str, child: str) -> dict[str, Any] | None:
        """Where a frame is in another one, as fields of a Pose; None: tf does not say it."""
        return self._transforms.pose(frame, child)

    def stale_frames(self, names: Iterable[str], robot: str = "") -> str:
        """Say which of these frames have no current transform any more, and since when.

        Empty: each of them is known, does not move with the robot, or is not in tf at all.
        """
        transforms, _ = self._tf_of(robot)
        own = self._transforms_of.get(robot) is transforms
        places = self._fixed_of[robot] if own else self._fixed
        for name in sorted(set(names)):
            moving = places.moving({"frame": name})
            if moving is not None and (age := transforms.silent(moving[1], name)):
                return f"tf has not said where {name} is in {moving[1]} since {_clock(-age)}"
        return ""

    async def placed(self, output: Mapping[str, Any]) -> dict[str, Any]:
        """Return an output with the objects in it where they were when they were seen."""
        return await place_objects(output, self._fixed, self._transforms)

    def saw(self, objects: Iterable[Mapping[str, Any]], when: float) -> None:
        """Objects a camera action found at ``when``, in seconds of the clock."""
        if self._objects.seen(objects, when):
            self._changed()

    def moved(self, identity: str, changes: Mapping[str, Any]) -> None:
        """Take that an action put an object somewhere."""
        self._objects.moved(identity, changes)
        self._changed()

    def _listen(self) -> None:
        """Subscribe once to each topic, however many values come from it."""
        topics: dict[tuple[str, str], dict[str, StateBinding]] = {}
        for name, binding in self._document.state.items():
            if binding.kind != "transform":
                topics.setdefault((binding.topic, binding.type), {})[name] = binding
        self._topics = [
            StateTopic(self._listener, self._bridge, bindings, self._clock, self._take)
            for bindings in topics.values()
        ]

    def _take(self, name: str, value: Any) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1
        self._arrived[name] = time.monotonic()
        self._bridge.post(self._store, name, value)

    def _transforms_heard(self) -> None:
        # On the thread of tf: the loop is woken no more often than configured.
        now = time.monotonic()
        if now - self._posted >= self._tf_period:
            self._posted = now
            self._bridge.post(self._look_at_transforms)

    def _look_at_transforms(self) -> None:
        now = self._clock()
        for name, binding in self._document.state.items():
            if binding.kind != "transform" or now - self._taken.get(name, 0.0) < binding.period:
                continue
            if self._transforms.silent(binding.frame, binding.child):
                continue  # other transforms come in, and say nothing new of this one
            pose = self._transforms.pose(binding.frame, binding.child)
            if pose is not None:
                self._taken[name] = now
                self._store(name, flat_pose(pose, binding.frame))

    def _store(self, name: str, value: Any) -> None:
        now = self._clock()
        before = self._values.get(name)
        self._values[name] = (now, value)
        if self._document.history:
            past = self._history.setdefault(name, deque(maxlen=self._document.history))
            past.append((now, value))
        self._snapshot = None
        if before is None or before[1] != value:
            self._changed()
        if self._document.state[name].max_age and name not in self._aging:
            self._aging.add(name)
            self._wait_for_age(name, self._document.state[name].max_age)

    def _wait_for_age(self, name: str, seconds: float) -> None:
        self._bridge.loop.call_later(seconds, self._grow_old, name)

    def _grow_old(self, name: str) -> None:
        """Tell that a value is no longer known: that is a change as well."""
        left = self._values[name][0] + self._document.state[name].max_age - self._clock()
        if left >= 0.0:
            self._wait_for_age(name, left + MOMENT)
        else:
            self._aging.discard(name)
            self._changed()

    def _changed(self) -> None:
        self._snapshot = None
        for listener in self._listeners:
            listener()


def _clock(seconds: float) -> str:
    """Time of day as people read it, some seconds from now (negative: before)."""
    return time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
