"""What can be wrong with a question about frames."""


class TransformException(Exception):
    """Base of all."""


class LookupException(TransformException):
    """There is no such frame."""


class ConnectivityException(TransformException):
    """The frames are not in one tree."""


class ExtrapolationException(TransformException):
    """The time lies outside of what is known."""


class InvalidArgumentException(TransformException):
    """A frame name or a transform makes no sense."""


class TimeoutException(TransformException):
    """The answer did not come in time."""
