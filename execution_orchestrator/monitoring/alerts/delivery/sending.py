"""Hands a message to apprise, which knows webhooks, e-mail and many services."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from execution_orchestrator.monitoring.alerts.delivery.rules import WITHOUT, RulesError

MOST_REASON = 300  # characters of why a message was not taken


class Sender(Protocol):
    """Delivers a message to a target. Blocking, in bounded time."""

    def send(self, target: str, title: str, body: str, severity: str) -> str:
        """Return why it was not delivered, empty if it was."""


class AppriseSender:
    """Sends by apprise; ``urls`` are those of the targets, by name.

    Raises:
        RulesError: apprise is not installed or does not understand a URL; all are listed.

    """

    def __init__(self, urls: Mapping[str, str]) -> None:
        try:
            apprise: Any = importlib.import_module("apprise")
        except ImportError:
            raise RulesError(WITHOUT) from None
        self._apprise = apprise
        self._targets: dict[str, Any] = {}
        self._secrets = {name: _secrets(url) for name, url in urls.items()}
        wrong = []
        with apprise.LogCapture(level=logging.CRITICAL):  # it would print URLs with their secrets
            for name, url in urls.items():
                made = apprise.Apprise()
                if made.add(url):
                    self._targets[name] = made
                else:
                    scheme = url.partition(":")[0]
                    wrong.append(
                        f"target {name}: apprise does not understand its URL ({scheme}:...); "
                        "see https://appriseit.com/services"
                    )
        if wrong:
            raise RulesError("; ".join(wrong))

    def send(self, target: str, title: str, body: str, severity: str) -> str:
        """Return why it was not delivered, empty if it was."""
        kinds = {"error": "failure", "warning": "warning", "resolved": "success"}
        kind = kinds.get(severity, "info")
        with self._apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:
            try:
                if self._targets[target].notify(title=title, body=body, notify_type=kind):
                    return ""
            except Exception as failure:  # of a plugin of apprise
                return self._without_secrets(target, f"{type(failure).__name__}: {failure}")
            lines = [line.strip() for line in said.getvalue().splitlines() if line.strip()]
        return self._without_secrets(target, "; ".join(lines) or "it was not taken")

    def _without_secrets(self, target: str, reason: str) -> str:
        for secret in self._secrets[target]:
            reason = reason.replace(secret, "***")
        return reason[:MOST_REASON]


def _secrets(url: str) -> list[str]:
    """Return the parts of a URL that must not be logged, the longest first."""
    try:
        parts = urlsplit(url)
        found = {parts.password or "", parts.query, url}
    except ValueError:
        found = {url}
    return sorted({*found, *map(unquote, found)} - {""}, key=len, reverse=True)
