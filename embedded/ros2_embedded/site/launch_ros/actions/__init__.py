"""What can be done with ROS nodes."""

from .composable_nodes import ComposableNodeContainer, LoadComposableNodes
from .node import Node
from .scopes import (
    PushROSNamespace,
    PushRosNamespace,
    SetParameter,
    SetParametersFromFile,
    SetRemap,
    SetROSLogDir,
)
