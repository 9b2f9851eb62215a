"""What all buffers offer, and the types they can transform and convert."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from std_msgs.msg import Header

from rclpy.duration import Duration


class TypeException(Exception):
    """No function was registered for a type; `errstr` names it."""

    def __init__(self, errstr: str) -> None:
        super().__init__(errstr)
        self.errstr = errstr


class NotImplementedException(Exception):
    """A buffer does not look up transforms."""

    def __init__(self) -> None:
        self.errstr = "CanTransform or LookupTransform not implemented"
        super().__init__(self.errstr)


def _registered(table: dict[Any, Callable[..., Any]], key: Any) -> Callable[..., Any]:
    try:
        return table[key]
    except KeyError:
        raise TypeException(f"Type {key} is not loaded or supported") from None


class TransformRegistration:
    """Which function transforms which type; one table for the whole process."""

    _functions: dict[Any, Callable[..., Any]] = {}  # noqa: RUF012 - shared on purpose

    def print_me(self) -> None:
        """Print the table."""
        print(self._functions)

    def add(self, key: Any, callback: Callable[[Any, Any], Any]) -> None:
        """Register ``callback(object, TransformStamped)``, which returns the new object."""
        self._functions[key] = callback

    def get(self, key: Any) -> Callable[[Any, Any], Any]:
        """Return the function of a type; raises TypeException."""
        return _registered(self._functions, key)


class ConvertRegistration:
    """Which function converts which type; one table for the whole process."""

    _to_message: dict[Any, Callable[..., Any]] = {}  # noqa: RUF012 - shared on purpose
    _from_message: dict[Any, Callable[..., Any]] = {}  # noqa: RUF012
    _direct: dict[Any, Callable[..., Any]] = {}  # noqa: RUF012

    def add_from_msg(self, key: Any, callback: Callable[[Any], Any]) -> None:
        """Register what makes a type from its message."""
        self._from_message[key] = callback

    def add_to_msg(self, key: Any, callback: Callable[[Any], Any]) -> None:
        """Register what makes the message of a type."""
        self._to_message[key] = callback

    def add_convert(self, key: tuple[Any, Any], callback: Callable[[Any], Any]) -> None:
        """Register the short way from one type to another one."""
        self._direct[key] = callback

    def get_from_msg(self, key: Any) -> Callable[[Any], Any]:
        """Return what makes a type from its message; raises TypeException."""
        return _registered(self._from_message, key)

    def get_to_msg(self, key: Any) -> Callable[[Any], Any]:
        """Return what makes the message of a type; raises TypeException."""
        return _registered(self._to_message, key)

    def get_convert(self, key: tuple[Any, Any]) -> Callable[[Any], Any]:
        """Return the short way between two types; raises TypeException."""
        return _registered(self._direct, key)


class BufferInterface:
    """Transforms stamped objects; a subclass looks the transforms up."""

    def __init__(self) -> None:
        self.registration = TransformRegistration()

    def transform(
        self,
        object_stamped: Any,
        target_frame: str,
        timeout: Duration = Duration(),
        new_type: Any = None,
    ) -> Any:
        """Return a stamped object in another frame, at its own time, as another type if asked.

        Raises:
            TypeException: nothing is registered for the type. The messages of geometry_msgs come
                with `import tf2_geometry_msgs`.
            TransformException: as lookup_transform.

        """
        change = self.registration.get(type(object_stamped))
        header = object_stamped.header
        found = change(
            object_stamped,
            self.lookup_transform(target_frame, header.frame_id, header.stamp, timeout),
        )
        return found if new_type is None else convert(found, new_type)

    def transform_full(
        self,
        object_stamped: Any,
        target_frame: str,
        target_time: Any,
        fixed_frame: str,
        timeout: Duration = Duration(),
        new_type: Any = None,
    ) -> Any:
        """Return a stamped object in another frame at another time; raises as `transform`.

        The fixed frame is the one that did not move between the two times.
        """
        change = self.registration.get(type(object_stamped))
        header = object_stamped.header
        found = change(
            object_stamped,
            self.lookup_transform_full(
                target_frame, target_time, header.frame_id, header.stamp, fixed_frame, timeout
            ),
        )
        return found if new_type is None else convert(found, new_type)

    def lookup_transform(
        self, target_frame: str, source_frame: str, time: Any, timeout: Duration = Duration()
    ) -> Any:
        """Return the source frame in the target frame; the work of a subclass."""
        raise NotImplementedException

    def lookup_transform_full(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
        timeout: Duration = Duration(),
    ) -> Any:
        """Return the source frame of one time in the target frame of another; as above."""
        raise NotImplementedException

    def can_transform(
        self, target_frame: str, source_frame: str, time: Any, timeout: Duration = Duration()
    ) -> Any:
        """Say whether lookup_transform would answer; the work of a subclass."""
        raise NotImplementedException

    def can_transform_full(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
        timeout: Duration = Duration(),
    ) -> Any:
        """Say whether lookup_transform_full would answer; the work of a subclass."""
        raise NotImplementedException


def Stamped(obj: Any, stamp: Any, frame_id: str) -> Any:  # noqa: N802
    """Give any object a header, so that it can be transformed; returns the object."""
    obj.header = Header(frame_id=frame_id, stamp=stamp)
    return obj


def convert(a: Any, b_type: Any) -> Any:
    """Return an object as another type, if need be by way of their message.

    Raises:
        TypeException: one of the types is not registered.

    """
    registration = ConvertRegistration()
    try:
        direct = registration.get_convert((type(a), b_type))
    except TypeException:
        if type(a) is b_type:
            return deepcopy(a)
        return registration.get_from_msg(b_type)(registration.get_to_msg(type(a))(a))
    return direct(a)
