"""The parameters of a node."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rcl_interfaces.msg import ListParametersResult, ParameterDescriptor, ParameterEvent
from rcl_interfaces.msg import Parameter as ParameterMsg
from rcl_interfaces.msg import ParameterValue, SetParametersResult
from rcl_interfaces.srv import ListParameters

from rclpy.exceptions import (
    InvalidParameterTypeException,
    InvalidParameterValueException,
    ParameterAlreadyDeclaredException,
    ParameterImmutableException,
    ParameterNotDeclaredException,
    ParameterUninitializedException,
)
from rclpy.parameter import PARAMETER_SEPARATOR_STRING, Parameter
from rclpy.validate_parameter_name import validate_parameter_name

_NOT_SET = Parameter.Type.NOT_SET
_WRONG_TYPE = "Wrong parameter type"


class NodeParameters:
    """Mixed into Node, which makes the publisher of the events and the clock of their stamps."""

    PARAM_REL_TOL = 1e-6

    if TYPE_CHECKING:  # what the node has
        _remaps: list[Any]
        _parameter_overrides: dict[str, Parameter]
        _clock: Any
        _parameter_event_publisher: Any

        def get_fully_qualified_name(self) -> str: ...

    def _init_parameters(self, allow_undeclared_parameters: bool) -> None:
        self._parameters: dict[str, Parameter] = {}
        self._descriptors: dict[str, Any] = {}
        self._allow_undeclared_parameters = allow_undeclared_parameters
        self._on_set_parameters_callbacks: list[Callable[..., Any]] = []
        self._post_set_parameters_callbacks: list[Callable[..., Any]] = []

    def _all_overrides(self, given: Any) -> dict[str, Parameter]:
        """Return the values from the command line and its files; those of the program win."""
        found = {}
        for arguments in reversed(self._remaps):
            for name, value in arguments.overrides(self.get_fully_qualified_name()).items():
                # An empty list has no type: rcl leaves such a parameter unset.
                found[name] = Parameter(name, value=None if value == [] else value)
        for parameter in given or ():
            if not isinstance(parameter, Parameter):
                raise TypeError("parameter_overrides must be a list of Parameter")
            found[parameter.name] = parameter
        return found

    # ------------------------------------------------------------ declaring
    def declare_parameter(
        self, name: str, value: Any = None, descriptor: Any = None, ignore_override: bool = False
    ) -> Parameter:
        """Declare a parameter with a default value or a type; returns it."""
        entry: tuple[Any, ...]
        if value is None and descriptor is None:
            # The name alone; declare_parameters() warns that this is deprecated.
            entry = (name,)
        elif descriptor is None:
            entry = (name, value)
        else:
            entry = (name, value, descriptor)
        return self.declare_parameters("", [entry], ignore_override)[0]

    def declare_parameters(
        self, namespace: str, parameters: list[Any], ignore_override: bool = False
    ) -> list[Parameter]:
        """Declare (name, default value or type, descriptor) tuples; returns the parameters.

        Raises:
            ParameterAlreadyDeclaredException, InvalidParameterException,
            InvalidParameterTypeException, InvalidParameterValueException: as they say.
            TypeError, ValueError: a tuple makes no sense.

        """
        declared, descriptors = [], {}
        for index, entry in enumerate(parameters):
            name, value, descriptor = self._read_declaration(index, entry, namespace)
            if not ignore_override and name in self._parameter_overrides:
                value = self._parameter_overrides[name].value
            if isinstance(value, ParameterValue):
                declared.append(Parameter.from_parameter_msg(ParameterMsg(name=name, value=value)))
            else:
                declared.append(Parameter(name, value=value))
            descriptors[name] = descriptor
        already = [one.name for one in declared if one.name in self._parameters]
        if already:
            raise ParameterAlreadyDeclaredException(already)
        self._declare_parameter_common(declared, descriptors)
        return [self._parameters[one.name] for one in declared]

    @staticmethod
    def _read_declaration(index: int, entry: Any, namespace: str) -> Any:
        if not 1 <= len(entry) <= 3:
            raise TypeError(
                f"Invalid parameter tuple length at index {index} in parameters list: {entry}; "
                "expecting length between 1 and 3"
            )
        name = entry[0]
        if not isinstance(name, str):
            raise TypeError(
                f"First element {name} at index {index} in parameters list is not a str."
            )
        if namespace:
            name = f"{namespace}.{name}"
        validate_parameter_name(name)
        second = entry[1] if len(entry) > 1 else None
        descriptor = entry[2] if len(entry) > 2 else ParameterDescriptor()
        if not isinstance(descriptor, ParameterDescriptor):
            raise TypeError(
                f"Third element {descriptor} at index {index} in parameters list "
                "is not a ParameterDescriptor."
            )
        if len(entry) == 1:
            warnings.warn(
                f"when declaring parameter named '{name}', declaring a parameter only providing "
                "its name is deprecated. You have to either:\n"
                '\t- Pass a name and a default value different to "PARAMETER NOT SET"'
                " (and optionally a descriptor).\n"
                "\t- Pass a name and a parameter type.\n"
                "\t- Pass a name and a descriptor with `dynamic_typing=True",
                stacklevel=4,
            )
            descriptor.dynamic_typing = True
        if isinstance(second, Parameter.Type):
            if second is _NOT_SET:
                raise ValueError(
                    f"Cannot declare parameter {{{name}}} as statically typed of type NOT_SET"
                )
            if descriptor.dynamic_typing:
                raise ValueError(
                    f"When declaring parameter {{{name}}} passing a descriptor with"
                    "`dynamic_typing=True` is not allowed when the parameter type is provided"
                )
            descriptor.type = second.value
            return name, None, descriptor
        if not descriptor.dynamic_typing:
            if isinstance(second, ParameterValue):
                descriptor.type = second.type
            else:
                descriptor.type = Parameter.Type.from_parameter_value(second).value
            if descriptor.type == _NOT_SET.value:
                raise ValueError(
                    "Cannot declare a statically typed parameter with default value "
                    "of type PARAMETER_NOT_SET"
                )
        return name, second, descriptor

    def _declare_parameter_common(
        self, parameter_list: list[Parameter], descriptors: Any = None
    ) -> Any:
        results = []
        for parameter in parameter_list:
            result = self._set_parameters_atomically_common(
                [parameter], descriptors, allow_not_set_type=True
            )
            if not result.successful:
                if result.reason.startswith(_WRONG_TYPE):
                    expected = Parameter.Type(descriptors[parameter.name].type).name
                    raise InvalidParameterTypeException(parameter, expected)
                raise InvalidParameterValueException(parameter.name, parameter.value, result.reason)
            results.append(result)
        return results

    def undeclare_parameter(self, name: str) -> None:
        """Forget a parameter; raises ParameterNotDeclaredException or ...ImmutableException."""
        if not self.has_parameter(name):
            raise ParameterNotDeclaredException(name)
        if self._descriptors[name].read_only:
            raise ParameterImmutableException(name)
        del self._parameters[name]
        del self._descriptors[name]

    # ------------------------------------------------------------ reading
    def has_parameter(self, name: str) -> bool:
        """Say whether a parameter is declared."""
        return name in self._parameters

    def get_parameter_type(self, name: str) -> Parameter.Type:
        if self.has_parameter(name):
            return self._parameters[name].type_.value
        if self._allow_undeclared_parameters:
            return _NOT_SET
        raise ParameterNotDeclaredException(name)

    def get_parameters(self, names: list[str]) -> list[Parameter]:
        if not all(isinstance(name, str) for name in names):
            raise TypeError("All names must be instances of type str")
        return [self.get_parameter(name) for name in names]

    def get_parameter(self, name: str) -> Parameter:
        """Return a parameter; raises ParameterNotDeclared... or ParameterUninitializedException."""
        if self.has_parameter(name):
            parameter = self._parameters[name]
            if parameter.type_ != _NOT_SET or self._descriptors[name].dynamic_typing:
                return parameter
            raise ParameterUninitializedException(name)
        if self._allow_undeclared_parameters:
            return Parameter(name, _NOT_SET, None)
        raise ParameterNotDeclaredException(name)

    def get_parameter_or(self, name: str, alternative_value: Parameter | None = None) -> Parameter:
        """Return a parameter, or the alternative if it is not declared or not set."""
        if alternative_value is None:
            alternative_value = Parameter(name, _NOT_SET)
        parameter = self._parameters.get(name)
        return alternative_value if parameter is None or parameter.type_ == _NOT_SET else parameter

    def get_parameters_by_prefix(self, prefix: str) -> dict[str, Parameter]:
        """Return {name without the prefix: parameter}."""
        if prefix:
            prefix += PARAMETER_SEPARATOR_STRING
        return {
            name[len(prefix) :]: parameter
            for name, parameter in self._parameters.items()
            if name.startswith(prefix)
        }

    def list_parameters(self, prefixes: list[str], depth: int) -> Any:
        """Return the names below the prefixes, down to a depth (0: all the way)."""
        if not isinstance(prefixes, list):
            raise TypeError("The prefixes argument must be a list")
        if not all(isinstance(prefix, str) for prefix in prefixes):
            raise TypeError("All prefixes must be instances of type str")
        if not isinstance(depth, int):
            raise TypeError("The depth must be instance of type int")
        if depth < 0:
            raise ValueError("The depth must be greater than or equal to zero")
        everything = depth == ListParameters.Request.DEPTH_RECURSIVE
        separator = PARAMETER_SEPARATOR_STRING

        def shallow(name: str) -> bool:
            return everything or name.count(separator) < depth

        def wanted(name: str) -> bool:
            if not prefixes:
                return shallow(name)
            return any(
                name == prefix
                or (name.startswith(prefix + separator) and shallow(name[len(prefix) + 1 :]))
                for prefix in prefixes
            )

        names = [name for name in self._parameters if wanted(name)]
        found = {name.rpartition(separator)[0]: None for name in names if separator in name}
        return ListParametersResult(names=names, prefixes=list(found))

    # ------------------------------------------------------------ setting
    def set_parameters(self, parameter_list: list[Parameter]) -> list[Any]:
        """Set parameters one after the other; returns a result for each."""
        return [self._set_parameters_atomically([one]) for one in parameter_list]

    def set_parameters_atomically(self, parameter_list: list[Parameter]) -> Any:
        """Set all or none."""
        return self._set_parameters_atomically(parameter_list)

    def _set_parameters_atomically(self, parameter_list: list[Parameter]) -> Any:
        self._check_undeclared_parameters(parameter_list)
        return self._set_parameters_atomically_common(parameter_list)

    def _check_undeclared_parameters(self, parameter_list: list[Parameter]) -> None:
        if not all(isinstance(one, Parameter) for one in parameter_list):
            raise TypeError(f"parameter must be instance of type '{Parameter!r}'")
        undeclared = [one.name for one in parameter_list if one.name not in self._parameters]
        if undeclared and not self._allow_undeclared_parameters:
            raise ParameterNotDeclaredException(undeclared)

    def _set_parameters_atomically_common(
        self,
        parameter_list: list[Parameter],
        descriptors: Any = None,
        allow_not_set_type: bool = False,
    ) -> Any:
        # New descriptors come with a declaration, which may set a read-only parameter.
        known = self._descriptors if descriptors is None else descriptors
        for parameter in parameter_list:
            if parameter.name in known:
                result = self._apply_descriptor(
                    parameter, known[parameter.name], check_read_only=descriptors is None
                )
                if not result.successful:
                    return result
        for callback in self._on_set_parameters_callbacks:
            result = callback(parameter_list)
            if not result.successful:
                return result
        event = ParameterEvent(node=self.get_fully_qualified_name())
        for parameter in parameter_list:
            name = parameter.name
            if parameter.type_ == _NOT_SET and not allow_not_set_type:
                event.deleted_parameters.append(parameter.to_parameter_msg())
                self._parameters.pop(name, None)
                self._descriptors.pop(name, None)
                continue
            if descriptors is not None:
                self._descriptors[name] = descriptors[name]
            elif name not in self._descriptors:
                self._descriptors[name] = ParameterDescriptor(dynamic_typing=True)
            is_new = self.get_parameter_or(name).type_ == _NOT_SET
            changes = event.new_parameters if is_new else event.changed_parameters
            changes.append(parameter.to_parameter_msg())
            self._parameters[name] = parameter
        event.stamp = self._clock.now().to_msg()
        self._parameter_event_publisher.publish(event)
        for callback in self._post_set_parameters_callbacks:
            callback(parameter_list)
        return SetParametersResult(successful=True)

    # ------------------------------------------------------------ descriptors
    def describe_parameter(self, name: str) -> Any:
        """Return a descriptor; raises ParameterNotDeclaredException."""
        descriptor = self._descriptors.get(name)
        if descriptor is not None:
            return descriptor
        if self._allow_undeclared_parameters:
            return ParameterDescriptor()
        raise ParameterNotDeclaredException(name)

    def describe_parameters(self, names: list[str]) -> list[Any]:
        """Return the descriptors of parameters."""
        return [self.describe_parameter(name) for name in names]

    def _apply_descriptor(
        self, parameter: Parameter, descriptor: Any, check_read_only: bool = True
    ) -> Any:
        """Say whether a descriptor allows a value, and note name and type in the descriptor."""
        descriptor.name = parameter.name
        kind = parameter.type_
        if check_read_only and descriptor.read_only:
            return _refused(f"Trying to set a read-only parameter: {parameter.name}.")
        if descriptor.dynamic_typing:
            descriptor.type = kind.value
        elif self.has_parameter(parameter.name) and kind == _NOT_SET:
            return _refused("Static parameter cannot be undeclared")
        elif kind not in (_NOT_SET, Parameter.Type(descriptor.type)):
            return _refused(
                f"{_WRONG_TYPE}, expected '{Parameter.Type(descriptor.type)}' got '{kind}'"
            )
        if kind == Parameter.Type.INTEGER and descriptor.integer_range:
            return self._apply_integer_range(parameter, descriptor.integer_range[0])
        if kind == Parameter.Type.DOUBLE and descriptor.floating_point_range:
            return self._apply_floating_point_range(parameter, descriptor.floating_point_range[0])
        return SetParametersResult(successful=True)

    @staticmethod
    def _apply_integer_range(parameter: Parameter, limits: Any) -> Any:
        low, high = sorted((limits.from_value, limits.to_value))
        value = parameter.value
        if value in (low, high):
            return SetParametersResult(successful=True)
        if not low < value < high:
            return _refused(
                f"Parameter {parameter.name} out of range. Min: {low}, Max: {high}, value: {value}"
            )
        if limits.step and (value - low) % limits.step:
            return _refused(
                f"The parameter value for {parameter.name} is not a valid step. Min: {low}, "
                f"max: {high}, value: {value}, step: {limits.step}"
            )
        return SetParametersResult(successful=True)

    def _apply_floating_point_range(self, parameter: Parameter, limits: Any) -> Any:
        low, high = sorted((limits.from_value, limits.to_value))
        value = parameter.value

        def near(limit: float) -> bool:
            return math.isclose(value, limit, rel_tol=self.PARAM_REL_TOL)

        if near(low) or near(high):
            return SetParametersResult(successful=True)
        if not low < value < high:
            return _refused(
                f"Parameter {parameter.name} out of range Min: {low}, Max: {high}, value: {value}"
            )
        step = limits.step
        if step and not near(low + round((value - low) / step) * step):
            return _refused(
                f"The parameter value for {parameter.name} is not close enough to a valid step. "
                f"Min: {low}, max: {high}, value: {value}, step: {step}"
            )
        return SetParametersResult(successful=True)

    def add_on_set_parameters_callback(self, callback: Callable[[list[Parameter]], Any]) -> None:
        """Let a function refuse parameters."""
        self._on_set_parameters_callbacks.insert(0, callback)

    def add_post_set_parameters_callback(self, callback: Callable[[list[Parameter]], None]) -> None:
        """Call a function after parameters were set."""
        self._post_set_parameters_callbacks.insert(0, callback)

    def remove_on_set_parameters_callback(self, callback: Callable[[list[Parameter]], Any]) -> None:
        """Undo add_on_set_parameters_callback. Raises ValueError if it was not there."""
        self._on_set_parameters_callbacks.remove(callback)

    def remove_post_set_parameters_callback(
        self, callback: Callable[[list[Parameter]], None]
    ) -> None:
        """Undo add_post_set_parameters_callback. Raises ValueError if it was not there."""
        self._post_set_parameters_callbacks.remove(callback)


def _refused(reason: str) -> Any:
    return SetParametersResult(successful=False, reason=reason)
