"""What is reported of a goal that ended before its work was done."""

import asyncio

import pytest
from action_msgs.msg import GoalStatus
from nav2_msgs.action import FollowWaypoints
from nav2_msgs.msg import MissedWaypoint

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.inputs import GoalCancelled, GoalFailed
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.ros.driver.reporting import GoalReporter

SPEC = CapabilitySpec.model_validate(
    {
        "description": "Follow waypoints",
        "interface": {"name": "follow_waypoints"},
        "result": {"missed": {"field": "missed_waypoints", "what": "waypoint", "place": "index"}},
        "resume": {"from": "current_waypoint", "into": "first", "how": "set"},
    }
)


def forbidden(*_, **__):
    raise AssertionError("this does not happen here")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(GoalStatus.STATUS_CANCELED, GoalCancelled), (GoalStatus.STATUS_ABORTED, GoalFailed)],
)
async def test_what_was_missed_before_it_was_stopped_is_read_from_the_result(status, kind):
    adapter, reports = GenericAdapter(SPEC), []
    goal = Dispatch(
        execution_id="e", key="go", attempt=1, goal_id="g", capability="follow", parameters={}
    )
    reporter = GoalReporter(
        goal,
        adapter,
        reports.append,
        mapper=adapter.follow({}),
        done=lambda: None,
        on_output=forbidden,
        placed=forbidden,
        loop=asyncio.get_running_loop(),
        explain=lambda _, error, tell, since: tell(error),
        look_first=forbidden,
        server_died=forbidden,
        server_silent=forbidden,
        still_silent=forbidden,
    )
    reporter.feedback(FollowWaypoints.Feedback(current_waypoint=3))
    missed = [MissedWaypoint(index=1, error_code=208), MissedWaypoint(index=3)]
    reporter.finished(status, FollowWaypoints.Result(missed_waypoints=missed))
    last = reports[-1]
    assert type(last) is kind
    assert (last.missed, last.partial) == ("1 waypoint missed", True)
