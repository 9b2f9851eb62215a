"""From the tree of a command to the actions of a plan document, by the kinds of what is said."""

from __future__ import annotations

from execution_orchestrator.planning.grammar.meaning import (
    carrying,
    conditions,
    loops,
    moving,
    order,
    seeing,
    telling,
)
from execution_orchestrator.planning.grammar.meaning.draft import Draft, Rules
from execution_orchestrator.planning.grammar.memory import Situation
from execution_orchestrator.planning.vocabulary import Vocabulary

_RULES: Rules = {
    **order.RULES,
    **conditions.RULES,
    **loops.RULES,
    **moving.RULES,
    **carrying.RULES,
    **seeing.RULES,
    **telling.RULES,
}


def new_draft(vocabulary: Vocabulary, situation: Situation) -> Draft:
    """Return the draft of a plan, in which nothing is done yet."""
    return Draft(vocabulary, situation, _RULES)
