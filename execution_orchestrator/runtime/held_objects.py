"""What grippers hold, as events of the journal, so that it survives a restart of any node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from execution_orchestrator.engine.events import Event, ObjectGrasped, ObjectReleased
from execution_orchestrator.engine.state import OrchestratorState


class HeldObjects:
    """The held objects of one robot; ``robot`` is empty where there are not several.

    ``owner`` is the action that asks (execution/key). ``note`` journals events, ``now`` is the time
    in Unix seconds.
    """

    def __init__(
        self,
        robot: str,
        owner: str,
        *,
        state: Callable[[], OrchestratorState],
        note: Callable[[Sequence[Event]], None],
        now: Callable[[], float],
    ) -> None:
        self._robot = robot
        self._owner = owner
        self._state = state
        self._note = note
        self._now = now

    def held(self) -> Mapping[str, Mapping[str, Any]]:
        """Return how each object is held, by its id."""
        return dict(self._state().held.get(self._robot, {}))

    def grasped(self, object_id: str, held_as: Mapping[str, Any]) -> None:
        """Keep that an object is held now; durable when this returns, or with the storage.

        Raises:
            StorageError: the node has given up.

        """
        now, robot = self._now(), self._robot
        # A link holds one object: what it held before was lost without a word.
        lost = [
            ObjectReleased(time=now, object_id=name, robot=robot)
            for name, how in self.held().items()
            if name != object_id and how.get("frame") == held_as.get("frame")
        ]
        grasp = ObjectGrasped(time=now, object_id=object_id, robot=robot, held_as=dict(held_as))
        self._note([*lost, grasp])

    def released(self, object_id: str) -> None:
        """Keep that an object is not held any more; durable when this returns, or with the storage.

        Raises:
            StorageError: the node has given up.

        """
        event = ObjectReleased(
            time=self._now(), object_id=object_id, robot=self._robot, by=self._owner
        )
        self._note([event])

    def put_down(self) -> str:
        """Return what an earlier attempt of this action put down, if nothing was grasped since."""
        owner, object_id = self._state().put_down.get(self._robot, ("", ""))
        return object_id if owner == self._owner else ""
