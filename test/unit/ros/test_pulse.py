from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.ros.goals.pulse import (
    ENDED,
    FIRST_INTERVAL,
    STEP,
    Pulse,
)

LOOK = 0.2


def live(pulse, seconds, start=0.0, delay=0.01):
    """A busy server that answers after ``delay`` seconds; returns the time at the end."""
    now = start
    while now < start + seconds:
        if pulse.question_due(now, busy=True):
            pulse.answered(now, now + delay, busy=True)
        now += LOOK
    return now


def fall_silent(pulse, now, seconds, lives=None):
    """Returns how long it took to be noticed, None if it was not."""
    began = now
    while now < began + seconds:
        pulse.question_due(now, busy=True, lives=lives)
        if pulse.stopped:
            return now - began
        now += LOOK
    return None


def test_a_trusted_server_whose_process_runs_has_the_whole_timeout():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    taken = fall_silent(pulse, now, 20.0, lives=True)
    assert taken is not None
    assert 4.0 - 2 * FIRST_INTERVAL <= taken <= 4.0 + LOOK


def test_one_whose_process_has_ended_is_dead_after_a_moment():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    taken = fall_silent(pulse, now, 20.0, lives=False)
    assert taken is not None
    assert taken <= ENDED + 2 * LOOK


def test_one_of_whose_process_nothing_is_known_has_the_whole_timeout():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    taken = fall_silent(pulse, now, 20.0)
    assert taken is not None
    assert 4.0 - 2 * FIRST_INTERVAL <= taken <= 4.0 + LOOK


def test_seconds_in_which_this_process_did_not_run_are_no_silence():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    assert pulse.question_due(now + LOOK, busy=True)
    # The machine was suspended for a minute: what the server sent has not been read yet.
    pulse.question_due(now + 60.0, busy=True)
    assert not pulse.stopped
    pulse.answered(now + LOOK, now + 60.1, busy=True)
    assert fall_silent(pulse, now + 60.2, 1.0) is None


def test_long_idle_times_do_not_put_off_the_judgement():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    pulse.heard(now + 500.0)
    taken = fall_silent(pulse, now + 500.0 + STEP, 20.0)
    assert taken is not None
    assert taken <= 4.0 + 2 * LOOK


def test_a_server_whose_callback_blocks_is_never_judged():
    pulse = Pulse(4.0)
    assert pulse.question_due(0.0, busy=True)
    assert fall_silent(pulse, 0.5, 600.0) is None
    pulse.answered(0.0, 600.0, busy=True)
    assert fall_silent(pulse, 600.0, 600.0) is None


def test_feedback_keeps_a_server_alive_that_answers_no_questions_any_more():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    for _ in range(100):
        pulse.heard(now)
        pulse.question_due(now, busy=True)
        now += LOOK
    assert not pulse.stopped


def test_any_sign_of_life_raises_it_from_the_dead():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    fall_silent(pulse, now, 20.0)
    assert any(pulse.question_due(now + 30.0 + LOOK * look, busy=False) for look in range(6))
    pulse.answered(now + 31.0, now + 31.1, busy=False)
    assert not pulse.stopped


def test_zero_never_asks():
    pulse = Pulse(0.0)
    assert not pulse.question_due(1.0, busy=True)


@given(st.lists(st.floats(0.0, 2.0), max_size=50), st.floats(3.5, 10.0))
def test_a_running_server_that_answers_within_the_timeout_never_dies(delays, timeout):
    assert not dies(Pulse(timeout), delays, lives=True)


@given(st.lists(st.floats(0.0, 4.0 - FIRST_INTERVAL - LOOK), max_size=50))
def test_one_of_which_nothing_is_known_that_answers_within_the_timeout_never_dies(delays):
    assert not dies(Pulse(4.0), delays, lives=None)


def dies(pulse, delays, lives):
    now = live(pulse, 5.0)
    pending = []
    for delay in delays:
        for _ in range(10):
            pending = [(a, due) for a, due in pending if due > now or _answer(pulse, a, due)]
            if pulse.question_due(now, busy=True, lives=lives):
                pending.append((now, now + delay))
            if pulse.stopped:
                return True
            now += 0.1
    return False


def _answer(pulse, asked, due):
    pulse.answered(asked, due, busy=True)
    return False
