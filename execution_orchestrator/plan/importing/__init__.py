"""Plans of others as plan documents: behaviour trees (BehaviorTree.CPP 4) and PDDL plans.

What has no equivalent is a `Note` with its line, and nothing is left out without one.
"""

from execution_orchestrator.plan.importing.imported import Imported, Note, NotImportableError
from execution_orchestrator.plan.importing.reading import import_plan

__all__ = ["Imported", "NotImportableError", "Note", "import_plan"]
