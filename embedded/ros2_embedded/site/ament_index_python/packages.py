"""Look-up of packages."""

import os
import sys
from pathlib import Path

from ros2_embedded.editable import editable_packages

from .resources import get_resources
from .search_paths import get_search_paths


class PackageNotFoundError(KeyError):
    """The package is not installed in any prefix of the index."""

    def __str__(self) -> str:
        """Say which package was looked for, and where."""
        return f"{super().__str__()}, searching: {get_search_paths()}"


def get_packages_with_prefixes() -> dict[str, str]:
    """Map the name of each installed package to its prefix."""
    found = get_resources("packages")
    for name in editable_packages():
        found.setdefault(name, sys.prefix)
    # The shipped interface packages carry a package.xml and no marker each.
    for prefix in get_search_paths():
        for manifest in sorted(Path(prefix).glob("share/*/package.xml")):
            found.setdefault(manifest.parent.name, prefix)
    return found


def get_package_prefix(package_name: str) -> str:
    """Return the prefix a package is installed in.

    Raises ValueError for an empty name, PackageNotFoundError for an unknown one.
    """
    _require_name(package_name)
    for prefix in get_search_paths():
        share = Path(prefix, "share")
        marker = share / "ament_index" / "resource_index" / "packages" / package_name
        if marker.is_file() or (share / package_name / "package.xml").is_file():
            return prefix
    if package_name in editable_packages():
        return sys.prefix
    raise PackageNotFoundError(f"package '{package_name}' not found")


def get_package_share_directory(package_name: str, print_warning: bool = True) -> str:
    """Return the share directory of a package.

    Raises ValueError for an empty name, PackageNotFoundError for an unknown one.
    """
    _require_name(package_name)
    prefix = None
    try:
        prefix = get_package_prefix(package_name)
    except PackageNotFoundError:
        if package_name not in editable_packages():
            raise
    # pip copies the shared files of an editable install too; the source is what its author edits.
    if package_name in editable_packages() and prefix in (None, sys.prefix):
        return str(editable_packages()[package_name])
    assert prefix is not None
    path = os.path.join(prefix, "share", package_name)  # noqa: PTH118
    if print_warning and not Path(path).exists():
        sys.stderr.write(f"Warning: share directory {path} does not exist.\n")
    return path


def get_package_share_path(package_name: str, print_warning: bool = True) -> Path:
    """Return the share directory of a package as a Path.

    Raises what get_package_share_directory() raises.
    """
    return Path(get_package_share_directory(package_name, print_warning=print_warning))


def _require_name(package_name: str) -> None:
    """Refuse an empty or malformed package name."""
    if not package_name:
        raise ValueError("Expecting a package name, got an empty string")
    if not package_name.replace("-", "_").isidentifier():
        raise ValueError(
            f"'{package_name}' is not a valid package name: use letters, digits, '_' and '-'"
        )
