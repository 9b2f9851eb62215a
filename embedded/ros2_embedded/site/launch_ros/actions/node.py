"""Launches a node."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from launch.actions import ExecuteProcess
from launch.launch_context import LaunchContext
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from launch import logging
from launch_ros.parameter_descriptions import Parameter
from launch_ros.substitutions import ExecutableInPackage
from launch_ros.temporary_files import write_parameter_file
from launch_ros.utilities import (
    SomeParameters,
    SomeRemapRules,
    add_node_name,
    evaluate_parameters,
    get_node_name_count,
    make_namespace_absolute,
    normalize_parameters,
    normalize_remap_rules,
    prefix_namespace,
    validate_namespace,
    validate_node_name,
)
from ros2_embedded.parameter_text import write_values


def _plain(value: Any) -> Any:
    """Return a value that YAML writes without tags."""
    return list(value) if isinstance(value, tuple) else value


def _yaml_text(value: Any) -> str:
    """Write a value on one line, as `-p name:=value` takes it."""
    return write_values(_plain(value), one_line=True)


class Node(ExecuteProcess):
    """Launches an executable with ROS arguments.

    The executable is one of `package`'s, or a path. A relative namespace is below the one that
    PushROSNamespace set. Later parameters win over earlier ones.
    """

    UNSPECIFIED_NODE_NAME = "<node_name_unspecified>"
    UNSPECIFIED_NODE_NAMESPACE = "<node_namespace_unspecified>"

    def __init__(
        self,
        *,
        executable: SomeSubstitutionsType,
        package: SomeSubstitutionsType | None = None,
        name: SomeSubstitutionsType | None = None,
        namespace: SomeSubstitutionsType | None = None,
        exec_name: SomeSubstitutionsType | None = None,
        parameters: SomeParameters | None = None,
        remappings: SomeRemapRules | None = None,
        ros_arguments: Iterable[SomeSubstitutionsType] | None = None,
        arguments: Iterable[SomeSubstitutionsType] | None = None,
        **kwargs: Any,
    ) -> None:
        command: SomeSubstitutionsType = executable
        if package is not None:
            command = ExecutableInPackage(package=package, executable=executable)
        cmd: list[SomeSubstitutionsType] = [command, *(arguments or [])]
        if ros_arguments is not None:
            cmd += ["--ros-args", *ros_arguments]
        super().__init__(cmd=[*cmd, "--ros-args"], name=exec_name, **kwargs)
        self.__package = package
        self.__node_executable = executable
        self.__node_name = None if name is None else normalize_to_list_of_substitutions(name)
        self.__namespace = (
            None if namespace is None else normalize_to_list_of_substitutions(namespace)
        )
        self.__parameters = normalize_parameters([] if parameters is None else parameters)
        self.__remappings = list(normalize_remap_rules(remappings or []))
        self.__expanded_name = self.UNSPECIFIED_NODE_NAME
        self.__expanded_namespace = self.UNSPECIFIED_NODE_NAMESPACE
        self.__final_node_name: str | None = None
        self.__ros_logger = logging.get_logger("launch_ros.actions.node")

    @property
    def node_name(self) -> str:
        """The full name. Raises RuntimeError before the action is executed."""
        if self.__final_node_name is None:
            raise RuntimeError("cannot access 'node_name' before executing action")
        return self.__final_node_name

    def is_node_name_fully_specified(self) -> bool:
        """Tell whether name and namespace are known to the launcher."""
        unknown = (self.UNSPECIFIED_NODE_NAME, self.UNSPECIFIED_NODE_NAMESPACE)
        return not any(part in self.node_name for part in unknown)

    def _perform_substitutions(self, context: LaunchContext) -> None:
        """Compute names, parameters and remappings, once, and put them on the command line."""
        if self.__final_node_name is not None:
            return
        self._expand_names(context)
        words: list[SomeSubstitutionsType] = [*self._name_arguments()]
        words += self._parameter_arguments(context)
        words += self._remapping_arguments(context)
        self.cmd.extend(normalize_to_list_of_substitutions(word) for word in words)

    def _expand_names(self, context: LaunchContext) -> None:
        """Compute and check name and namespace."""
        try:
            if self.__node_name is not None:
                self.__expanded_name = perform_substitutions(context, self.__node_name)
                validate_node_name(self.__expanded_name)
            relative = (
                None
                if self.__namespace is None
                else perform_substitutions(context, self.__namespace)
            )
            base = context.launch_configurations.get("ros_namespace")
            namespace = make_namespace_absolute(prefix_namespace(base, relative))
            if namespace is not None:
                validate_namespace(namespace)
                self.__expanded_namespace = namespace
        except Exception:
            self.__ros_logger.error(
                "Error while expanding or validating node name or namespace for "
                f"'package={self.__package}, executable={self.__node_executable}'"
            )
            raise
        self.__final_node_name = prefix_namespace(self.__expanded_namespace, self.__expanded_name)

    def _name_arguments(self) -> list[SomeSubstitutionsType]:
        """Return the arguments for name and namespace."""
        words: list[SomeSubstitutionsType] = []
        if self.__expanded_name != self.UNSPECIFIED_NODE_NAME:
            words += ["-r", f"__node:={self.__expanded_name}"]
        if self.__expanded_namespace != self.UNSPECIFIED_NODE_NAMESPACE:
            words += ["-r", f"__ns:={self.__expanded_namespace}"]
        return words

    def _parameter_arguments(self, context: LaunchContext) -> list[str]:
        """Return the arguments for parameters: those of the scope first, then our own."""
        words: list[str] = []
        for item in context.launch_configurations.get("global_params", []):
            if isinstance(item, tuple):
                words += ["-p", f"{item[0]}:={_yaml_text(item[1])}"]
            else:
                words += self._file_arguments(Path(item).absolute())
        for parameters in evaluate_parameters(context, self.__parameters):
            if isinstance(parameters, Parameter):
                name, value = parameters.evaluate(context)
                own = ["-p", f"{name}:={_yaml_text(value)}"]
            elif isinstance(parameters, Path):
                own = self._file_arguments(parameters)
            else:
                own = self._file_arguments(self._write_parameters(parameters))
            words += own
        return words

    def _file_arguments(self, path: Path) -> list[str]:
        """Return the arguments for a parameter file, if it exists."""
        if not path.is_file():
            self.__ros_logger.warning(f"Parameter file path is not a file: {path}")
            return []
        return ["--params-file", str(path)]

    def _write_parameters(self, parameters: dict[str, Any]) -> Path:
        """Write parameters to a file for this node."""
        node = self.node_name if self.is_node_name_fully_specified() else "/**"
        plain = {name: _plain(value) for name, value in parameters.items()}
        return write_parameter_file(write_values({node: {"ros__parameters": plain}}))

    def _remapping_arguments(self, context: LaunchContext) -> list[str]:
        """Return the arguments for remappings: those of the scope first, then our own."""
        rules = list(context.launch_configurations.get("ros_remaps", []))
        rules += [
            (perform_substitutions(context, source), perform_substitutions(context, target))
            for source, target in self.__remappings
        ]
        return [word for source, target in rules for word in ("-r", f"{source}:={target}")]

    def prepare(self, context: LaunchContext) -> None:
        """Compute the command line; a script finds the interpreter the launcher runs in."""
        super().prepare(context)
        environment = self.process_description.final_env
        assert environment is not None
        interpreter = str(Path(sys.executable).parent)
        paths = environment.get("PATH", os.defpath).split(os.pathsep)
        if interpreter not in paths:
            environment["PATH"] = os.pathsep.join([interpreter, *paths])

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        self._perform_substitutions(context)
        entities = super().execute(context)
        if self.is_node_name_fully_specified():
            add_node_name(context, self.node_name)
            count = get_node_name_count(context, self.node_name)
            if count > 1:
                self.__ros_logger.warning(
                    f"there are now at least {count} nodes with the name {self.node_name} "
                    "created within this launch context"
                )
        return entities
