"""Parameters of a node."""

from __future__ import annotations

import array
from enum import Enum
from typing import Any

from rcl_interfaces.msg import Parameter as ParameterMsg
from rcl_interfaces.msg import ParameterType, ParameterValue

PARAMETER_SEPARATOR_STRING = "."


class Parameter:
    """A name, a type and a value."""

    class Type(Enum):
        NOT_SET = ParameterType.PARAMETER_NOT_SET
        BOOL = ParameterType.PARAMETER_BOOL
        INTEGER = ParameterType.PARAMETER_INTEGER
        DOUBLE = ParameterType.PARAMETER_DOUBLE
        STRING = ParameterType.PARAMETER_STRING
        BYTE_ARRAY = ParameterType.PARAMETER_BYTE_ARRAY
        BOOL_ARRAY = ParameterType.PARAMETER_BOOL_ARRAY
        INTEGER_ARRAY = ParameterType.PARAMETER_INTEGER_ARRAY
        DOUBLE_ARRAY = ParameterType.PARAMETER_DOUBLE_ARRAY
        STRING_ARRAY = ParameterType.PARAMETER_STRING_ARRAY

        @classmethod
        def from_parameter_value(cls, parameter_value: Any) -> Parameter.Type:
            if parameter_value is None:
                return cls.NOT_SET
            if isinstance(parameter_value, bool):
                return cls.BOOL
            if isinstance(parameter_value, int):
                return cls.INTEGER
            if isinstance(parameter_value, float):
                return cls.DOUBLE
            if isinstance(parameter_value, str):
                return cls.STRING
            if isinstance(parameter_value, (list, tuple, array.array)):
                items = list(parameter_value)
                if not items and isinstance(parameter_value, array.array):
                    return (
                        cls.DOUBLE_ARRAY if parameter_value.typecode in "fd" else cls.INTEGER_ARRAY
                    )
                if all(isinstance(v, bytes) for v in items):
                    return cls.BYTE_ARRAY
                if all(isinstance(v, bool) for v in items):
                    return cls.BOOL_ARRAY
                if all(isinstance(v, int) and not isinstance(v, bool) for v in items):
                    return cls.INTEGER_ARRAY
                if all(isinstance(v, float) for v in items):
                    return cls.DOUBLE_ARRAY
                if all(isinstance(v, str) for v in items):
                    return cls.STRING_ARRAY
            raise TypeError(f"The given value is not one of the allowed types '{parameter_value}'.")

        def check(self, parameter_value: Any) -> bool:
            if self == Parameter.Type.NOT_SET:
                return parameter_value is None
            if self == Parameter.Type.BOOL:
                return isinstance(parameter_value, bool)
            if self == Parameter.Type.INTEGER:
                return isinstance(parameter_value, int) and not isinstance(parameter_value, bool)
            if self == Parameter.Type.DOUBLE:
                return isinstance(parameter_value, float)
            if self == Parameter.Type.STRING:
                return isinstance(parameter_value, str)
            kinds = {
                Parameter.Type.BYTE_ARRAY: bytes,
                Parameter.Type.BOOL_ARRAY: bool,
                Parameter.Type.INTEGER_ARRAY: int,
                Parameter.Type.DOUBLE_ARRAY: float,
                Parameter.Type.STRING_ARRAY: str,
            }
            return isinstance(parameter_value, (list, tuple, array.array)) and all(
                isinstance(v, kinds[self]) for v in parameter_value
            )

    @classmethod
    def from_parameter_msg(cls, param_msg: Any) -> Parameter:
        kind = Parameter.Type(value=param_msg.value.type)
        value = parameter_value_to_python(param_msg.value)
        return cls(param_msg.name, kind, value)

    def __init__(self, name: str, type_: Parameter.Type | None = None, value: Any = None) -> None:
        if type_ is None:
            type_ = Parameter.Type.from_parameter_value(value)
        if not isinstance(type_, Parameter.Type):
            raise TypeError("type must be an instance of `{}`".format(repr(Parameter.Type)))
        if not type_.check(value):
            raise ValueError("Type '{}' and value '{}' do not agree".format(type_, value))
        self._type_ = type_
        self._name = name
        self._value = value

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Parameter)
            and self._type_ == other._type_
            and self._name == other._name
            and self._value == other._value
        )

    def __hash__(self) -> int:
        return hash((self._type_, self._name))

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def type_(self) -> Parameter.Type:
        """The type of the value."""
        return self._type_

    @property
    def value(self) -> Any:
        """The value in Python."""
        return self._value

    def get_parameter_value(self) -> Any:
        message = ParameterValue(type=self.type_.value)
        fields = {
            Parameter.Type.BOOL: "bool_value",
            Parameter.Type.INTEGER: "integer_value",
            Parameter.Type.DOUBLE: "double_value",
            Parameter.Type.STRING: "string_value",
            Parameter.Type.BYTE_ARRAY: "byte_array_value",
            Parameter.Type.BOOL_ARRAY: "bool_array_value",
            Parameter.Type.INTEGER_ARRAY: "integer_array_value",
            Parameter.Type.DOUBLE_ARRAY: "double_array_value",
            Parameter.Type.STRING_ARRAY: "string_array_value",
        }
        if self.type_ in fields:
            value = list(self.value) if isinstance(self.value, tuple) else self.value
            setattr(message, fields[self.type_], value)
        return message

    def to_parameter_msg(self) -> Any:
        """Return it as rcl_interfaces/Parameter."""
        return ParameterMsg(name=self.name, value=self.get_parameter_value())

    def __repr__(self) -> str:
        return f"Parameter(name={self.name!r}, type_={self.type_}, value={self.value!r})"


