"""What a goal with the id of an execution gets, when others ask for the same at the same moment."""

import json

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.ros.interface.backend import Backend
from test.unit.ros.test_past import PLAN, Node


def goal(text):
    return ExecuteCommand.Goal(execution_id="order", same_id="allow_if_failed", plan=text)


class Slow:
    """Reads the journal so slowly that somebody else is served before it is read."""

    def __init__(self, past):
        self._past = past
        self.meanwhile = None

    async def recall(self, execution_id, *, to_go_on=False):
        found = await self._past.recall(execution_id, to_go_on=to_go_on)
        if to_go_on and (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            await meanwhile()
        return found


async def test_of_two_that_begin_anew_what_failed_the_second_is_compared_with_the_first(tmp_path):
    node = Node(tmp_path)
    await node.start()
    past = Slow(node.past)
    backend = Backend(
        node.orchestrator,
        node.observation,
        queue_capacity=10,
        max_text=1000,
        checkpoint_every=0,
        same_id="attach",
        planning=None,
        rehearser=None,
        prestage=None,
        past=past,
        units=None,
        attempts=None,
    )
    node.orchestrator.handle(s.Submit(execution_id="order", plan=PLAN))
    await node.orchestrator.ended("order")
    record = node.observation.executions["order"]
    assert record.status is ExecutionStatus.FAILED
    texts = [json.dumps({"version": 1, "actions": [{"action_type": kind}]}) for kind in "ab"]
    begun = []

    async def meanwhile():
        begun.append(await backend.begin(goal(texts[0])))

    past.meanwhile = meanwhile
    answer = await backend.begin(goal(texts[1]))
    assert begun[0].result is None
    assert node.orchestrator.state.executions["order"].goal.plan == texts[0]
    assert answer.result.error.code == "EXECUTION_ID_TAKEN"
    await node.stop()
