"""The description of a node that is a shared library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.condition import Condition
from launch.conditions import IfCondition, UnlessCondition
from launch.frontend.entity import Entity
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions

from launch_ros.parameters_type import Parameters, SomeParameters
from launch_ros.remap_rule_type import SomeRemapRules
from launch_ros.utilities import normalize_parameters, normalize_remap_rules

if TYPE_CHECKING:
    from launch.frontend import Parser


def _normalized(text: SomeSubstitutionsType | None) -> list[Substitution] | None:
    """Bring a text that may not be given into its shape."""
    return None if text is None else normalize_to_list_of_substitutions(text)


class ComposableNode:
    """A node that a component container loads: the class `plugin` of a C++ package."""

    def __init__(
        self,
        *,
        package: SomeSubstitutionsType,
        plugin: SomeSubstitutionsType,
        name: SomeSubstitutionsType | None = None,
        namespace: SomeSubstitutionsType | None = None,
        parameters: SomeParameters | None = None,
        remappings: SomeRemapRules | None = None,
        extra_arguments: SomeParameters | None = None,
        condition: Condition | None = None,
    ) -> None:
        self.__package = normalize_to_list_of_substitutions(package)
        self.__plugin = normalize_to_list_of_substitutions(plugin)
        self.__name = _normalized(name)
        self.__namespace = _normalized(namespace)
        self.__parameters = None if parameters is None else normalize_parameters(parameters)
        self.__remappings = list(normalize_remap_rules(remappings)) if remappings else None
        self.__extra_arguments = normalize_parameters(extra_arguments) if extra_arguments else None
        self.__condition = condition

    @classmethod
    def parse(cls, parser: Parser, entity: Entity) -> tuple[type[ComposableNode], dict[str, Any]]:
        """Read the attributes of `composable_node`.

        Raises RuntimeError if it has both an `if` and an `unless`.
        """
        from launch_ros.actions.node import Node

        kwargs: dict[str, Any] = {}
        texts = {"pkg": "package", "plugin": "plugin", "name": "name", "namespace": "namespace"}
        for attribute, argument in texts.items():
            value = entity.get_attr(attribute, optional=attribute == "namespace")
            if value is not None:
                kwargs[argument] = parser.parse_substitution(value)
        for attribute, kind in (("if", IfCondition), ("unless", UnlessCondition)):
            expression = entity.get_attr(attribute, optional=True)
            if expression is None:
                continue
            if "condition" in kwargs:
                raise RuntimeError("if and unless conditions can't be used simultaneously")
            kwargs["condition"] = kind(parser.parse_substitution(expression))
        parameters = entity.get_attr("param", data_type=list[Entity], optional=True)
        if parameters is not None:
            kwargs["parameters"] = Node.parse_nested_parameters(parameters, parser)
        pairs = {
            name: _parse_pairs(parser, entity, element, keys)
            for name, element, keys in (
                ("remappings", "remap", ("from", "to")),
                ("extra_arguments", "extra_arg", ("name", "value")),
            )
        }
        if pairs["remappings"] is not None:
            kwargs["remappings"] = pairs["remappings"]
        if pairs["extra_arguments"] is not None:
            kwargs["extra_arguments"] = [{tuple(k): v} for k, v in pairs["extra_arguments"]]
        entity.assert_entity_completely_parsed()
        return cls, kwargs

    @property
    def package(self) -> list[Substitution]:
        """The package of the library."""
        return self.__package

    @property
    def node_plugin(self) -> list[Substitution]:
        """The class in the library."""
        return self.__plugin

    @property
    def node_name(self) -> list[Substitution] | None:
        """The name; None for the library's own."""
        return self.__name

    @property
    def node_namespace(self) -> list[Substitution] | None:
        """The namespace; None for that of the scope."""
        return self.__namespace

    @property
    def parameters(self) -> Parameters | None:
        """The parameters."""
        return self.__parameters

    @property
    def remappings(self) -> list[Any] | None:
        """The remappings, as pairs."""
        return self.__remappings

    @property
    def extra_arguments(self) -> Parameters | None:
        """What the container is told besides, such as to use intra-process communication."""
        return self.__extra_arguments

    def condition(self) -> Condition | None:
        """Return the condition under which it is loaded; None for always."""
        return self.__condition


def _parse_pairs(
    parser: Parser, entity: Entity, element: str, keys: tuple[str, str]
) -> list[tuple[Any, Any]] | None:
    """Read elements of two attributes; None if there are none."""
    found = entity.get_attr(element, data_type=list[Entity], optional=True)
    if found is None:
        return None
    pairs = []
    for item in found:
        first, second = (parser.parse_substitution(item.get_attr(key)) for key in keys)
        pairs.append((first, second))
        item.assert_entity_completely_parsed()
    return pairs
