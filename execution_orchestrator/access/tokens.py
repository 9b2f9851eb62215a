"""Tokens: made at random, kept as salted hashes, compared in constant time.

A token has 256 random bits, so it cannot be guessed, and a slow hash would only make it easier to
keep the node busy. The salt hides that two files hold the same token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
BYTES = 32  # of randomness in a token
LONGEST = 512  # characters; a longer text is not compared with any token


def new_token() -> str:
    """Return a new, unique token."""
    return secrets.token_urlsafe(BYTES)


def new_salt() -> str:
    """Return a salt, in hexadecimal digits."""
    return secrets.token_hex(16)


def hashed(token: str, salt: str) -> str:
    """Return the salted hash of a token, in hexadecimal digits; the token itself is not kept."""
    return hmac.new(salt.encode(), token.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not depend on where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def owner_of(token: str, secrets_of: Iterable[tuple[T, str, str]]) -> T | None:
    """Return the owner of a token, None if it has none.

    ``secrets_of`` has the owner, salt and hash of every token. All are compared, so that the time
    taken does not depend on which one matches.
    """
    found = None
    if len(token) > LONGEST:
        return None
    for owner, salt, kept in secrets_of:
        if same(hashed(token, salt), kept):
            found = owner
    return found
