"""The error of a launch file that no front end can read."""

from collections.abc import Sequence


class InvalidLaunchFileError(Exception):
    """The launch file is not valid in the language its name or content suggests."""

    def __init__(
        self, extension: str = "", *, likely_errors: Sequence[BaseException] | None = None
    ) -> None:
        self._extension = extension
        self._likely_errors = likely_errors
        if extension == "" or not likely_errors:
            message = "The launch file may have a syntax error, or its format is unknown"
        else:
            errors = "; ".join(f"{type(error).__name__}: {error}" for error in likely_errors)
            message = f"Caught exception when trying to load file of format [{extension}]: {errors}"
        super().__init__(message)
        if likely_errors:
            self.__cause__ = likely_errors[0]
