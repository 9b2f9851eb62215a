from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.ros.goals.pulse import Pulse

STEP = 0.5


def live(pulse, seconds, start=0.0, delay=0.01):
    """A busy server that answers after ``delay`` seconds; returns the time at the end."""
    now = start
    while now < start + seconds:
        if pulse.question_due(now, busy=True):
            pulse.answered(now, now + delay, busy=True)
        now += STEP
    return now


def fall_silent(pulse, now, seconds):
    """Returns how long it took to be noticed, None if it was not."""
    began = now
    while now < began + seconds:
        pulse.question_due(now, busy=True)
        if pulse.stopped:
            return now - began
        now += STEP
    return None


def test_a_trusted_server_that_falls_silent_is_dead_after_the_timeout():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    taken = fall_silent(pulse, now, 20.0)
    assert taken is not None
    assert taken <= 4.0 + 2 * STEP


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
        now += STEP
    assert not pulse.stopped


def test_any_sign_of_life_raises_it_from_the_dead():
    pulse = Pulse(4.0)
    now = live(pulse, 10.0)
    fall_silent(pulse, now, 20.0)
    assert pulse.question_due(now + 30.0, busy=False)
    pulse.answered(now + 30.0, now + 30.1, busy=False)
    assert not pulse.stopped


def test_zero_never_asks():
    pulse = Pulse(0.0)
    assert not pulse.question_due(1.0, busy=True)


@given(st.lists(st.floats(0.0, 2.0), max_size=50), st.floats(3.5, 10.0))
def test_a_server_that_answers_within_the_timeout_never_dies(delays, timeout):
    pulse = Pulse(timeout)
    now = live(pulse, 5.0)
    pending = []
    for delay in delays:
        for _ in range(10):
            pending = [(a, due) for a, due in pending if due > now or _answer(pulse, a, due)]
            if pulse.question_due(now, busy=True):
                pending.append((now, now + delay))
            assert not pulse.stopped
            now += 0.1


def _answer(pulse, asked, due):
    pulse.answered(asked, due, busy=True)
    return False
