"""Notifications to be sent, in a file of its own: a restart forgets none and sends none twice.

Of an alert that is raised the file knows since when, and which messages wait for which target. A
message leaves it when it was delivered. One that was being sent when the node died may have
arrived: it is sent again, and says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from execution_orchestrator.monitoring.alerts.delivery.rules import Rule

MOST = 1000  # messages that may wait
FIRST_RETRY = 10.0  # seconds, twice as long after each further failure,
LONGEST_RETRY = 3600.0  # and at most so long
GIVE_UP = 259_200.0  # seconds after which a message is no news any more
TABLES = """
CREATE TABLE IF NOT EXISTS raised (
  rule TEXT, alert_id TEXT, execution_id TEXT, severity TEXT, text TEXT, since REAL, told REAL,
  PRIMARY KEY (rule, alert_id, execution_id));
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT, alert_id TEXT, execution_id TEXT, target TEXT,
  kind TEXT, severity TEXT, text TEXT, made REAL, due REAL, attempts INTEGER DEFAULT 0,
  sending INTEGER DEFAULT 0, error TEXT DEFAULT '');
"""
RAISED, AGAIN, RESOLVED = "raised", "again", "resolved"


@dataclass(frozen=True, slots=True)
class AlertNotice:
    """An alert as it is raised or over; ``severity`` as in its condition."""

    alert_id: str
    execution_id: str
    severity: str
    text: str
    active: bool = True
    robots: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.alert_id, self.execution_id


@dataclass(frozen=True, slots=True)
class Message:
    """Something that waits; times are Unix seconds of a wall clock."""

    id: int
    rule: str
    alert_id: str
    execution_id: str
    target: str
    kind: str
    severity: str
    text: str
    made: float
    due: float
    attempts: int
    sending: int
    error: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How delivery is: ``failing`` has, by target, why its last message was not delivered."""

    messages: int = 0
    failing: Mapping[str, str] | None = None
    lost: int = 0  # since the start: given up, or no place left


