"""What goes on around this node's goals: other users, nodes that are paused or gone, their words.

Nav2 says "aborted" without a code, or "rejected", for all of these. `Surroundings` puts together
why a goal failed, and which servers cannot be used now.
"""

from execution_orchestrator.ros.surroundings.surroundings import Running, Surroundings

__all__ = ["Running", "Surroundings"]
