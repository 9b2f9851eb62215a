"""Rules for parameter names."""

from __future__ import annotations


from rclpy.exceptions import InvalidParameterException


def validate_parameter_name(name: str) -> bool:
    """Return True; raises InvalidParameterException."""
    if not name:
        raise InvalidParameterException(name)
    return True
