"""What waits to be told, by a clock of the test."""

import pytest

from execution_orchestrator.monitoring.alerts.delivery.outbox import (
    FIRST_RETRY,
    GIVE_UP,
    LONGEST_RETRY,
    MOST,
    AlertNotice,
    Outbox,
)
from execution_orchestrator.monitoring.alerts.delivery.rules import QuietHours, Rule

LOW = AlertNotice("battery", "", "warning", "the battery is low")
OVER = AlertNotice("battery", "", "warning", "the battery is low", active=False)


@pytest.fixture
def box(tmp_path):
    """Return a function that opens the outbox, again and again."""
    opened = []

    def make(*rules, targets=("phone", "mail")):
        for one in opened:
            one.close()
        opened[:] = [Outbox(tmp_path / "box.db", rules, targets)]
        return opened[0]

    yield make
    for one in opened:
        one.close()


def rule(**fields):
    return Rule(name=fields.pop("name", "all"), to=fields.pop("to", ["phone"]), **fields)


def sent(box, now):
    """Deliver all that is due."""
    found = []
    while (message := box.next(now)) is not None:
        found.append((message.target, message.kind))
        box.delivered(message)
    return found


def test_an_alert_is_told_to_each_target_once_and_that_it_is_over(box):
    outbox = box(rule(to=["phone", "mail"]))
    outbox.take(LOW, 0.0)
    outbox.take(LOW, 1.0)
    assert sent(outbox, 1.0) == [("phone", "raised"), ("mail", "raised")]
    outbox.take(OVER, 2.0)
    outbox.take(OVER, 3.0)
    assert sent(outbox, 3.0) == [("phone", "resolved"), ("mail", "resolved")]
    outbox.take(LOW, 4.0)
    assert sent(outbox, 4.0) == [("phone", "raised"), ("mail", "raised")]


def test_a_rule_may_keep_that_it_is_over_to_itself(box):
    outbox = box(rule(resolved=False))
    outbox.take(LOW, 0.0)
    sent(outbox, 0.0)
    outbox.take(OVER, 1.0)
    assert sent(outbox, 1.0) == []


def test_two_executions_have_alerts_of_their_own(box):
    outbox = box(rule())
    for name in ("e1", "e2"):
        outbox.take(AlertNotice("slow", name, "warning", "it is slow"), 0.0)
    assert len(sent(outbox, 0.0)) == 2


def test_what_was_over_before_anybody_heard_of_it_is_not_told(box):
    outbox = box(rule(to=["phone", "mail"]))
    outbox.take(LOW, 0.0)
    first = outbox.next(0.0)
    outbox.delivered(first)
    outbox.failed(outbox.next(0.0), "the server is away", 0.0)
    outbox.take(OVER, 1.0)
    assert sent(outbox, 1e6) == [(first.target, "resolved")]


def test_in_quiet_hours_it_waits_and_is_forgotten_if_it_is_over_before(box):
    outbox = box(rule(quiet_hours=QuietHours(begin="00:00", end="06:00", time_zone="UTC")))
    midnight, six = 20_000 * 86_400.0, 20_000 * 86_400.0 + 6 * 3600.0
    outbox.take(LOW, midnight)
    assert sent(outbox, six - 1.0) == []
    assert sent(outbox, six) == [("phone", "raised")]
    outbox.take(OVER, six)
    sent(outbox, six)
    outbox.take(LOW, midnight + 86_400.0)
    outbox.take(OVER, midnight + 86_500.0)
    assert sent(outbox, 1e12) == []


def test_it_is_told_again_while_it_lasts(box):
    outbox = box(rule(repeat_every=100.0))
    outbox.take(LOW, 0.0)
    outbox.look(100.0)
    assert sent(outbox, 100.0) == [("phone", "raised")]  # what waits is not doubled
    outbox.look(199.0)
    assert sent(outbox, 199.0) == []
    outbox.look(200.0)
    assert sent(outbox, 200.0) == [("phone", "again")]
    outbox.take(OVER, 250.0)
    outbox.look(400.0)
    assert sent(outbox, 400.0) == [("phone", "resolved")]


def test_after_a_restart_nothing_is_told_twice_and_nothing_is_forgotten(box):
    outbox = box(rule(to=["phone", "mail"]))
    outbox.take(LOW, 0.0)
    outbox.delivered(outbox.next(0.0))
    outbox = box(rule(to=["phone", "mail"]))
    outbox.take(LOW, 5.0)  # the condition still holds, and is raised anew
    outbox.look(70.0, {LOW.key})
    assert sent(outbox, 70.0) == [("mail", "raised")]
    outbox = box(rule(to=["phone", "mail"]))
    outbox.look(80.0, set())  # this time it is not
    assert sent(outbox, 80.0) == [("phone", "resolved"), ("mail", "resolved")]


def test_what_was_being_sent_when_the_node_died_is_sent_again_and_known_as_such(box):
    outbox = box(rule())
    outbox.take(LOW, 0.0)
    assert outbox.next(0.0).sending == 0
    outbox = box(rule())
    message = outbox.next(0.0)
    assert message.sending == 1
    outbox.failed(message, "no", 0.0)
    assert outbox.next(FIRST_RETRY).sending == 0


def test_each_failure_waits_twice_as_long_and_holds_back_its_target_alone(box):
    outbox = box(rule(to=["phone"]), rule(name="other", to=["phone", "mail"]))
    outbox.take(LOW, 0.0)
    now, waits = 0.0, []
    outbox.failed(outbox.next(now), "the server is away", now)
    assert sent(outbox, now) == [("mail", "raised")]
    assert outbox.waiting().failing == {"phone": "the server is away"}
    for _ in range(12):
        wait = next(s for s in range(1, 4000) if due(outbox, now + s))
        waits.append(float(wait))
        now += wait
        outbox.failed(outbox.next(now), "the server is away", now)
    assert waits[0] == FIRST_RETRY
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_RETRY
    assert sent(outbox, now + LONGEST_RETRY) == [("phone", "raised")] * 2
    assert outbox.waiting().failing == {}


def due(outbox, now):
    return outbox._database.execute("SELECT 1 FROM message WHERE due <= ?", (now,)).fetchone()


def test_what_is_too_old_is_given_up_and_counted(box):
    outbox = box(rule())
    outbox.take(LOW, 0.0)
    outbox.failed(outbox.next(0.0), "no", 0.0)
    outbox.failed(outbox.next(GIVE_UP + 1.0), "no", GIVE_UP + 1.0)
    assert (outbox.waiting().messages, outbox.waiting().lost) == (0, 1)


def test_the_newest_messages_are_kept(box):
    outbox = box(rule())
    for number in range(MOST + 5):
        outbox.take(AlertNotice("slow", f"e{number}", "warning", "it is slow"), 0.0)
    assert (outbox.waiting().messages, outbox.waiting().lost) == (MOST, 5)
    assert outbox.next(0.0).execution_id == "e5"


def test_what_a_rule_or_target_that_is_gone_had_to_tell_is_gone(box):
    outbox = box(rule(), rule(name="other", to=["mail"]))
    outbox.take(LOW, 0.0)
    outbox = box(rule(), targets=["phone"])
    outbox.look(1.0, {LOW.key})
    assert sent(outbox, 1.0) == [("phone", "raised")]


def test_only_its_owner_reads_the_file(box, tmp_path):
    box(rule())
    assert (tmp_path / "box.db").stat().st_mode & 0o777 == 0o600
