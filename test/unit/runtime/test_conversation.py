"""What a planner is told of what was said before."""

from __future__ import annotations

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.timetable import Timetable
from execution_orchestrator.plan.timing import Timing
from execution_orchestrator.runtime.conversation import Conversations
from test.unit.engine.driving import Rig, action, plan


def test_a_command_that_set_a_schedule_was_planned_until_that_is_removed() -> None:
    rig = Rig()
    rig.feed(s.Request(execution_id="e", goal=s.RawGoal(command="do that every minute")))
    [asked] = rig.of(fx.Prepare)
    rig.feed(
        s.PreparationFinished(
            execution_id="e",
            run_id=asked.run_id,
            plan={**plan(action("a")), "command": "every minute tidy up"},
            timing=Timing(timetable=Timetable(time_zone="UTC", every=60.0)),
        )
    )
    rig.wait(61.0)  # it began something, which nobody said
    observation = Observation()
    for event in rig.journal:
        observation.apply(event)
    conversations = Conversations(observation, lambda: rig.now)
    [told] = conversations.earlier("")
    assert (told.execution_id, told.command, told.planned) == ("e", "every minute tidy up", True)
    assert len(conversations.running()) == 1

    known = len(rig.journal)
    rig.feed(s.RemoveSchedule(schedule_id="e"))
    for event in rig.journal[known:]:
        observation.apply(event)
    [told] = conversations.earlier("")
    assert not told.planned
