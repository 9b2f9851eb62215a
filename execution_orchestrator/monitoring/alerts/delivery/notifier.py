"""Delivers alerts to people, in a thread of its own: a slow mail server does not delay the node."""

from __future__ import annotations

import logging
import math
import platform
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from execution_orchestrator.monitoring.alerts.delivery.outbox import (
    AGAIN,
    RESOLVED,
    AlertNotice,
    Message,
    Outbox,
    Waiting,
)
from execution_orchestrator.monitoring.alerts.delivery.rules import Rules
from execution_orchestrator.monitoring.alerts.delivery.sending import Sender

log = logging.getLogger(__name__)
FILE = "notifications.db"  # in the state directory
PERIOD = 1.0  # seconds between two looks
SETTLED = 60.0  # seconds after the start, until what is not raised again is over
STOP_TIMEOUT = 10.0  # seconds


class Notifier:
    """Takes alerts in from any thread; ``active`` are those that are raised now.

    ``now`` are Unix seconds of a wall clock, because people read them; alerts that are not raised
    again within ``settled`` seconds after the start count as over.
    """

    def __init__(
        self,
        rules: Rules,
        sender: Sender,
        file: Path,
        active: Callable[[], Collection[tuple[str, str]]],
        *,
        now: Callable[[], float] = time.time,
        settled: float = SETTLED,
        period: float = PERIOD,
    ) -> None:
        self._robot = rules.robot or platform.node()
        self._outbox = Outbox(file, rules.rules, rules.targets)
        self._sender = sender
        self._active = active
        self._now = now
        self._period = period
        self._settled = time.monotonic() + settled
        self._incoming: deque[AlertNotice] = deque()
        self._wake = threading.Event()
        self._ending = False
        self._failure = ""
        self._waiting = self._outbox.waiting()
        self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Write down what is still to be sent, and end; it is sent after the next start."""
        self._ending = True
        self._wake.set()
        self._thread.join(STOP_TIMEOUT)

    def tell(self, alerts: Iterable[AlertNotice]) -> None:
        """Take in alerts that were raised, or are over."""
        self._incoming.extend(alerts)
        self._wake.set()

    @property
    def waiting(self) -> Waiting:
        """How delivery is."""
        return self._waiting

    @property
    def failure(self) -> str:
        """Why nothing can be kept or delivered, empty while all is well."""
        return self._failure

    def _run(self) -> None:
        while True:
            self._wake.wait(self._period)
            self._wake.clear()
            try:
                self._turn()
                self._failure = ""
            except (sqlite3.Error, OSError) as failure:
                if not self._failure:
                    log.error("alerts cannot be told: %s", failure)
                self._failure = f"{failure}; free space or repair the disk"
            if self._ending:
                self._outbox.close()
                return

    def _turn(self) -> None:
        now = self._now()
        while self._incoming:
            self._outbox.take(self._incoming[0], now)
            self._incoming.popleft()
        if time.monotonic() >= self._settled:
            # Only once: from now on the end of every alert is reported.
            self._settled = math.inf
            self._outbox.look(now, {*self._active(), *(one.key for one in self._incoming)})
        self._outbox.look(now)
        while not self._ending and not self._incoming:
            message = self._outbox.next(self._now())
            if message is None:
                break
            self._deliver(message)
        self._waiting = self._outbox.waiting()

    def _deliver(self, message: Message) -> None:
        title, body = self.words(message)
        severity = RESOLVED if message.kind == RESOLVED else message.severity
        reason = self._sender.send(message.target, title, body, severity)
        if not reason:
            self._outbox.delivered(message)
            return
        log.warning("%s was not told to %s: %s", message.alert_id, message.target, reason)
        self._outbox.failed(message, reason, self._now())

    def words(self, message: Message) -> tuple[str, str]:
        """Return title and text of a message."""
        kind = {RESOLVED: "over", AGAIN: "still there"}.get(message.kind, message.severity)
        lines = [message.text]
        if message.execution_id:
            lines.append(f"Execution: {message.execution_id}")
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(message.made))
        lines.append(f"{'Over since' if message.kind == RESOLVED else 'At'} {when}.")
        if message.sending:
            lines.append("The node died while it sent this: it may have come before.")
        return f"[{self._robot}] {message.alert_id}: {kind}", "\n".join(lines)
