"""Tables from an action server's error codes to typed errors."""

from execution_orchestrator.capabilities.error_codes.moveit import MOVEIT
from execution_orchestrator.capabilities.error_codes.nav2 import NAV2
from execution_orchestrator.capabilities.error_codes.servers import SENSORS, SPEECH, VEHICLE
from execution_orchestrator.capabilities.error_codes.table import (
    ErrorCodeTable,
    ErrorCodeTables,
    KnownError,
)

SHIPPED_TABLES = ErrorCodeTables(
    {"nav2": NAV2, "moveit": MOVEIT, "sensors": SENSORS, "speech": SPEECH, "vehicle": VEHICLE}
)

__all__ = ["SHIPPED_TABLES", "ErrorCodeTable", "ErrorCodeTables", "KnownError"]
