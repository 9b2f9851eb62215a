"""Alerts reach a real webhook and a real mail server, over restarts and failures."""

import sqlite3
import sys

import pytest

from execution_orchestrator.cli.alerts import main
from execution_orchestrator.monitoring.alerts.delivery import notifier as module
from execution_orchestrator.monitoring.alerts.delivery.notifier import Notifier
from execution_orchestrator.monitoring.alerts.delivery.outbox import AlertNotice, Waiting
from execution_orchestrator.monitoring.alerts.delivery.rules import Rules, RulesError
from execution_orchestrator.monitoring.alerts.delivery.sending import AppriseSender
from execution_orchestrator.monitoring.health import Level, of_notifications
from test.unit.monitoring.receivers import TIMEOUT, Mailbox, Webhook

LOW = AlertNotice("battery", "", "warning", "the battery is low")
SLOW = AlertNotice("slow", "e1", "error", "it is slow")
OVER = AlertNotice("slow", "e1", "error", "it is slow", active=False)


@pytest.fixture
def webhook():
    made = Webhook()
    yield made
    made.stop()


@pytest.fixture
def mailbox():
    made = Mailbox()
    yield made
    made.stop()


@pytest.fixture
def started(tmp_path):
    """Return a function that starts a notifier on the same file; the one before is ended."""
    running = []

    def start(urls, active=(), rules=None, **settings):
        for one in running:
            one.stop()
        targets = {name: {"url": url} for name, url in urls.items()}
        told = rules or [{"name": "all", "to": list(urls), "alerts": ["*"]}]
        read = Rules.model_validate({"robot": "r7", "targets": targets, "rules": told})
        made = Notifier(
            read,
            AppriseSender(read.urls()),
            tmp_path / "state" / "n.db",
            lambda: set(active),
            period=0.02,
            **settings,
        )
        made.start()
        running[:] = [made]
        return made

    yield start
    for one in running:
        one.stop()


def test_an_alert_and_its_end_reach_a_webhook_and_a_mailbox(started, webhook, mailbox):
    notifier = started({"hook": webhook.url, "mail": mailbox.url})
    notifier.tell([SLOW])
    (first,) = webhook.kept.wait(1)
    assert (first["title"], first["type"]) == ("[r7] slow: error", "failure")
    assert first["message"].startswith("it is slow\nExecution: e1\nAt 20")
    ((to, mail),) = mailbox.kept.wait(1)
    assert (to, mail["subject"]) == (["anna@example.org"], "[r7] slow: error")
    notifier.tell([OVER])
    assert webhook.titles(2)[1] == "[r7] slow: over"
    assert mailbox.kept.wait(2)[1][1]["subject"] == "[r7] slow: over"


def test_what_was_told_is_not_told_again_after_a_restart(started, webhook):
    started({"hook": webhook.url}).tell([LOW])
    webhook.kept.wait(1)
    again = started({"hook": webhook.url}, active={LOW.key, SLOW.key}, settled=0.0)
    again.tell([LOW, SLOW])
    assert webhook.titles(2) == ["[r7] battery: warning", "[r7] slow: error"]
    again = started({"hook": webhook.url}, active={LOW.key}, settled=0.0)
    assert webhook.titles(3)[2] == "[r7] slow: over"
    assert again.waiting == Waiting(0, {}, 0)


def test_what_a_server_does_not_take_is_tried_again_and_shown(
    started, webhook, monkeypatch, tmp_path
):
    monkeypatch.setattr("execution_orchestrator.monitoring.alerts.delivery.outbox.FIRST_RETRY", 0.1)
    webhook.status = 503
    notifier = started({"hook": webhook.url})
    notifier.tell([LOW])
    webhook.asked.wait(2)
    wait_for(lambda: "hook" in (notifier.waiting.failing or {}))
    assert "503" in notifier.waiting.failing["hook"]
    shown = of_notifications(notifier.waiting, notifier.failure)
    assert shown.level is Level.WARN
    assert "alerts are not told to hook" in shown.message
    notifier = started({"hook": webhook.url})
    webhook.status = 200
    assert webhook.titles(1) == ["[r7] battery: warning"]
    wait_for(lambda: notifier.waiting.messages == 0)
    assert of_notifications(notifier.waiting, notifier.failure).level is Level.OK


def wait_for(condition):
    """Wait until something is so, looking again and again."""
    deadline = module.time.monotonic() + TIMEOUT
    while not condition():
        assert module.time.monotonic() < deadline


def test_a_disk_that_fails_is_told_and_nothing_is_lost(started, webhook, monkeypatch):
    notifier = started({"hook": webhook.url})
    take = notifier._outbox.take

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    notifier._outbox.take = full
    notifier.tell([LOW])
    wait_for(lambda: notifier.failure)
    shown = of_notifications(notifier.waiting, notifier.failure)
    assert shown.level is Level.ERROR
    assert "disk is full; free space" in shown.message
    notifier._outbox.take = take
    assert webhook.titles(1) == ["[r7] battery: warning"]
    wait_for(lambda: not notifier.failure)


def test_a_message_that_may_have_arrived_says_so(started, webhook, tmp_path):
    started({"hook": webhook.url}).stop()
    with sqlite3.connect(tmp_path / "state" / "n.db") as database:
        database.execute(
            "INSERT INTO message (rule, alert_id, execution_id, target, kind, severity, text, made,"
            " due, sending) VALUES ('all', 'a', '', 'hook', 'again', 'error', 'x', 0, 0, 1)"
        )
    started({"hook": webhook.url})
    (message,) = webhook.kept.wait(1)
    assert message["title"] == "[r7] a: still there"
    assert "it may have come before" in message["message"]


def test_secrets_are_not_told(webhook):
    sender = AppriseSender({"hook": "json://robot:hush@127.0.0.1:9/?+X-Key=silence"})
    reason = sender.send("hook", "t", "b", "error")
    assert reason
    told = sender._without_secrets("hook", "no answer of robot:hush@h/?+X-Key=silence")
    assert told == "no answer of robot:***@h/?***"
    with pytest.raises(RulesError, match=r"target x: .*\(nonsense:") as raised:
        AppriseSender({"x": "nonsense://u:hush@h"})
    assert "hush" not in str(raised.value)


def test_without_apprise_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(RulesError, match="pip install apprise"):
        AppriseSender({})


# ------------------------------------------------------------------ the command


def written(tmp_path, *lines):
    file = tmp_path / "notifications.yaml"
    file.write_text("\n".join(lines))
    return str(file)


def test_the_command_sends_a_test_to_each_target(tmp_path, webhook, mailbox, capsys):
    file = written(
        tmp_path,
        "robot: r7",
        f"targets: {{hook: {{url: '{webhook.url}'}}, mail: {{url: '{mailbox.url}'}}}}",
        "rules: [{name: all, to: [hook, mail]}]",
    )
    assert main(["test", file]) == 0
    assert capsys.readouterr().out == "hook: taken\nmail: taken\n"
    assert webhook.titles(1) == ["[r7] a test"]
    mailbox.kept.wait(1)
    webhook.status = 404
    assert main(["test", file, "--to", "hook"]) == 1
    assert "404" in capsys.readouterr().out
    assert main(["test", file, "--to", "phone"]) == 1
    assert "there are: hook, mail" in capsys.readouterr().err
    assert main(["check", file]) == 0
    assert "1 rule, 2 targets" in capsys.readouterr().out


def test_the_command_tells_what_is_wrong_with_the_file(tmp_path, capsys):
    assert main(["check", written(tmp_path, "rules: [{name: all, to: [phone]}]")]) == 1
    assert "no target is called phone" in capsys.readouterr().err
