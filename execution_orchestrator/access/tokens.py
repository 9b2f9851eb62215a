"""Tokens: made at random, kept as salted hashes, compared in constant time.

A token has 256 random bits, so nobody finds it by trying, and a slow hash would only help those who
want to keep the node busy. The salt keeps two files from showing that they hold the same token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
BYTES = 32  # of randomness in a token
LONGEST = 512  # characters of what may be a token


def new_token() -> str:
    """Return a new, unique token."""
    return secrets.token_urlsafe(BYTES)


def new_salt() -> str:
    """Return a salt, in hexadecimal digits."""
    return secrets.token_hex(16)


def hashed(token: str, salt: str) -> str:
    """Return what is kept of a token, in hexadecimal digits."""
    return hmac.new(salt.encode(), token.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that says nothing about where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def owner_of(token: str, secrets_of: Iterable[tuple[T, str, str]]) -> T | None:
    """Return whose token it is; ``secrets_of`` has an owner, a salt and a hash for each.

    Every one is compared, whether or not the owner is found.
    """
    found = None
    if len(token) > LONGEST:
        return None
    for owner, salt, kept in secrets_of:
        if same(hashed(token, salt), kept):
            found = owner
    return found
