"""DDS topics of any type whose samples are bytes to Cyclone."""

from __future__ import annotations

from ros2_embedded.wire.library import checked, clayer

# XTypes information of a placeholder struct with one octet: Cyclone refuses samples that are
# shorter than the type, and no ROS message is shorter than one byte. Cyclone's Python topics must have
# some; a ROS 2 peer sends none and then matches by the type's name, as it does among its own.
_TYPE_INFORMATION = bytes.fromhex(
    "6000000001100040280000002400000014000000f180672d5acb8e645c0dd19b3a5a3e002700000000000000"
    "040000000000000002100040280000002400000014000000f2f9c4ec16c601ab821065fb36db8b0034000000"
    "000000000400000000000000"
)
_TYPE_MAP = bytes.fromhex(
    "3b00000001000000f180672d5acb8e645c0dd19b3a5a3e0023000000f1510100010000000000000013000000"
    "010000000b0000000000000001000d9dd4e461004800000001000000f2f9c4ec16c601ab821065fb36db8b00"
    "30000000f25101000c0000000000000004000000526177001800000001000000100000000000000001000d00"
    "02000000780000002200000001000000f2f9c4ec16c601ab821065fb36db8bf180672d5acb8e645c0dd19b3a"
    "5a3e"
)


class _Description:
    """What Cyclone's C layer asks of a type."""

    keyless = True
    data_type_props = 0
    supported_versions = 5
    default_version = 1
    v1_key_max_size = 0
    v2_key_max_size = 0
    _xt_bytedata = (_TYPE_INFORMATION, _TYPE_MAP)

    def __init__(self, type_name: str) -> None:
        self.idl_transformed_typename = type_name


_types: dict[str, type] = {}


def create_topic(participant: int, name: str, type_name: str) -> int:
    """Return a topic entity; ``type_name`` is the name on the wire."""
    data_type = _types.get(type_name)
    if data_type is None:
        data_type = type("Opaque", (), {"__idl__": _Description(type_name)})
        _types[type_name] = data_type
    code: int = clayer.ddspy_topic_create(participant, name, data_type, None, None)
    return checked(code, f"creating topic {name}")
