"""The error of a condition that is not a boolean."""


class InvalidConditionExpressionError(Exception):
    """The text of a condition cannot be read as a boolean."""
