from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from execution_orchestrator.monitoring.alerts.delivery.rules import (
    QuietHours,
    Rule,
    Rules,
    RulesError,
)

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(begin="22:00", end="06:30", time_zone="Europe/Berlin")


def at(*moment):
    return datetime(2026, *moment, tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(3, 2, 21, 59), at(3, 2, 21, 59)),
        (at(3, 2, 22, 0), at(3, 3, 6, 30)),
        (at(3, 3, 6, 29), at(3, 3, 6, 30)),
        (at(3, 3, 6, 30), at(3, 3, 6, 30)),
        # Summer time begins at two: the end is what the clock on the wall shows.
        (at(3, 28, 23, 0), at(3, 29, 6, 30)),
        (at(10, 24, 23, 0), at(10, 25, 6, 30)),
    ],
)
def test_over_midnight_it_is_quiet_until_the_morning(now, until):
    assert NIGHT.until(now) == until


def test_the_days_are_those_on_which_it_begins():
    weekend = QuietHours(begin="22:00", end="06:00", days=["sat"], time_zone="Europe/Berlin")
    assert weekend.until(at(3, 7, 23, 0)) == at(3, 8, 6, 0)  # Saturday
    assert weekend.until(at(3, 8, 5, 0)) == at(3, 8, 6, 0)
    assert weekend.until(at(3, 8, 23, 0)) == at(3, 8, 23, 0)


def test_by_day_it_ends_on_the_same_day():
    noon = QuietHours(begin="12:00", end="13:00", time_zone="Europe/Berlin")
    assert noon.until(at(3, 2, 12, 30)) == at(3, 2, 13, 0)
    assert noon.until(at(3, 2, 13, 0)) == at(3, 2, 13, 0)


def test_errors_are_told_in_the_night_all_the_same():
    rule = Rule(name="r", to=["t"], quiet_hours=NIGHT)
    night = at(3, 2, 23, 0)
    assert rule.when("warning", night) == at(3, 3, 6, 30)
    assert rule.when("error", night) == night


@pytest.mark.parametrize(
    ("fields", "alert", "means"),
    [
        ({}, ("battery", "warning", ()), True),
        ({}, ("battery", "info", ()), False),
        ({"severities": ["info"]}, ("battery", "info", ()), True),
        ({"alerts": ["robot_*", "dead?letters"]}, ("dead_letters", "error", ()), True),
        ({"alerts": ["robot_*"]}, ("battery", "error", ()), False),
        ({"robots": ["r1*"]}, ("battery", "error", ("r12", "r2")), True),
        ({"robots": ["r1*"]}, ("battery", "error", ("r2",)), False),
        ({"robots": ["r1*"]}, ("battery", "error", ()), False),
    ],
)
def test_which_alerts_a_rule_means(fields, alert, means):
    assert Rule(name="r", to=["t"], **fields).means(*alert) is means


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rules: [{name: a, to: [phone]}]", "no target is called phone; there are: none"),
        ("targets: {a: {}}", "give either url or variable"),
        ("targets: {a: {url: x, variable: Y}}", "give either url or variable"),
        ("rules: [{name: a, to: []}]", r"rules\.0\.to"),
        ("rules: [{name: a, to: [t], severity: x}]", "Did you mean severities"),
        (
            "targets: {t: {url: 'json://h'}}\nrules: [{name: a, to: [t]}, {name: a, to: [t]}]",
            "two rules are called a",
        ),
        (
            "rules: [{name: a, to: [t], quiet_hours: {begin: '22', end: '6:00'}}]",
            "quiet_hours.begin",
        ),
        (
            "rules: [{name: a, to: [t], quiet_hours: {begin: '22:00', end: '06:00', "
            "time_zone: Mars/Base}}]",
            "no time zone 'Mars/Base'",
        ),
        ("{", "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, text, told):
    file = tmp_path / "notifications.yaml"
    file.write_text(text)
    with pytest.raises(RulesError, match=told):
        Rules.load(file)


def test_a_secret_may_be_in_the_environment():
    rules = Rules(targets={"a": {"variable": "PHONE"}, "b": {"url": "json://h"}})
    assert rules.urls({"PHONE": "tgram://x"}) == {"a": "tgram://x", "b": "json://h"}
    with pytest.raises(RulesError, match="target a: the environment variable PHONE is not set"):
        rules.urls({})
