"""`ros2 run execution_orchestrator access`: who may use the web page beyond this machine.

A token is shown once, when it is made; the file has only a salted hash of it. The node reads the
file again whenever it changes. The node's parameter access_file names the file.
"""

from __future__ import annotations

import argparse
import fcntl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from execution_orchestrator.access.people import FILE, AccessError, People
from execution_orchestrator.access.roles import Role
from execution_orchestrator.storage.database import default_state_directory

ROLES = [role.value for role in Role]


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator access",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "--file", type=Path, default=None, help=f"the file; default: {FILE} in the state directory"
    )
    what = words.add_subparsers(dest="what", required=True)
    for name, help_text in (
        ("add", "let somebody in, and print their token once"),
        ("role", "give somebody another role; their token stays"),
    ):
        one = what.add_parser(name, help=help_text, parents=[everywhere])
        one.add_argument("name", help="letters, digits, points, underscores, hyphens, @")
        one.add_argument(
            "--role",
            choices=ROLES,
            required=True,
            help="watch: look, and stop; operate: run and steer, too; administer: all",
        )
    for name, help_text in (
        ("renew", "print a new token for somebody; the old one is no longer good"),
        ("remove", "let somebody in no longer"),
    ):
        one = what.add_parser(name, help=help_text, parents=[everywhere])
        one.add_argument("name", help="as `list` shows it")
    what.add_parser("list", help="who may do what", parents=[everywhere])
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 if the file or the name does not allow it."""
    options = parser().parse_args(arguments)
    path: Path = options.file or default_state_directory() / FILE
    try:
        if options.what == "list":
            _list(People.load(path))
            return 0
        with _alone(path):
            _change(options, path)
    except AccessError as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _list(people: People) -> None:
    for name, kept in sorted(people.people.items()):
        print(f"{name:<24} {kept.role:<12} token of {kept.made or 'an unknown day'}")
    if not people.people:
        print("nobody")


def _change(options: argparse.Namespace, path: Path) -> None:
    name = options.name
    is_new = not path.exists()
    people = People() if is_new and options.what == "add" else People.load(path)
    if options.what == "add":
        if name in people.people:
            raise AccessError(f"{name} is there already; say renew for a new token, or role")
        people, token = people.with_token(name, Role(options.role))
        people.save(path)
        _tell(name, people, token, path)
        if is_new:
            print(f"The node's parameter access_file has to be {path.absolute()}", file=sys.stderr)
        return
    if name not in people.people:
        known = ", ".join(sorted(people.people)) or "nobody"
        raise AccessError(f"{path} does not know {name}; it knows {known}")
    if options.what == "renew":
        people, token = people.with_token(name, people.people[name].role)
        people.save(path)
        _tell(name, people, token, path)
    elif options.what == "role":
        people.with_role(name, Role(options.role)).save(path)
        print(f"{name} may {options.role}")
    else:
        people.without(name).save(path)
        print(f"{name} is let in no longer")


def _tell(name: str, people: People, token: str, path: Path) -> None:
    """Print the token alone on stdout, so that it can be piped into a safe place."""
    print(token)
    message = f"This is the token of {name} ({people.people[name].role}); it is not shown again."
    print(f"{message} {path} has a hash of it.", file=sys.stderr)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep two of these commands from writing over each other.

    Raises:
        AccessError: the folder cannot be written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f".{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as failure:
        raise AccessError(f"{path.parent} cannot be written: {failure}") from failure


if __name__ == "__main__":
    sys.exit(main())
