"""The output of a command."""

from __future__ import annotations

import shlex
import subprocess

from launch import logging
from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .values import SubstitutionFailure, describe_parts

#: Seconds after which a command that does not end counts as failed.
COMMAND_TIMEOUT = 300.0


class Command(Substitution):
    """What a command prints.

    `on_stderr` says what to do if it prints errors: fail, ignore, warn or capture.
    """

    def __init__(
        self, command: SomeSubstitutionsType, *, on_stderr: SomeSubstitutionsType = "fail"
    ) -> None:
        self.__command = normalize_to_list_of_substitutions(command)
        self.__on_stderr = normalize_to_list_of_substitutions(on_stderr)

    def describe(self) -> str:
        return f"Command({describe_parts(self.__command)})"

    def perform(self, context: LaunchContext) -> str:
        """Run the command and return what it printed.

        Raises SubstitutionFailure if it is missing, fails, or prints errors where it must not.
        """
        line = perform_substitutions(context, self.__command)
        policy = perform_substitutions(context, self.__on_stderr)
        if policy not in ("fail", "ignore", "warn", "capture"):
            raise SubstitutionFailure(
                f"on_stderr of command '{line}' is '{policy}': "
                "use 'fail', 'ignore', 'warn' or 'capture'"
            )
        try:
            result = subprocess.run(
                shlex.split(line),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if policy == "capture" else subprocess.PIPE,
                text=True,
                check=False,
                timeout=COMMAND_TIMEOUT,
            )
        except FileNotFoundError as error:
            raise SubstitutionFailure(f"file not found: {error}") from error
        except subprocess.TimeoutExpired as error:
            raise SubstitutionFailure(f"command '{line}' did not end: {error}") from error
        if result.returncode != 0:
            raise SubstitutionFailure(
                f"executed command failed. Command: {line}\n"
                f"exit code {result.returncode}, captured stderr output: {result.stderr}"
            )
        if result.stderr and policy in ("fail", "warn"):
            message = (
                f"executed command showed stderr output. Command: {line}\n"
                f"Captured stderr output:\n{result.stderr}"
            )
            if policy == "fail":
                raise SubstitutionFailure(message)
            logging.get_logger().warning(message)
        return result.stdout
