"""Exceptions of rclpy."""

from __future__ import annotations

from typing import Any, ClassVar


class NoTypeSupportImportedException(Exception):
    """The type has no type support."""


class NotInitializedException(Exception):
    """The context is not initialised."""

    def __init__(self, message: str | None = None) -> None:
        more = f" msg:{message}" if message else ""
        super().__init__(f"rclpy.init() has not been called.{more}")


class NameValidationException(Exception):
    """A topic name, node name or namespace is invalid."""

    def __init__(self, name_type: str, name: str, error_msg: str, invalid_index: int) -> None:
        super().__init__(
            f"Invalid {name_type}: {error_msg}:\n  '{name}'\n   {' ' * invalid_index}^"
        )
        self.name_type = name_type
        self.name = name
        self.error_msg = error_msg
        self.invalid_index = invalid_index


class _InvalidName(NameValidationException):
    _what: ClassVar[str]

    def __init__(self, name: str, error_msg: str, invalid_index: int) -> None:
        super().__init__(self._what, name, error_msg, invalid_index)


class InvalidNamespaceException(_InvalidName):
    _what = "namespace"


class InvalidNodeNameException(_InvalidName):
    _what = "node name"


class InvalidTopicNameException(_InvalidName):
    _what = "topic name"


class InvalidServiceNameException(_InvalidName):
    _what = "service name"


class ParameterException(Exception):
    """Base of the parameter exceptions."""

    def __init__(self, error_msg: str, parameters: Any, *args: Any) -> None:
        super().__init__(f"{error_msg}: {parameters}", *args)


class _Complaint(ParameterException):
    _says: ClassVar[str]

    def __init__(self, parameters: Any, *args: Any) -> None:
        super().__init__(self._says, parameters, *args)


class ParameterNotDeclaredException(_Complaint):
    _says = "Invalid access to undeclared parameter(s)"


class ParameterAlreadyDeclaredException(_Complaint):
    _says = "Parameter(s) already declared"


class InvalidParameterException(_Complaint):
    _says = "Invalid parameter name"


class ParameterUninitializedException(_Complaint):
    _says = "The parameter is not initialized"


class ParameterImmutableException(_Complaint):
    _says = "Attempted to modify read-only parameter"


class InvalidParameterTypeException(ParameterException):
    def __init__(self, desired_parameter: Any, expected_type: Any, *args: Any) -> None:
        from rclpy.parameter import Parameter

        if isinstance(expected_type, Parameter.Type):
            expected_type = expected_type.name
        ParameterException.__init__(
            self,
            f"Trying to set parameter '{desired_parameter.name}' to '{desired_parameter.value}' "
            f"of type '{desired_parameter.type_.name}', expecting type '{expected_type}'",
            desired_parameter.name,
            *args,
        )


class InvalidParameterValueException(ParameterException):
    def __init__(self, parameter: Any, value: Any, reason: str) -> None:
        super().__init__(
            f"Invalid parameter value ({value}) for parameter. Reason: {reason}", {parameter: value}
        )


class ROSInterruptException(Exception):
    """An operation was interrupted by the shutdown of the context."""

    def __init__(self) -> None:
        Exception.__init__(self, "rclpy.shutdown() has been called")


class InvalidHandle(RuntimeError):
    """An entity was used after it was destroyed."""


class RCLError(RuntimeError):
    """A call of the middleware failed."""


class RMWError(RuntimeError):
    """The middleware could not do what was asked."""


class UnsupportedEventTypeError(RCLError):
    """The middleware does not report this event."""


class NodeNameNonExistentError(RCLError):
    """There is no such node on the graph."""


class RCLInvalidROSArgsError(RCLError):
    """What stands behind --ros-args cannot be understood."""
