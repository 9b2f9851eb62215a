"""What can happen to lifecycle nodes, and what can be asked of them."""

from .change_state import ChangeState
from .lifecycle_node_matchers import matches_node_name, matches_node_namespace
from .state_transition import StateTransition

__all__ = ["ChangeState", "StateTransition", "matches_node_name", "matches_node_namespace"]
