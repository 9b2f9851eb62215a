"""Rules for parameter names."""

from rclpy.exceptions import InvalidParameterException


def validate_parameter_name(name):
    """Return True; raises InvalidParameterException."""
    if not name:
        raise InvalidParameterException(name)
    return True
