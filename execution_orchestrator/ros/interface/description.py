"""What programs and agents ask about the robot, and what was refused to them on the way here."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.engine.events import Event, RequestRefused
from execution_orchestrator.plan.json_schema import plan_schema
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.ros.interface.callers import MAX_NAME, said
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.srv import DescribeRobot, RecordRefusal

MAX_ARGUMENTS = 4096  # characters of what was asked
PER_MINUTE = 60  # refusals that are journalled at most, so that they cannot fill the disk


class RobotDescription:
    """Serves ``~/describe_robot`` and ``~/record_refusal``; runs on the loop's thread."""

    def __init__(
        self,
        robot: LoadedRobot,
        vocabulary: Vocabulary | None,
        places: Mapping[str, Any],
        world: Callable[[], Mapping[str, Any]],
        *,
        note: Callable[[Sequence[Event]], None],
        now: Callable[[], float],
    ) -> None:
        self._robot = robot
        self._vocabulary = vocabulary
        self._places = places
        self._world = world
        self._note = note
        self._now = now
        self._noted: deque[float] = deque(maxlen=PER_MINUTE)
        self._capabilities = json.dumps(self._described(), ensure_ascii=False)

    @cached_property
    def _schema(self) -> str:
        return json.dumps(plan_schema(self._robot.model), ensure_ascii=False)

    def serve(self, host: ServiceHost) -> None:
        """Create the services."""
        host.serve("describe_robot", DescribeRobot, self._describe)
        host.serve("record_refusal", RecordRefusal, self._refused)

    async def _describe(self, _: Any, response: Any) -> None:
        world = self._world()
        response.capabilities = self._capabilities
        response.plan_schema = self._schema
        response.places = json.dumps(self._known_places(), ensure_ascii=False)
        response.objects = json.dumps(world["objects"], ensure_ascii=False, default=str)
        response.robot_state = json.dumps(dict(world["robot"]), ensure_ascii=False, default=str)
        response.success = True
        response.message = f"{len(self._robot.model.capabilities)} capabilities"

    async def _refused(self, request: Any, response: Any) -> None:
        now = self._now()
        if len(self._noted) == PER_MINUTE and now - self._noted[0] < 60.0:
            raise CommandRefusedError(
                f"{PER_MINUTE} refusals were journalled in the last minute; this one is not"
            )
        self._noted.append(now)
        self._note(
            [
                RequestRefused(
                    time=now,
                    execution_id="",
                    requester=request.requester[:MAX_NAME],
                    request=request.request[:MAX_NAME],
                    reason=said(request.reason),
                    arguments=request.arguments[:MAX_ARGUMENTS],
                )
            ]
        )
        response.success = True
        response.message = "in the journal"

    def _described(self) -> dict[str, Any]:
        """Return every capability with the schemas of what goes in and comes out."""
        return {
            name: {
                "description": spec.description,
                "parameters": spec.parameters,
                "output": spec.output,
                "targets": list(spec.targets),
                "unavailable": self._robot.unavailable.get(name),
            }
            for name, spec in sorted(self._robot.model.capabilities.items())
        }

    def _known_places(self) -> dict[str, Any]:
        if self._vocabulary is None:
            return {name: {"pose": pose} for name, pose in self._places.items()}
        return {name: place.described() for name, place in self._vocabulary.places.items()}
