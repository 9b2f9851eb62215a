"""Says how to get a Python package that is not installed, in place of a traceback.

A real ROS 2 has no `pip install` of this package that would have brought them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]

#: What pip calls a package whose module has another name.
PIP_NAMES = {
    "PIL": "Pillow",
    "cel": "common-expression-language",
    "jinja2": "Jinja2",
    "jsonschema_rs": "jsonschema-rs",
    "mcp_types": "mcp",
    "opentelemetry": "opentelemetry-sdk",
    "prometheus_client": "prometheus-client",
    "pydantic_core": "pydantic",
    "sqlalchemy": "SQLAlchemy",
    "yaml": "PyYAML",
}
#: Modules of ROS 2 that are no interface packages.
OF_ROS = ("rclpy", "ament_index_python", "tf2_ros", "launch", "launch_ros", "rosidl_runtime_py")


def sentence(failure: ModuleNotFoundError) -> str:
    """Return what lacks and how to get it, '' where that is not known: then it is a fault here."""
    name = failure.name or ""
    module = name.partition(".")[0]
    if module == "execution_orchestrator":
        if name.split(".")[1:2] not in (["msg"], ["srv"], ["action"]):
            return ""
        return f"{name} is not there: build this package with colcon and source install/setup.bash"
    if not module:
        return ""
    if module in OF_ROS or module.endswith(("_msgs", "_interfaces")):
        return (
            f"{module} of ROS 2 is not there: source /opt/ros/.../setup.bash and the workspace's "
            "install/setup.bash; what is not installed is by "
            "rosdep install --from-paths src -y --ignore-src"
        )
    return (
        f"the Python package {PIP_NAMES.get(module, module)} is not installed: "
        f"pip install {PIP_NAMES.get(module, module)}, or all that is needed: "
        "pip install -r requirements.txt and rosdep install (docs/on_your_robot.md)"
    )


def tell_what_is_missing() -> None:
    """Let this process end with that sentence, and status 1, where an import fails."""
    before: Hook = sys.excepthook

    def hook(
        kind: type[BaseException], failure: BaseException, trace: TracebackType | None
    ) -> None:
        message = sentence(failure) if isinstance(failure, ModuleNotFoundError) else ""
        if message:
            sys.stderr.write(message + "\n")
        else:
            before(kind, failure, trace)

    sys.excepthook = hook
