"""The file of people: name, role and the salted hash of a token; read again when it changes."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from execution_orchestrator.access.roles import Role
from execution_orchestrator.access.tokens import hashed, new_salt, new_token, owner_of
from execution_orchestrator.atomic_file import whole_file
from execution_orchestrator.plan.file_errors import raised_as
from execution_orchestrator.plan.yaml_reader import read_yaml

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,47}$"
HEX = r"^[0-9a-f]+$"
FILE = "access.yaml"  # in the state directory, unless named
HEAD = b"# Who may use the web page: ros2 run execution_orchestrator access writes this file.\n"
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class AccessError(ValueError):
    """The file of people cannot be used, or not be changed as asked; the message has the cure."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Kept(_Entry):
    """What the file has of one person; ``made`` is the day on which the token was made."""

    role: Role
    salt: str = Field(pattern=HEX, min_length=16, max_length=128)
    token_hash: str = Field(pattern=HEX, min_length=64, max_length=64)
    made: str = ""


class Person(_Entry):
    """A person of the file; ``token_hash`` differs after the token was replaced."""

    name: str
    role: Role
    token_hash: str


class People(_Entry):
    """The whole file."""

    version: int = Field(default=1, ge=1, le=1)
    people: Mapping[Annotated[str, Field(pattern=NAME)], Kept] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file of people.

        Raises:
            AccessError: it is not there, others may write it, or something in it is wrong.

        """
        with raised_as(AccessError, path, cls):
            return cls.model_validate(read_yaml(_text_of(path)) or {})

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all; only its owner may read it.

        Raises:
            AccessError: it cannot be written.

        """
        text = yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(HEAD + text.encode())
        except OSError as failure:
            raise AccessError(f"{path} cannot be written: {failure}") from failure

    def with_token(self, name: str, role: Role) -> tuple[Self, str]:
        """Return these people with a new token for one of them, and the token.

        Raises:
            AccessError: ``name`` is not a valid name.

        """
        token, salt = new_token(), new_salt()
        kept = Kept(
            role=role,
            salt=salt,
            token_hash=hashed(token, salt),
            made=datetime.now(UTC).date().isoformat(),
        )
        return self._changed({**self.people, name: kept}), token

    def with_role(self, name: str, role: Role) -> Self:
        """Return these people with another role for one of them."""
        kept = self.people[name].model_copy(update={"role": role})
        return self._changed({**self.people, name: kept})

    def without(self, name: str) -> Self:
        """Return these people without one of them."""
        return self._changed({one: kept for one, kept in self.people.items() if one != name})

    def _changed(self, people: Mapping[str, Kept]) -> Self:
        try:
            return type(self)(version=self.version, people=people)
        except ValidationError:
            raise AccessError(
                "a name has up to 48 letters, digits, points, underscores, hyphens and @, "
                "and begins with a letter or digit"
            ) from None

    def by_token(self, token: str) -> Person | None:
        """Return the person a token belongs to, None if there is none."""
        entries = [(name, one.salt, one.token_hash) for name, one in self.people.items()]
        name = owner_of(token, entries)
        return None if name is None else self.by_name(name)

    def by_name(self, name: str) -> Person | None:
        """Return a person as the file has them, None if it does not."""
        kept = self.people.get(name)
        if kept is None:
            return None
        return Person(name=name, role=kept.role, token_hash=kept.token_hash)


def _text_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS_WRITE:
                raise AccessError(f"{path} can be written by others; say: chmod 600 {path}")
            return file.read()
    except FileNotFoundError:
        raise AccessError(
            f"{path} is not there; make it with: "
            f"ros2 run execution_orchestrator access add NAME --role operate --file {path}"
        ) from None


class PeopleFile:
    """The people in the newest version of a file. Thread-safe.

    While the file cannot be read it counts as empty: a person who was removed from it must not keep
    access because of a mistake in another line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""  # why the file cannot be read, empty if it can
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._people = People()

    def people(self) -> People:
        """Return the people of the file; ``problem`` says why there are none."""
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                try:
                    self._people, self.problem = People.load(self.path), ""
                except AccessError as failure:
                    self._people, self.problem = People(), str(failure)
            return self._people

    def _look(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except OSError:
            return (0,)
        # A replaced file has another inode, even with the same size and modification time.
        return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode
