"""The planner that needs no network: a grammar over verbs, places and objects."""

from execution_orchestrator.planning.grammar.planner import GrammarPlanner

__all__ = ["GrammarPlanner"]
