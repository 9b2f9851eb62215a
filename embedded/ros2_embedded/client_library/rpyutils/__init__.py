"""Helpers of packages with C extensions; there is nothing to prepare for them here."""

from contextlib import contextmanager
from importlib import import_module

__all__ = ["add_dll_directories_from_env", "import_c_library"]


@contextmanager
def add_dll_directories_from_env(env_name):
    """Do nothing: only Windows looks for libraries in this way."""
    yield


def import_c_library(name, package=None):
    """Import a C extension module."""
    return import_module(name, package)
