"""What stands behind an entity: usable until it is destroyed."""

from rclpy.exceptions import InvalidHandle

DestroyableType = object


class Handle:
    """Guards an entity; using it after its end raises InvalidHandle.

    ``close`` is called once, at the end.
    """

    __slots__ = ("_close", "_kind", "name", "__weakref__")

    def __init__(self, kind, close, name=""):
        self._kind = kind
        self._close = close
        self.name = name

    def __enter__(self):
        if self._close is None:
            raise InvalidHandle(f"cannot use Destroyable because destruction was requested ({self._kind})")
        return self

    def __exit__(self, *_):
        return None

    def __bool__(self):
        return self._close is not None

    @property
    def pointer(self):
        return id(self)

    def destroy_when_not_in_use(self):
        """End the entity; a second time does nothing."""
        close, self._close = self._close, None
        if close is not None:
            close()
