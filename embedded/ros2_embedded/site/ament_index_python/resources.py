"""Look-up of resources: files `<prefix>/share/ament_index/resource_index/<type>/<name>`."""

import os
from pathlib import Path

from .constants import RESOURCE_INDEX_SUBFOLDER
from .search_paths import get_search_paths


class InvalidResourceTypeNameError(ValueError):
    """The resource type holds a path separator."""


class InvalidResourceNameError(ValueError):
    """The resource name holds a path separator."""


def is_valid_resource_type(resource_type: str) -> bool:
    """Tell whether a text can be the type of a resource."""
    return bool(resource_type) and "/" not in resource_type and "\\" not in resource_type


def get_resource(resource_type: str, resource_name: str) -> tuple[str, str]:
    """Return the content of a resource and the prefix it was found in.

    Raises LookupError when there is none, OSError when it cannot be read.
    """
    prefix = has_resource(resource_type, resource_name)
    if not prefix:
        raise LookupError(
            f"Could not find the resource '{resource_name}' of type '{resource_type}'"
        )
    path = Path(str(prefix), RESOURCE_INDEX_SUBFOLDER, resource_type, resource_name)
    return path.read_text(encoding="utf-8"), str(prefix)


def get_resources(resource_type: str) -> dict[str, str]:
    """Map the names of all resources of a type to their prefixes.

    Raises InvalidResourceTypeNameError.
    """
    _check_type(resource_type)
    found: dict[str, str] = {}
    for prefix in get_search_paths():
        directory = Path(prefix, RESOURCE_INDEX_SUBFOLDER, resource_type)
        if not directory.is_dir():
            continue
        for entry in os.scandir(directory):
            if entry.is_file() and not entry.name.startswith("."):
                found.setdefault(entry.name, prefix)
    return found


def get_resource_types() -> set[str]:
    """Return the types of all resources in the index."""
    return {
        directory.name
        for prefix in get_search_paths()
        for directory in Path(prefix, RESOURCE_INDEX_SUBFOLDER).glob("*")
        if directory.is_dir() and not directory.name.startswith(".")
    }


def has_resource(resource_type: str, resource_name: str) -> str | bool:
    """Return the prefix holding a resource, or False.

    Raises InvalidResourceTypeNameError and InvalidResourceNameError.
    """
    _check_type(resource_type)
    if not resource_name or "/" in resource_name or "\\" in resource_name:
        raise InvalidResourceNameError(f"Resource name '{resource_name}' is not valid")
    for prefix in get_search_paths():
        if Path(prefix, RESOURCE_INDEX_SUBFOLDER, resource_type, resource_name).is_file():
            return prefix
    return False


def _check_type(resource_type: str) -> None:
    """Refuse a malformed resource type."""
    if not is_valid_resource_type(resource_type):
        raise InvalidResourceTypeNameError(f"Resource type '{resource_type}' is not valid")
