"""Where launch descriptions come from."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

from launch.launch_description import LaunchDescription
from launch.launch_description_source import LaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType


class InvalidLaunchFileError(Exception):
    """The launch file is not valid in the language its name or content suggests."""

    def __init__(
        self, extension: str = "", *, likely_errors: Sequence[BaseException] | None = None
    ) -> None:
        if extension == "" or not likely_errors:
            message = "The launch file may have a syntax error, or its format is unknown"
        else:
            errors = "; ".join(f"{type(error).__name__}: {error}" for error in likely_errors)
            message = f"Caught exception when trying to load file of format [{extension}]: {errors}"
        super().__init__(message)
        if likely_errors:
            self.__cause__ = likely_errors[0]


class InvalidPythonLaunchFileError(InvalidLaunchFileError):
    """The Python launch file does not define what it must."""


def load_python_launch_file_as_module(python_launch_file_path: str) -> ModuleType:
    """Execute a Python launch file as a module of its own."""
    loader = SourceFileLoader("python_launch_file", python_launch_file_path)
    # A cached byte code file beside a launch file would only be in the way there.
    loader.set_data = lambda *_, **__: None  # type: ignore[method-assign]
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def get_launch_description_from_python_launch_file(
    python_launch_file_path: str,
) -> LaunchDescription:
    """Load a launch file.

    Raises InvalidPythonLaunchFileError if it defines no `generate_launch_description()` or that
    returns something else.
    """
    module = load_python_launch_file_as_module(python_launch_file_path)
    generate = getattr(module, "generate_launch_description", None)
    if generate is None:
        raise InvalidPythonLaunchFileError(
            "py",
            likely_errors=[
                AttributeError(
                    f"launch file at '{python_launch_file_path}' does not contain the required "
                    "function 'generate_launch_description()'"
                )
            ],
        )
    description = generate()
    if not isinstance(description, LaunchDescription):
        raise InvalidPythonLaunchFileError(
            "py",
            likely_errors=[
                TypeError(
                    f"'generate_launch_description()' in '{python_launch_file_path}' returned a "
                    f"{type(description).__name__}, not a LaunchDescription"
                )
            ],
        )
    return description


def get_launch_description_from_any_launch_file(launch_file_path: str) -> LaunchDescription:
    """Load a launch file in Python.

    Raises InvalidLaunchFileError if it is in another language or not valid, FileNotFoundError if
    there is none.
    """
    if not Path(launch_file_path).is_file():
        raise FileNotFoundError(f"launch file '{launch_file_path}' does not exist")
    if not launch_file_path.endswith(".py"):
        error = NotImplementedError("launch files in XML and YAML are left to a whole ROS 2")
        raise InvalidLaunchFileError(Path(launch_file_path).suffix[1:], likely_errors=[error])
    return get_launch_description_from_python_launch_file(launch_file_path)


class AnyLaunchDescriptionSource(LaunchDescriptionSource):
    """Loads a launch file; only those in Python can be read here."""

    def __init__(self, launch_file_path: SomeSubstitutionsType) -> None:
        super().__init__(None, launch_file_path, "interpreted launch file")

    def _get_launch_description(self, location: str) -> LaunchDescription:
        return get_launch_description_from_any_launch_file(location)


class PythonLaunchDescriptionSource(LaunchDescriptionSource):
    """Loads a launch file written in Python."""

    def __init__(self, launch_file_path: SomeSubstitutionsType) -> None:
        super().__init__(None, launch_file_path, "interpreted python launch file")

    def _get_launch_description(self, location: str) -> LaunchDescription:
        return get_launch_description_from_python_launch_file(location)
