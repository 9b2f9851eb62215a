"""Exceptions of rclpy."""

from __future__ import annotations

from typing import Any


class NoTypeSupportImportedException(Exception):
    """The type has no type support."""


class NotInitializedException(Exception):
    """The context is not initialised."""

    def __init__(self, message: str | None = None) -> None:
        more = f" msg:{message}" if message else ""
        super().__init__(f"rclpy.init() has not been called.{more}")


class NameValidationException(Exception):
    """A topic name, node name or namespace is invalid."""

    def __init__(
        self, name_type: str, name: str, error_msg: str, invalid_index: int, *args: Any
    ) -> None:
        msg = f"""\
Invalid {name_type}: {error_msg}:
  '{name}'
   {" " * invalid_index}^\
"""
        super().__init__(msg)
        self.name_type = name_type
        self.name = name
        self.error_msg = error_msg
        self.invalid_index = invalid_index


class InvalidNamespaceException(NameValidationException):
    def __init__(self, name: str, error_msg: str, invalid_index: int, *args: Any) -> None:
        NameValidationException.__init__(self, "namespace", name, error_msg, invalid_index)


class InvalidNodeNameException(NameValidationException):
    def __init__(self, name: str, error_msg: str, invalid_index: int, *args: Any) -> None:
        NameValidationException.__init__(self, "node name", name, error_msg, invalid_index)


class InvalidTopicNameException(NameValidationException):
    def __init__(self, name: str, error_msg: str, invalid_index: int, *args: Any) -> None:
        NameValidationException.__init__(self, "topic name", name, error_msg, invalid_index)


class InvalidServiceNameException(NameValidationException):
    def __init__(self, name: str, error_msg: str, invalid_index: int, *args: Any) -> None:
        NameValidationException.__init__(self, "service name", name, error_msg, invalid_index)


class ParameterException(Exception):
    """Base of the parameter exceptions."""

    def __init__(self, error_msg: str, parameters: Any, *args: Any) -> None:
        Exception.__init__(self, f"{error_msg}: {parameters}", *args)


class ParameterNotDeclaredException(ParameterException):
    def __init__(self, parameters: Any, *args: Any) -> None:
        ParameterException.__init__(
            self, "Invalid access to undeclared parameter(s)", parameters, *args
        )


class ParameterAlreadyDeclaredException(ParameterException):
    def __init__(self, parameters: Any, *args: Any) -> None:
        ParameterException.__init__(self, "Parameter(s) already declared", parameters, *args)


class InvalidParameterException(ParameterException):
    def __init__(self, parameter: Any, *args: Any) -> None:
        ParameterException.__init__(self, "Invalid parameter name", parameter, *args)


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
        ParameterException.__init__(
            self,
            "Invalid parameter value ({value}) for parameter. Reason: {reason}".format(
                value=value, reason=reason
            ),
            {parameter: value},
        )


class ParameterUninitializedException(ParameterException):
    def __init__(self, parameter_name: str, *args: Any) -> None:
        ParameterException.__init__(self, "The parameter is not initialized", parameter_name, *args)


class ParameterImmutableException(ParameterException):
    def __init__(self, parameter_name: str, *args: Any) -> None:
        ParameterException.__init__(
            self, "Attempted to modify read-only parameter", parameter_name, *args
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
