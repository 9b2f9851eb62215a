"""Which interfaces are installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_path,
    get_packages_with_prefixes,
)

_ENDINGS = {"msg": ".msg", "srv": ".srv", "action": ".action"}


def _interfaces(package_names: Iterable[str], kinds: Sequence[str]) -> dict[str, list[str]]:
    """Map packages to their interfaces of some kinds. Raises LookupError for unknown packages."""
    names = list(package_names)
    for name in names:
        try:
            get_package_prefix(name)
        except (PackageNotFoundError, ValueError) as error:
            raise LookupError(f"Unknown package '{name}'") from error
    found: dict[str, list[str]] = {}
    for name in names or get_packages_with_prefixes():
        interfaces = [f"{kind}/{interface}" for kind in kinds for interface in _names(name, kind)]
        if interfaces:
            found[name] = interfaces
    return found


def _names(package: str, kind: str) -> list[str]:
    """List the names of a package's interfaces of one kind.

    Of an interface that was written in IDL there is only the `.idl` file.
    """
    folder = get_package_share_path(package, print_warning=False) / kind
    endings = (_ENDINGS[kind], ".idl")
    return sorted({path.stem for path in folder.glob("*") if path.suffix in endings})


def get_interface_packages() -> dict[str, str]:
    """Map the packages that have interfaces to their prefixes."""
    prefixes = get_packages_with_prefixes()
    return {name: prefixes[name] for name in get_interfaces()}


def get_interfaces(package_names: Iterable[str] = ()) -> dict[str, list[str]]:
    """Map packages, or all, to their interfaces. Raises LookupError for unknown packages."""
    return _interfaces(package_names, tuple(_ENDINGS))


def get_message_interfaces(package_names: Iterable[str] = ()) -> dict[str, list[str]]:
    """Map packages, or all, to their messages. Raises LookupError for unknown packages."""
    return _interfaces(package_names, ("msg",))


def get_service_interfaces(package_names: Iterable[str] = ()) -> dict[str, list[str]]:
    """Map packages, or all, to their services. Raises LookupError for unknown packages."""
    return _interfaces(package_names, ("srv",))


def get_action_interfaces(package_names: Iterable[str] = ()) -> dict[str, list[str]]:
    """Map packages, or all, to their actions. Raises LookupError for unknown packages."""
    return _interfaces(package_names, ("action",))


def get_interface_path(interface_name: str) -> str:
    """Return the file of an interface, such as `std_msgs/msg/String`, with or without its ending.

    Raises ValueError for a malformed name, LookupError if there is no such interface.
    """
    parts = interface_name.split("/")
    if len(parts) < 2 or not all(parts) or ".." in parts:
        raise ValueError(
            f"Invalid name '{interface_name}'. Expected at least two parts separated by '/'"
        )
    try:
        share = get_package_share_path(parts[0])
    except (PackageNotFoundError, ValueError) as error:
        raise LookupError(f"Unknown package '{parts[0]}'") from error
    ending = _ENDINGS.get(parts[-2], "")
    path = share.joinpath(*parts[1:])
    if path.suffix != ending:
        path = path.with_name(path.name + ending)
    if not path.is_file():
        # rosidl makes an .idl file of each interface, which is what it looks for.
        missing = path.with_suffix(".idl")
        raise LookupError(f"Could not find the interface '{missing}'")
    return str(path)