def get_parameter_value(string_value: str) -> Any:
    """Return the ParameterValue of a text; what is no value otherwise is a string."""
    from ros2_embedded.parameter_text import ValueSyntaxError, read_value

    try:
        value = read_value(string_value)
    except ValueSyntaxError:
        value = string_value
    return _value_message(value)


def _value_message(value: Any) -> Any:
    if value == []:
        return ParameterValue(type=ParameterType.PARAMETER_BOOL_ARRAY)
    return Parameter("", value=value).get_parameter_value()


def parameter_value_to_python(parameter_value: Any) -> Any:
    """Return the Python value of a ParameterValue."""
    kind = parameter_value.type
    if kind == ParameterType.PARAMETER_BOOL:
        return parameter_value.bool_value
    if kind == ParameterType.PARAMETER_INTEGER:
        return parameter_value.integer_value
    if kind == ParameterType.PARAMETER_DOUBLE:
        return parameter_value.double_value
    if kind == ParameterType.PARAMETER_STRING:
        return parameter_value.string_value
    if kind == ParameterType.PARAMETER_BYTE_ARRAY:
        return list(parameter_value.byte_array_value)
    if kind == ParameterType.PARAMETER_BOOL_ARRAY:
        return list(parameter_value.bool_array_value)
    if kind == ParameterType.PARAMETER_INTEGER_ARRAY:
        return list(parameter_value.integer_array_value)
    if kind == ParameterType.PARAMETER_DOUBLE_ARRAY:
        return list(parameter_value.double_array_value)
    if kind == ParameterType.PARAMETER_STRING_ARRAY:
        return list(parameter_value.string_array_value)
    if kind == ParameterType.PARAMETER_NOT_SET:
        return None
    raise RuntimeError(f"unexpected parameter type {kind}")


def parameter_dict_from_yaml_file(
    parameter_file: str,
    use_wildcard: bool = False,
    target_nodes: list[str] | None = None,
    namespace: str = "",
) -> dict[str, Any]:
    """Return {name: Parameter message} of a parameter file.

    Raises:
        RuntimeError: the file is no parameter file, or a target node is not in it.

    """
    from rclpy.parameter_file import read_parameter_file

    found: dict[str, dict[str, Any]] = {}
    for node, name, value in read_parameter_file(parameter_file):
        found.setdefault(node, {})[name] = value
    keys = ["/**"] if use_wildcard and "/**" in found else []
    if target_nodes:
        for node in target_nodes:
            if node not in found:
                raise RuntimeError(
                    f"Param file does not contain parameters for {node},"
                    f"only for nodes: {list(found)} "
                )
            keys.append(node)
    else:
        keys.extend(key for key in found if key != "/**")
    if not keys:
        raise RuntimeError("Param file does not contain selected parameters")
    chosen = {namespace + name: value for key in keys for name, value in found[key].items()}
    return {
        name: ParameterMsg(name=name, value=_value_message(value)) for name, value in chosen.items()
    }