class Outbox:
    """Keeps messages; used by one thread. ``targets`` are those that there are."""

    def __init__(self, file: Path, rules: Sequence[Rule], targets: Collection[str]) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._lost = 0
        file.parent.mkdir(parents=True, exist_ok=True)
        # It is made by one thread and used by another.
        self._database = sqlite3.connect(file, check_same_thread=False)
        file.chmod(0o600)
        self._database.row_factory = sqlite3.Row
        self._database.executescript(f"PRAGMA journal_mode=WAL;{TABLES}")
        with self._database:
            self._leave_only("message", "target", targets)
            self._leave_only("message", "rule", self._rules)
            self._leave_only("raised", "rule", self._rules)

    def _leave_only(self, table: str, column: str, names: Iterable[str]) -> None:
        known = list(names)
        marks = ",".join("?" * len(known))
        self._database.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({marks})", known)

    def take(self, notice: AlertNotice, now: float) -> None:
        """Take in that an alert was raised, or is over."""
        with self._database:
            for rule in self._rules.values():
                if not notice.active:
                    self._over(rule, notice.key, now)
                elif rule.means(notice.alert_id, notice.severity, notice.robots):
                    self._raised(rule, notice, now)

    def _raised(self, rule: Rule, notice: AlertNotice, now: float) -> None:
        known = self._database.execute(
            "INSERT OR IGNORE INTO raised VALUES (?, ?, ?, ?, ?, ?, ?)",
            (rule.name, *notice.key, notice.severity, notice.text, now, now),
        )
        if known.rowcount:  # it was raised before the restart, and reported then
            due = rule.when(notice.severity, now)
            for target in rule.to:
                self._put(rule, notice.key, target, RAISED, notice.severity, notice.text, now, due)

    def _over(self, rule: Rule, key: tuple[str, str], now: float) -> None:
        row = self._database.execute(
            "SELECT * FROM raised WHERE rule = ? AND alert_id = ? AND execution_id = ?",
            (rule.name, *key),
        ).fetchone()
        if row is None:
            return
        where = "rule = ? AND alert_id = ? AND execution_id = ?"
        self._database.execute(f"DELETE FROM raised WHERE {where}", (rule.name, *key))
        # Who has not heard of it yet need not hear that it is over, either.
        unheard = {
            one["target"]
            for one in self._database.execute(
                f"SELECT target FROM message WHERE {where} AND kind = ? AND sending = 0",
                (rule.name, *key, RAISED),
            )
        }
        self._database.execute(
            f"DELETE FROM message WHERE {where} AND kind != ? AND sending = 0",
            (rule.name, *key, RESOLVED),
        )
        if not rule.resolved:
            return
        due = rule.when(row["severity"], now)
        for target in rule.to:
            if target not in unheard:
                self._put(rule, key, target, RESOLVED, row["severity"], row["text"], now, due)

    def look(self, now: float, active: Collection[tuple[str, str]] | None = None) -> None:
        """Tell again what is still raised, where a rule wants that.

        With ``active``, all alerts that are raised, what is not among them is over.
        """
        with self._database:
            for row in self._database.execute("SELECT * FROM raised").fetchall():
                rule, key = self._rules[row["rule"]], (row["alert_id"], row["execution_id"])
                if active is not None and key not in active:
                    self._over(rule, key, now)
                elif rule.repeat_every and now - row["told"] >= rule.repeat_every:
                    self._again(rule, row, now)

    def _again(self, rule: Rule, row: Any, now: float) -> None:
        key = (row["alert_id"], row["execution_id"])
        self._database.execute(
            "UPDATE raised SET told = ? WHERE rule = ? AND alert_id = ? AND execution_id = ?",
            (now, rule.name, *key),
        )
        waits = {
            one["target"]
            for one in self._database.execute(
                "SELECT target FROM message WHERE rule = ? AND alert_id = ? AND execution_id = ?",
                (rule.name, *key),
            )
        }
        due = rule.when(row["severity"], now)
        for target in rule.to:
            if target not in waits:
                self._put(rule, key, target, AGAIN, row["severity"], row["text"], now, due)

    def _put(
        self,
        rule: Rule,
        key: tuple[str, str],
        target: str,
        kind: str,
        severity: str,
        text: str,
        now: float,
        due: float,
    ) -> None:
        self._database.execute(
            "INSERT INTO message (rule, alert_id, execution_id, target, kind, severity, text, made,"
            " due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (rule.name, *key, target, kind, severity, text, now, due),
        )
        (count,) = self._database.execute("SELECT count(*) FROM message").fetchone()
        if count > MOST:
            self._database.execute(
                "DELETE FROM message WHERE id IN (SELECT id FROM message ORDER BY id LIMIT ?)",
                (count - MOST,),
            )
            self._lost += count - MOST

    def next(self, now: float) -> Message | None:
        """Return the message that is to be sent now, and note that it is being sent."""
        with self._database:
            row = self._database.execute(
                "SELECT * FROM message WHERE due <= ? ORDER BY due, id LIMIT 1", (now,)
            ).fetchone()
            if row is None:
                return None
            self._database.execute("UPDATE message SET sending = 1 WHERE id = ?", (row["id"],))
        return Message(**dict(row))

    def delivered(self, message: Message) -> None:
        """Take a message off."""
        with self._database:
            self._database.execute("DELETE FROM message WHERE id = ?", (message.id,))

    def failed(self, message: Message, reason: str, now: float) -> None:
        """Put a message off, and those behind it for the same target; give up what is too old."""
        wait = min(FIRST_RETRY * 2.0 ** min(message.attempts, 30), LONGEST_RETRY)
        with self._database:
            self._database.execute(
                "UPDATE message SET sending = 0, attempts = attempts + 1, error = ? WHERE id = ?",
                (reason, message.id),
            )
            self._database.execute(
                "UPDATE message SET due = max(due, ?) WHERE target = ?",
                (now + wait, message.target),
            )
            gone = self._database.execute("DELETE FROM message WHERE made < ?", (now - GIVE_UP,))
            self._lost += gone.rowcount

    def waiting(self) -> Waiting:
        """Return how delivery is."""
        (count,) = self._database.execute("SELECT count(*) FROM message").fetchone()
        failing = {
            row["target"]: row["error"]
            for row in self._database.execute(
                "SELECT target, error FROM message WHERE error != '' ORDER BY id DESC"
            )
        }
        return Waiting(count, failing, self._lost)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()
