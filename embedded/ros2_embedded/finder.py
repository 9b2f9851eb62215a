"""Makes ``from std_msgs.msg import String`` work: modules that load classes when asked.

Every interpreter imports this module when it starts, so it imports next to nothing; what reads
interfaces follows when the first of them is asked for.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

# What type checkers take for true. The modules typing and importlib.abc are slow to import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from typing import Any
else:
    Loader = object  # importlib asks for the methods, not for the class

# The standard library looks for these on its own (site; copy, for Jython). No ROS package is
# called so, and the answer would take a look into all of pip's records.
OF_PYTHON = ("sitecustomize", "usercustomize", "org")


class InterfaceFinder:
    """Comes last on `sys.meta_path`, so that any real Python package or module wins."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find ``package`` (if it has interfaces), ``package.msg`` and ``package.msg._name``."""
        del path, target
        if fullname in OF_PYTHON:
            return None
        from ros2_embedded.search_path import KINDS, interface_directory  # noqa: PLC0415

        package, _, rest = fullname.partition(".")
        if rest and rest.split(".", 1)[0] not in KINDS:
            return None
        share = interface_directory(package)
        if share is None:
            return None
        if not rest:
            return ModuleSpec(fullname, InterfaceLoader(), is_package=True)
        kind, _, module = rest.partition(".")
        if not (share / kind).is_dir() or "." in module or (module and not module.startswith("_")):
            return None
        return ModuleSpec(fullname, InterfaceLoader(), is_package=not module)


class InterfaceLoader(Loader):
    """Makes the modules."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the module of a folder of interfaces, or of one of them."""
        return InterfaceModule(spec.name) if "." in spec.name else ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Prepare a module; its classes come later."""
        if module.__name__.count(".") < 2:
            module.__path__ = []


class InterfaceModule(ModuleType):
    """``package.msg``: a class is made when it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        package, folder = self.__name__.split(".")[:2]
        from ros2_embedded.idl import InterfaceNotFoundError, load  # noqa: PLC0415

        try:
            made = load(f"{package}/{folder}/{name}")
        except (InterfaceNotFoundError, ValueError) as failure:
            raise AttributeError(
                f"module {self.__name__!r} has no attribute {name!r}: {failure}"
            ) from None
        setattr(self, name, made)
        return made

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__all__})

    @property
    def __all__(self) -> list[str]:
        from ros2_embedded.idl.catalog import interface_names  # noqa: PLC0415

        package, folder = self.__name__.split(".")[:2]
        return interface_names(package, folder)


def install() -> None:
    """Put the finder at the end of `sys.meta_path`, once."""
    if not any(isinstance(finder, InterfaceFinder) for finder in sys.meta_path):
        sys.meta_path.append(InterfaceFinder())
