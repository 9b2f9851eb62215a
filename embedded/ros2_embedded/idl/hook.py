"""Makes ``from std_msgs.msg import String`` work: modules that load classes when asked."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from ros2_embedded.idl.catalog import KINDS, interface_names, share_directory
from ros2_embedded.idl.errors import InterfaceNotFoundError


class InterfaceFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last on `sys.meta_path`, so that any real Python package or module wins."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find ``package`` (if it has interfaces), ``package.msg`` and ``package.msg._name``."""
        del path, target
        package, _, rest = fullname.partition(".")
        if rest and rest.split(".", 1)[0] not in KINDS:
            return None
        try:
            share = share_directory(package)
        except InterfaceNotFoundError:
            return None
        if not rest:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        kind, _, module = rest.partition(".")
        if not (share / kind).is_dir() or "." in module or (module and not module.startswith("_")):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=not module)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make the module of a folder of interfaces, or of one of them."""
        parts = spec.name.split(".")
        if len(parts) == 1:
            return ModuleType(spec.name)
        return InterfaceModule(spec.name)

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
        from ros2_embedded.idl import load  # noqa: PLC0415

        try:
            made = load(f"{package}/{folder}/{name}")
        except (InterfaceNotFoundError, ValueError) as failure:
            raise AttributeError(
                f"module {self.__name__!r} has no attribute {name!r}: {failure}"
            ) from None
        setattr(self, name, made)
        return made

    def __dir__(self) -> list[str]:
        parts = self.__name__.split(".")
        return sorted({*super().__dir__(), *interface_names(parts[0], parts[1])})

    @property
    def __all__(self) -> list[str]:
        parts = self.__name__.split(".")
        return interface_names(parts[0], parts[1])


def install() -> None:
    """Put the finder at the end of `sys.meta_path`, once."""
    if not any(isinstance(finder, InterfaceFinder) for finder in sys.meta_path):
        sys.meta_path.append(InterfaceFinder())
