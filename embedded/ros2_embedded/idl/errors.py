"""What can be wrong with interfaces and serialized data."""


class InterfaceNotFoundError(LookupError):
    """There is no such interface on the ament index."""


class InterfaceSyntaxError(ValueError):
    """An interface file cannot be understood; the message names file and line."""


class SerializationError(ValueError):
    """A message holds a value its type does not allow."""


class DeserializationError(ValueError):
    """Bytes are not a serialized message of that type."""
