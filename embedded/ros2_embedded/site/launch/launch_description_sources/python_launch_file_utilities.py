"""Loads launch files written in Python."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

from launch.invalid_launch_file_error import InvalidLaunchFileError
from launch.launch_description import LaunchDescription


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
