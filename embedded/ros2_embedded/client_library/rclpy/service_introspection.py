"""How much of a service's traffic is shown to others."""

from enum import IntEnum


class ServiceIntrospectionState(IntEnum):
    """Levels of service introspection."""

    OFF = 0
    METADATA = 1
    CONTENTS = 2
