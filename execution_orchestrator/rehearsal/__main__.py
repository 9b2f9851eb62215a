"""The process of one rehearsal: a request on standard input, the result on standard output.

Started by `runtime/rehearsing.py` with the bytes of memory it may take. The system ends it when it
takes more, or too much processor time, and the node when it takes too long.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory

from execution_orchestrator.rehearsal.run import rehearse
from execution_orchestrator.runtime.intake_worker import bounded, count_processor_time
from execution_orchestrator.runtime.rehearsing import RehearsalRequest
from execution_orchestrator.simulation.world.sdf import WorldError


def main() -> None:
    """Rehearse once."""
    bounded(int(sys.argv[1]))
    count_processor_time()
    # Whatever else may be said on standard output must not come between.
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Only the node that started this process writes to this pipe.
    request: RehearsalRequest = pickle.load(sys.stdin.buffer)
    share = Path(get_package_share_directory("execution_orchestrator"))
    answer: dict[str, Any]
    try:
        answer = {"result": rehearse(request, share)}
    except (WorldError, ValueError) as failure:
        answer = {"failure": str(failure)}
    except MemoryError:
        answer = {"failure": "it takes too much memory"}
    except Exception as failure:
        answer = {"failure": f"it came to no result: {type(failure).__name__}: {failure}"}
    json.dump(answer, stream)
    stream.flush()
    os._exit(0)  # threads of goals that wait hold nothing up


if __name__ == "__main__":
    main()
