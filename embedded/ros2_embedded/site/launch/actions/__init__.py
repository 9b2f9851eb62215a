"""What a launch description can do."""

from .declare_launch_argument import DeclareLaunchArgument
from .event_actions import EmitEvent, RegisterEventHandler, Shutdown, UnregisterEventHandler
from .execute_local import ExecuteLocal
from .execute_process import ExecuteProcess
from .group_action import GroupAction
from .include_launch_description import IncludeLaunchDescription
from .log_info import LogInfo
from .opaque_function import OpaqueFunction
from .scoped_values import (
    AppendEnvironmentVariable,
    PopEnvironment,
    PopLaunchConfigurations,
    PushEnvironment,
    PushLaunchConfigurations,
    SetEnvironmentVariable,
    SetLaunchConfiguration,
)
from .timer_action import TimerAction
