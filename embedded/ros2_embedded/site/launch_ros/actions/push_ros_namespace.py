"""Puts nodes into a namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import SubstitutionFailure
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from launch_ros.utilities import (
    make_namespace_absolute,
    prefix_namespace,
    validate_namespace,
)

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("push_ros_namespace")
@expose_action("push-ros-namespace")
class PushROSNamespace(Action):
    """Adds to the namespace of the nodes launched in this scope."""

    def __init__(self, namespace: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.__namespace = normalize_to_list_of_substitutions(namespace)

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `push_ros_namespace`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["namespace"] = parser.parse_substitution(entity.get_attr("namespace"))
        return cls, kwargs

    @property
    def namespace(self) -> list[Substitution]:
        """The namespace that is added."""
        return self.__namespace

    def execute(self, context: LaunchContext) -> None:
        """Add to the namespace. Raises SubstitutionFailure if the result is not valid."""
        pushed = perform_substitutions(context, self.namespace)
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
