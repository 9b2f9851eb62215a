"""What holds for all nodes that are launched in a scope."""

from __future__ import annotations

from typing import Any

from launch.action import Action
from launch.launch_context import LaunchContext
from launch.logging.launch_config import base_log_directory
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitutions import SubstitutionFailure
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from launch_ros.utilities import (
    evaluate_parameter_dict,
    make_namespace_absolute,
    normalize_parameter_dict,
    prefix_namespace,
    validate_namespace,
)


def _add(context: LaunchContext, name: str, *items: Any) -> None:
    """Add to a list in the launch configurations."""
    known = context.launch_configurations.get(name, [])
    # A new list: the one of the outer scope must stay as it is.
    context.launch_configurations[name] = [*known, *items]


class PushROSNamespace(Action):
    """Adds to the namespace of the nodes launched in this scope."""

    def __init__(self, namespace: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__namespace = normalize_to_list_of_substitutions(namespace)

    def execute(self, context: LaunchContext) -> None:
        """Add to the namespace. Raises SubstitutionFailure if the result is not valid."""
        pushed = perform_substitutions(context, self.__namespace)
        before = context.launch_configurations.get("ros_namespace")
        namespace = make_namespace_absolute(prefix_namespace(before, pushed)) or "/"
        try:
            validate_namespace(namespace)
        except ValueError as error:
            raise SubstitutionFailure(
                f"pushing '{pushed}' onto namespace '{before}': {error}"
            ) from error
        context.launch_configurations["ros_namespace"] = namespace


PushRosNamespace = PushROSNamespace


class SetParameter(Action):
    """Sets a parameter of the nodes launched in this scope."""

    def __init__(self, name: SomeSubstitutionsType, value: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__parameters = normalize_parameter_dict(
            {tuple(normalize_to_list_of_substitutions(name)): value}
        )

    def execute(self, context: LaunchContext) -> None:
        parameters = evaluate_parameter_dict(context, self.__parameters)
        _add(context, "global_params", *parameters.items())


class SetParametersFromFile(Action):
    """Gives a parameter file to the nodes launched in this scope."""

    def __init__(self, filename: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__filename = normalize_to_list_of_substitutions(filename)

    def execute(self, context: LaunchContext) -> None:
        _add(context, "global_params", perform_substitutions(context, self.__filename))


class SetRemap(Action):
    """Adds a remapping for the nodes launched in this scope."""

    def __init__(
        self, src: SomeSubstitutionsType, dst: SomeSubstitutionsType, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.src = normalize_to_list_of_substitutions(src)
        self.dst = normalize_to_list_of_substitutions(dst)

    def execute(self, context: LaunchContext) -> None:
        rule = (perform_substitutions(context, self.src), perform_substitutions(context, self.dst))
        _add(context, "ros_remaps", rule)


class SetROSLogDir(Action):
    """Sets the log directory of the nodes launched in this scope."""

    def __init__(self, new_log_dir: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__log_dir = normalize_to_list_of_substitutions(new_log_dir)

    def execute(self, context: LaunchContext) -> None:
        """Set the directory; a relative one is below the present one."""
        directory = base_log_directory() / perform_substitutions(context, self.__log_dir)
        context.environment["ROS_LOG_DIR"] = str(directory)
