"""A simulated robot is six processes: each loads what it needs, and no more."""

from __future__ import annotations

import subprocess
import sys

SERVERS = ("world", "navigation", "move_group", "gripper", "camera", "speech", "vehicle")


def test_a_simulated_server_loads_neither_the_engine_nor_a_database():
    """They took three times as long to start, all of them at once."""
    code = (
        "import sys\n"
        f"from execution_orchestrator.simulation.servers import {', '.join(SERVERS)}\n"
        "names = [name.split('.') for name in sys.modules]\n"
        "mine = {name[1] for name in names if name[0] == 'execution_orchestrator' and name[1:]}\n"
        "assert not {'engine', 'plan', 'storage'} & mine, sorted(mine)\n"
        "assert not {'pydantic', 'sqlalchemy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], timeout=120, check=True)
