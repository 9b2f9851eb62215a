"""Quality of service."""

from __future__ import annotations

import warnings
from enum import Enum, IntEnum, IntFlag
from typing import Any

from rclpy.duration import Duration
from rclpy.duration import Infinite as _INFINITE

_UNSPECIFIED = Duration()


class QoSPolicyKind(IntEnum):
    """The policies; bits as rmw numbers them."""

    INVALID = 1
    DURABILITY = 2
    DEADLINE = 4
    LIVELINESS = 8
    RELIABILITY = 16
    HISTORY = 32
    LIFESPAN = 64
    DEPTH = 128
    LIVELINESS_LEASE_DURATION = 256
    AVOID_ROS_NAMESPACE_CONVENTIONS = 512


def qos_policy_name_from_kind(policy_kind: QoSPolicyKind | int) -> str:
    """Return the name of a policy."""
    return QoSPolicyKind(policy_kind).name


class InvalidQoSProfileException(Exception):
    """The profile makes no sense."""

    def __init__(self, *args: Any) -> None:
        Exception.__init__(self, "Invalid QoSProfile", *args)


class QoSPolicyEnum(IntEnum):
    """Base of the policy values."""

    @classmethod
    def get_from_short_key(cls, name: str) -> Any:
        """Return a value by its name in any case."""
        return cls[name.upper()].value


class HistoryPolicy(QoSPolicyEnum):
    """How many samples are kept."""

    SYSTEM_DEFAULT = 0
    KEEP_LAST = 1
    KEEP_ALL = 2
    UNKNOWN = 3


class ReliabilityPolicy(QoSPolicyEnum):
    """Whether lost samples are sent again."""

    SYSTEM_DEFAULT = 0
    RELIABLE = 1
    BEST_EFFORT = 2
    UNKNOWN = 3
    BEST_AVAILABLE = 4


class DurabilityPolicy(QoSPolicyEnum):
    """Whether late joiners get old samples."""

    SYSTEM_DEFAULT = 0
    TRANSIENT_LOCAL = 1
    VOLATILE = 2
    UNKNOWN = 3
    BEST_AVAILABLE = 4


class LivelinessPolicy(QoSPolicyEnum):
    """Who says that a publisher is alive."""

    SYSTEM_DEFAULT = 0
    AUTOMATIC = 1
    MANUAL_BY_TOPIC = 3
    UNKNOWN = 4
    BEST_AVAILABLE = 5


QoSHistoryPolicy = HistoryPolicy
QoSReliabilityPolicy = ReliabilityPolicy
QoSDurabilityPolicy = DurabilityPolicy
QoSLivelinessPolicy = LivelinessPolicy

DeadlineBestAvailable = Duration(nanoseconds=2**63 - 2)
LivelinessLeaseDurationeBestAvailable = Duration(nanoseconds=2**63 - 2)

_DEFAULTS = {
    "history": HistoryPolicy.KEEP_LAST,
    "depth": 10,
    "reliability": ReliabilityPolicy.RELIABLE,
    "durability": DurabilityPolicy.VOLATILE,
    "lifespan": _UNSPECIFIED,
    "deadline": _UNSPECIFIED,
    "liveliness": LivelinessPolicy.SYSTEM_DEFAULT,
    "liveliness_lease_duration": _UNSPECIFIED,
    "avoid_ros_namespace_conventions": False,
}
_KINDS = {
    "history": HistoryPolicy,
    "reliability": ReliabilityPolicy,
    "durability": DurabilityPolicy,
    "liveliness": LivelinessPolicy,
    "lifespan": Duration,
    "deadline": Duration,
    "liveliness_lease_duration": Duration,
}


def _policy(name: str) -> Any:
    kind = _KINDS.get(name)

    def read(self: QoSProfile) -> Any:
        return getattr(self, f"_{name}")

    def write(self: QoSProfile, value: Any) -> None:
        if kind is Duration:
            if not isinstance(value, Duration):
                raise AssertionError(f"{name} must be a Duration, not {value!r}")
        elif kind is not None:
            value = kind(value)
        else:
            assert isinstance(value, bool), f"{name} must be a bool, not {value!r}"
        setattr(self, f"_{name}", value)

    return property(read, write)


class QoSProfile:
    """A set of policies.

    Raises:
        InvalidQoSProfileException: neither history nor depth, or KEEP_LAST without a depth.

    """

    __slots__ = [f"_{name}" for name in _DEFAULTS]

    def __init__(self, **kwargs: Any) -> None:
        assert all(key in _DEFAULTS for key in kwargs), (
            f"Invalid arguments passed to constructor: {kwargs.keys()!r}"
        )
        if "history" not in kwargs:
            if "depth" not in kwargs:
                raise InvalidQoSProfileException("History and/or depth settings are required.")
            kwargs["history"] = HistoryPolicy.KEEP_LAST
        if kwargs["history"] == HistoryPolicy.KEEP_LAST and "depth" not in kwargs:
            raise InvalidQoSProfileException("History set to KEEP_LAST without a depth setting.")
        self.history = kwargs["history"]
        for name, default in _DEFAULTS.items():
            if name != "history":
                setattr(self, name, kwargs.get(name, default))

    history = _policy("history")
    reliability = _policy("reliability")
    durability = _policy("durability")
    liveliness = _policy("liveliness")
    lifespan = _policy("lifespan")
    deadline = _policy("deadline")
    liveliness_lease_duration = _policy("liveliness_lease_duration")
    avoid_ros_namespace_conventions = _policy("avoid_ros_namespace_conventions")

    @property
    def depth(self) -> int:
        """How many messages are kept."""
        return self._depth

    @depth.setter
    def depth(self, value: int) -> None:
        assert isinstance(value, int), f"depth must be an int, not {value!r}"
        if self.history == HistoryPolicy.KEEP_LAST and value == 0:
            warnings.warn(
                "A zero depth with KEEP_LAST doesn't make sense; no data could be stored. "
                "This will be interpreted as SYSTEM_DEFAULT",
                stacklevel=2,
            )
        self._depth = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QoSProfile):
            return False
        return all(getattr(self, slot) == getattr(other, slot) for slot in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}("
            + ", ".join(f"{slot[1:]}={getattr(self, slot)}" for slot in self.__slots__)
            + ")"
        )

    __repr__ = object.__repr__


