"""Parameters of a node."""

from __future__ import annotations

import array
from enum import Enum
from typing import Any

from rcl_interfaces.msg import Parameter as ParameterMsg
from rcl_interfaces.msg import ParameterType, ParameterValue

PARAMETER_SEPARATOR_STRING = "."

# The Python types of values, or of the items of arrays, by the numbers of ParameterType.
_KINDS = dict(enumerate((type(None), bool, int, float, str, bytes, bool, int, float, str)))


def _field(kind: int) -> str:
    """Return the field of a ParameterValue that holds a value of this type."""
    return f"{Parameter.Type(kind).name.lower()}_value"


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
            if isinstance(parameter_value, array.array) and not parameter_value:
                return cls.DOUBLE_ARRAY if parameter_value.typecode in "fd" else cls.INTEGER_ARRAY
            for kind in cls:
                if kind.check(parameter_value):
                    return kind
            raise TypeError(f"The given value is not one of the allowed types '{parameter_value}'.")

        def check(self, parameter_value: Any) -> bool:
            kind = _KINDS[self.value]
            if not self.name.endswith("_ARRAY"):
                return isinstance(parameter_value, kind)
            return isinstance(parameter_value, (list, tuple, array.array)) and all(
                isinstance(item, kind) for item in parameter_value
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
        if self.type_ is not Parameter.Type.NOT_SET:
            value = list(self.value) if isinstance(self.value, tuple) else self.value
            setattr(message, _field(self.type_.value), value)
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
    if kind not in _KINDS:
        raise RuntimeError(f"unexpected parameter type {kind}")
    if kind == ParameterType.PARAMETER_NOT_SET:
        return None
    value = getattr(parameter_value, _field(kind))
    return value if kind <= ParameterType.PARAMETER_STRING else list(value)


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
