"""What a run is found by: capabilities of its plan, error codes and robots, one name a line."""

import json
from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = ("capabilities", "errors", "robots")
NO_CAPABILITY = {
    *("root", "sequence", "parallel", "conditional", "router", "foreach", "try", "subplan"),
    *("return", "delay", "wait_for", "wait_for_signal"),
}
KEPT = 100


def upgrade() -> None:
    """Add the columns, and fill them from the events that are there."""
    for name in COLUMNS:
        op.add_column("execution", sa.Column(name, sa.Text, nullable=False, server_default=""))
    connection = op.get_bind()
    found: dict[str, dict[str, dict[str, None]]] = defaultdict(
        lambda: {name: {} for name in COLUMNS}
    )
    rows = connection.execute(
        sa.text(
            "SELECT execution_id, type, data FROM event WHERE type IN ('EXECUTION_ACCEPTED', "
            "'EXECUTION_REPLANNED', 'RESOURCE_ALLOCATED', 'TASK_ATTEMPT_FAILED') ORDER BY seq"
        )
    )
    for execution_id, kind, data in rows:
        facts = found[execution_id]
        for column, name in _facts(kind, data):
            if len(facts[column]) < KEPT:
                facts[column][name] = None
    for execution_id, facts in found.items():
        values = {
            column: "\n" + "\n".join(names) + "\n" if names else ""
            for column, names in facts.items()
        }
        connection.execute(
            sa.text(
                "UPDATE execution SET capabilities = :capabilities, errors = :errors, "
                "robots = :robots WHERE execution_id = :execution_id"
            ),
            {"execution_id": execution_id, **values},
        )


def _facts(kind: str, data: str) -> Iterator[tuple[str, str]]:
    """Yield (column, name); nothing of an event that is damaged, which others tell about."""
    try:
        event = json.loads(data)
        if kind == "TASK_ATTEMPT_FAILED":
            yield "errors", event["error"].get("code") or str(event["error"].get("type") or "")
        elif kind == "RESOURCE_ALLOCATED":
            yield from (("robots", one["robot"]) for one in event["leases"] if one.get("robot"))
        else:
            waiting = list(event["plan"].get("actions") or ())
            while waiting:
                action = waiting.pop(0)
                if (name := action.get("action_type")) and name not in NO_CAPABILITY:
                    yield "capabilities", name
                for inner in ("actions", "then", "else", "default", "finally"):
                    waiting += action.get(inner) or ()
                for branch in (*(action.get("cases") or ()), *(action.get("catch") or ())):
                    waiting += branch.get("actions") or ()
                waiting += (action.get("plan") or {}).get("actions") or ()
    except (ValueError, KeyError, TypeError, AttributeError):
        return


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("execution") as execution:
        for name in COLUMNS:
            execution.drop_column(name)
