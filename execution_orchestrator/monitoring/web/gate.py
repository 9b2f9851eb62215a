"""Who is asking: sessions of people who signed in with a token, and tokens sent with a request."""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from execution_orchestrator.access.people import PeopleFile, Person
from execution_orchestrator.access.roles import Role

SESSION = 43_200.0  # seconds after which a person signs in again: a shift is shorter
MOST_SESSIONS = 1000
FREE_TRIES = 5  # wrong tokens of one address until it has to wait,
FIRST_WAIT = 2.0  # seconds, twice as long after each further one,
LONGEST_WAIT = 300.0  # and at most so long
MOST_ADDRESSES = 1000  # that are remembered with wrong tokens


class WrongTokenError(Exception):
    """The token is unknown, or may not be tried yet; ``wait`` is seconds until the next try."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Visitor:
    """The sender of a request; without a file of people it has no name and every role."""

    name: str = ""
    role: Role = Role.ADMINISTER
    by_token: bool = False  # sent with the request itself, which no browser does unasked


@dataclass(slots=True)
class _Session:
    person: Person
    ends: float


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    until: float = 0.0


class Gate:
    """Knows who is asking. Any thread may ask; ``now`` are seconds that only go forward."""

    def __init__(
        self, people: PeopleFile | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._file = people
        self._now = now
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    @property
    def open(self) -> bool:
        """Whether there is no file of people, so that no sign-in is needed."""
        return self._file is None

    def who(self, session: str, bearer: str, address: str) -> Visitor | None:
        """Return the person of a session or of a token; None: neither is known.

        Raises:
            WrongTokenError: the token is unknown, or too many were tried from this address.

        """
        if self._file is None:
            return Visitor()
        if bearer:
            person = self._try(bearer, address)
            return Visitor(person.name, person.role, by_token=True)
        return self._of_session(session) if session else None

    def knows(self, name: str) -> bool:
        """Return whether a person of this name is in the file."""
        return self._file is None or self._file.people().by_name(name) is not None

    def sign_in(self, token: str, address: str) -> tuple[str, Visitor]:
        """Return a new session for the owner of a token.

        Raises:
            WrongTokenError: the token is unknown, or too many were tried from this address.

        """
        person = self._try(token, address)
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[_kept(name)] = _Session(person, self._now() + SESSION)
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        return name, Visitor(person.name, person.role)

    def sign_out(self, session: str) -> None:
        """End a session; one that is not known has ended already."""
        with self._lock:
            self._sessions.pop(_kept(session), None)

    def _of_session(self, session: str) -> Visitor | None:
        assert self._file is not None
        people, key = self._file.people(), _kept(session)
        with self._lock:
            found = self._sessions.get(key)
            if found is None:
                return None
            person = people.by_name(found.person.name)
            renewed = person is None or person.token_hash != found.person.token_hash
            if renewed or found.ends <= self._now():
                del self._sessions[key]
                return None
        assert person is not None
        return Visitor(person.name, person.role)

    def _try(self, token: str, address: str) -> Person:
        assert self._file is not None
        people = self._file.people()
        if self._file.problem:
            raise WrongTokenError("the node cannot read who may come in; its log says why")
        with self._lock:
            tries = self._tries.get(address)
            wait = 0.0 if tries is None else tries.until - self._now()
            if wait > 0.0:
                message = f"too many wrong tokens; try again in {math.ceil(wait)} s"
                raise WrongTokenError(message, wait)
            person = people.by_token(token)
            if person is not None:
                self._tries.pop(address, None)
                return person
            tries = self._tries.setdefault(address, _Tries())
            self._tries.move_to_end(address)
            while len(self._tries) > MOST_ADDRESSES:
                self._tries.popitem(last=False)
            tries.wrong += 1
            more = tries.wrong - FREE_TRIES
            if more >= 0:
                tries.until = self._now() + min(FIRST_WAIT * 2.0 ** min(more, 30), LONGEST_WAIT)
        raise WrongTokenError("nobody has this token")


def _kept(session: str) -> str:
    """Return the hash of a session's id, which is kept instead of the id itself."""
    return hashlib.sha256(session.encode()).hexdigest()