def _profile(**changes: Any) -> QoSProfile:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return QoSProfile(**(_DEFAULTS | changes))


qos_profile_unknown = _profile(
    history=HistoryPolicy.UNKNOWN,
    depth=0,
    reliability=ReliabilityPolicy.UNKNOWN,
    durability=DurabilityPolicy.UNKNOWN,
    liveliness=LivelinessPolicy.UNKNOWN,
)
qos_profile_default = _profile()
qos_profile_system_default = _profile(
    history=HistoryPolicy.SYSTEM_DEFAULT,
    depth=0,
    reliability=ReliabilityPolicy.SYSTEM_DEFAULT,
    durability=DurabilityPolicy.SYSTEM_DEFAULT,
)
qos_profile_sensor_data = _profile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
qos_profile_services_default = _profile()
qos_profile_parameters = _profile(depth=1000)
qos_profile_parameter_events = _profile(depth=1000)
qos_profile_best_available = _profile(
    reliability=ReliabilityPolicy.BEST_AVAILABLE,
    durability=DurabilityPolicy.BEST_AVAILABLE,
    liveliness=LivelinessPolicy.BEST_AVAILABLE,
    deadline=DeadlineBestAvailable,
    liveliness_lease_duration=LivelinessLeaseDurationeBestAvailable,
)
qos_profile_action_status_default = _profile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
qos_profile_rosout_default = _profile(
    depth=1000, durability=DurabilityPolicy.TRANSIENT_LOCAL, lifespan=Duration(seconds=10)
)


class QoSPresetProfiles(Enum):
    """The presets by name."""

    UNKNOWN = qos_profile_unknown
    DEFAULT = qos_profile_default
    SYSTEM_DEFAULT = qos_profile_system_default
    SENSOR_DATA = qos_profile_sensor_data
    SERVICES_DEFAULT = qos_profile_services_default
    PARAMETERS = qos_profile_parameters
    PARAMETER_EVENTS = qos_profile_parameter_events
    ACTION_STATUS_DEFAULT = qos_profile_action_status_default
    BEST_AVAILABLE = qos_profile_best_available

    @classmethod
    def get_from_short_key(cls, name: str) -> QoSProfile:
        """Return a profile by its name in any case."""
        return cls[name.upper()].value


class QoSCompatibility(IntFlag):
    """Whether two endpoints can be connected."""

    OK = 0
    WARNING = 1
    ERROR = 2


def qos_check_compatible(
    publisher_qos: QoSProfile, subscription_qos: QoSProfile
) -> tuple[QoSCompatibility, str]:
    """Return a QoSCompatibility and the reason in words (empty if they fit)."""
    offered, requested = publisher_qos, subscription_qos
    errors, warned = [], []
    if (
        offered.reliability == ReliabilityPolicy.BEST_EFFORT
        and requested.reliability == ReliabilityPolicy.RELIABLE
    ):
        errors.append("ERROR: Best effort publisher and reliable subscription;")
    if (
        offered.durability == DurabilityPolicy.VOLATILE
        and requested.durability == DurabilityPolicy.TRANSIENT_LOCAL
    ):
        errors.append("ERROR: Volatile publisher and transient local subscription;")
    errors += _check_time("deadline", offered.deadline, requested.deadline)
    if (
        offered.liveliness == LivelinessPolicy.AUTOMATIC
        and requested.liveliness == LivelinessPolicy.MANUAL_BY_TOPIC
    ):
        errors.append(
            "ERROR: Publisher's liveliness is automatic and subscription's is manual by topic;"
        )
    errors += _check_time(
        "liveliness lease duration",
        offered.liveliness_lease_duration,
        requested.liveliness_lease_duration,
    )
    for name, unclear in (
        ("reliability", (ReliabilityPolicy.SYSTEM_DEFAULT, ReliabilityPolicy.UNKNOWN)),
        ("durability", (DurabilityPolicy.SYSTEM_DEFAULT, DurabilityPolicy.UNKNOWN)),
        ("liveliness", (LivelinessPolicy.SYSTEM_DEFAULT, LivelinessPolicy.UNKNOWN)),
    ):
        mine, theirs = getattr(offered, name), getattr(requested, name)
        if mine != theirs and (mine in unclear or theirs in unclear):
            warned.append(
                f"WARNING: Publisher's {name} is {mine.name} and subscription's is {theirs.name};"
            )
    if errors:
        return QoSCompatibility.ERROR, "".join(errors + warned)
    if warned:
        return QoSCompatibility.WARNING, "".join(warned)
    return QoSCompatibility.OK, ""


def _check_time(name: str, offered: Any, requested: Any) -> Any:
    unspecified = _UNSPECIFIED
    if offered == unspecified and requested not in (unspecified, _INFINITE):
        return [f"ERROR: Subscription has a {name}, but publisher does not;"]
    if unspecified not in (offered, requested) and offered > requested:
        return [f"ERROR: Subscription's {name} is less than publisher's {name};"]
    return []
