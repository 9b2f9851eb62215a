"""What a node loads at its start: each further library costs time, and memory as long as it runs."""

import subprocess
import sys

LATER = {
    "jinja2": "for the first report",
    "jsonschema": "when a schema or a value is wrong",
    "lark": "for the first expression or command",
    "sqlalchemy.dialects.postgresql": "for a journal there",
    "starlette": "for the page, when the node is ready",
    "uvicorn": "for the page, when the node is ready",
    "execution_orchestrator.planning.grammar.planner": "for the first command",
}


def test_a_node_loads_at_its_start_only_what_it_needs_then():
    program = "import sys; import execution_orchestrator.ros.node; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = set(done.stdout.split())
    assert "sqlalchemy" in loaded
    assert not loaded & LATER.keys()
