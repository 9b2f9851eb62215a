"""Who is notified of which alerts, and when: config/notifications.yaml."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from execution_orchestrator.extras import how_to_get
from execution_orchestrator.monitoring.alerts.condition import Severity
from execution_orchestrator.plan.file_errors import raised_as
from execution_orchestrator.plan.yaml_reader import read_yaml

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,47}$")]
WITHOUT = f"apprise is not installed: {how_to_get('alerts')}"


class RulesError(ValueError):
    """The file cannot be used; the message names every wrong place."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Target(_Entry):
    """Where to: an apprise URL, or the environment variable that has it, for its secrets."""

    url: str = ""
    variable: str = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.url) == bool(self.variable):
            raise ValueError("give either url or variable")
        return self


class QuietHours(_Entry):
    """From one time of day to another, past midnight if that is earlier, begun on one of ``days``.

    Alerts with a severity in ``not_for`` are sent nevertheless.
    """

    begin: time
    end: time
    days: tuple[Day, ...] = DAYS
    time_zone: str = ""
    not_for: tuple[Severity, ...] = (Severity.ERROR,)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {name!r}") from None
        return name

    def until(self, moment: float) -> float:
        """Return when it is no longer quiet, in Unix seconds; ``moment`` itself if it is not."""
        zone = ZoneInfo(self.time_zone) if self.time_zone else None
        now = datetime.fromtimestamp(moment, zone) if zone else _local(moment)
        for back in (1, 0):  # quiet hours that began yesterday may not be over
            day = now.date() - timedelta(days=back)
            if DAYS[day.weekday()] not in self.days:
                continue
            begin = datetime.combine(day, self.begin, now.tzinfo)
            over = self.end <= self.begin
            end = datetime.combine(day + timedelta(days=over), self.end, now.tzinfo)
            if begin <= now < end:
                return end.timestamp()
        return moment


def _local(moment: float) -> datetime:
    return datetime.fromtimestamp(moment).astimezone()


class Rule(_Entry):
    """Which alerts go to which targets. Names are patterns as of a shell (``*``, ``?``, ``[abc]``).

    With ``robots`` other than all only alerts of executions that use one of them are sent.
    """

    name: Name
    to: tuple[Name, ...] = Field(min_length=1)
    alerts: tuple[str, ...] = ("*",)
    severities: tuple[Severity, ...] = (Severity.WARNING, Severity.ERROR)
    robots: tuple[str, ...] = ("*",)
    quiet_hours: QuietHours | None = None
    repeat_every: float = Field(0.0, ge=0.0, description="seconds, 0: told once")
    resolved: bool = True

    def means(self, alert_id: str, severity: str, robots: Collection[str]) -> bool:
        """Return whether this rule is about an alert."""
        return (
            severity in self.severities
            and _fits(alert_id, self.alerts)
            and ("*" in self.robots or any(_fits(robot, self.robots) for robot in robots))
        )

    def when(self, severity: str, now: float) -> float:
        """Return when the notification of an alert raised now is sent, in Unix seconds."""
        quiet = self.quiet_hours
        if quiet is None or severity in quiet.not_for:
            return now
        return quiet.until(now)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


class Rules(_Entry):
    """The whole file."""

    version: int = Field(default=1, ge=1, le=1)
    robot: str = Field("", description="how messages call this node; empty: the machine's name")
    targets: Mapping[Name, Target] = {}
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _all_there(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two rules are called {', '.join(sorted(twice))}")
        missing = {one for rule in self.rules for one in rule.to} - set(self.targets)
        if missing:
            known = ", ".join(sorted(self.targets)) or "none"
            raise ValueError(
                f"no target is called {', '.join(sorted(missing))}; there are: {known}"
            )
        return self

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file of rules.

        Raises:
            RulesError: it cannot be read, or something in it is wrong; all of it is listed.

        """
        with raised_as(RulesError, path, cls):
            return cls.model_validate(read_yaml(path.read_text(encoding="utf-8")) or {})

    def urls(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return the URL of each target.

        Raises:
            RulesError: an environment variable is not set.

        """
        missing = [
            f"target {name}: the environment variable {one.variable} is not set"
            for name, one in self.targets.items()
            if one.variable and not environment.get(one.variable)
        ]
        if missing:
            raise RulesError("; ".join(missing))
        return {name: one.url or environment[one.variable] for name, one in self.targets.items()}
