"""The surroundings of this node's goals: other clients, paused or missing nodes, their logs.

Nav2 says "aborted" without a code, or "rejected", for all of these. `Surroundings` puts together
why a goal failed, and which servers cannot be used now.
"""

from execution_orchestrator.ros.surroundings.surroundings import Running, Surroundings

__all__ = ["Running", "Surroundings"]
