"""The worker that runs the workflows of missions and shared things. Any number may run at once."""

from __future__ import annotations

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError
from temporalio.worker import Worker

from execution_orchestrator.fleet import orders
from execution_orchestrator.fleet.connection import is_unknown
from execution_orchestrator.fleet.converter import learn
from execution_orchestrator.fleet.mission import MissionWorkflow
from execution_orchestrator.fleet.needs import MISSIONS
from execution_orchestrator.fleet.orders import SharedState, Turn, Use
from execution_orchestrator.fleet.shared import SharedThing, shared_id

CACHED = 200  # workflows kept in memory


class _Activities:
    """What the workflows need of Temporal itself."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=orders.ASK_FOR_SHARED)
    async def ask_for_shared(self, name: str, turn: Turn) -> None:
        """Queue for a shared thing, whose workflow is started if it does not run."""
        await self._client.start_workflow(
            SharedThing.run,
            SharedState(name),
            id=shared_id(name),
            task_queue=MISSIONS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="ask",
            start_signal_args=[turn],
        )

    @activity.defn(name=orders.USE_OF_SHARED)
    async def use_of_shared(self, mission: str, task: str) -> Use:
        """Say whether a task still wants what it was given, or which robot may still be there."""
        handle = self._client.get_workflow_handle_for(MissionWorkflow.run, mission)
        try:
            use = await handle.query(MissionWorkflow.use, task)
        except RPCError as failure:
            if is_unknown(failure):
                return Use()
            raise
        use.wanted = use.wanted and await is_running(self._client, mission)
        return use

    @activity.defn(name=orders.IS_RUNNING)
    async def is_running(self, workflow_id: str) -> bool:
        """Say whether a mission still runs."""
        return await is_running(self._client, workflow_id)


async def is_running(client: Client, workflow_id: str) -> bool:
    """Say whether a workflow of this id runs."""
    try:
        found = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as failure:
        if is_unknown(failure):
            return False
        raise
    return found.status == WorkflowExecutionStatus.RUNNING


def mission_worker(client: Client) -> Worker:
    """Return a worker for missions; every agent may have one, so that no process is special."""
    learn()
    activities = _Activities(client)
    return Worker(
        client,
        task_queue=MISSIONS,
        workflows=[MissionWorkflow, SharedThing],
        activities=[
            activities.ask_for_shared,
            activities.use_of_shared,
            activities.is_running,
        ],
        max_cached_workflows=CACHED,
    )
