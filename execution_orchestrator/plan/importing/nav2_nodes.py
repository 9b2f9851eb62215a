"""Behaviour tree nodes that are not imported, because Nav2 or this package does their work."""

from __future__ import annotations

PASSED_ON = {
    "RateController": "its child is not done anew at a rate: the engine goes by events",
    "DistanceController": "its child is not done anew by the distance driven",
    "SpeedController": "its child is not done anew by the speed",
    "GoalUpdater": "the goal is not changed while it is driven to; send another plan",
    "GoalUpdatedController": "its child is not done anew when the goal changes",
    "SingleTrigger": "it is done as often as it is come to",
    "RunOnce": "it is done as often as it is come to",
    "KeepRunningUntilFailure": "",
    "ConsumeQueue": "its child is done once",
}
# What their children do happens only when something has changed that is not watched here.
NOT_COME_TO = {
    "PathLongerOnApproach": "the length of the path is not watched; what is done when it grows is "
    "left out",
}
# What bt_navigator does inside its action: one navigate_to, with this package's recoveries.
INSIDE = "Nav2 does that inside navigate_to"
CLEARING = "costmaps are cleared by the recovery strategy clear_costmaps (config/recovery.yaml)"
IN_NAV2 = {
    **dict.fromkeys(
        ("ControllerSelector", "PlannerSelector", "SmootherSelector", "GoalCheckerSelector",
         "ProgressCheckerSelector", "PathHandlerSelector", "SmoothPath", "ValidatePath",
         "TruncatePath",
         "TruncatePathLocal", "RemovePassedGoals", "RemoveInCollisionGoals", "ComputeRoute",
         "ConcatenatePaths", "GetPoseFromPath", "CancelControl", "CancelSpin", "CancelBackUp",
         "CancelWait", "CancelDriveOnHeading", "AppendGoalPoseToGoals", "ExtractRouteNodesAsGoals",
         "GetNextFewGoals", "GetCurrentPose", "ReinitializeGlobalLocalization", "UpdatePath",
         "GlobalLocalizationServiceRequest"),
        INSIDE,
    ),
    **dict.fromkeys(
        ("ClearEntireCostmap", "ClearCostmapAroundRobot", "ClearCostmapExceptRegion",
         "ClearCostmapAroundPose", "ClearEntirelyCostmapServiceRequest"),
        CLEARING,
    ),
}  # fmt: skip
# Before a drive in a fallback these say that there is nothing left to drive.
ARRIVED = frozenset({"GoalReached", "IsGoalReached"})
# Ports that tell of an error, which the record of the execution does here.
ERROR_PORTS = frozenset({"error_code_id", "error_msg"})
# Ports that change nothing of what the robot does: Nav2 counts recoveries by it.
COUNTING_PORTS = frozenset({"is_recovery"})
# Conditions of Nav2 that are settled by how this package drives.
SETTLED = {
    **dict.fromkeys(
        ("GoalUpdated", "GlobalUpdatedGoal"), ("false", "the goal of an action never changes")
    ),
    **dict.fromkeys(
        ("WouldAControllerRecoveryHelp", "WouldAPlannerRecoveryHelp", "WouldASmootherRecoveryHelp",
         "WouldARouteRecoveryHelp"),
        ("true", "whether a recovery helps is decided by the table of recoveries"),
    ),
    **dict.fromkeys(
        ("IsPathValid", "TransformAvailable", "InitialPoseReceived", "PathExpiringTimer",
         "IsWithinPathTrackingBounds", "IsGoalNearby", "ArePosesNear"),
        ("true", "it is not watched; it is taken to hold"),
    ),
    "IsStuck": ("false", "it is not watched; the robot is taken not to be stuck"),
}  # fmt: skip
