from collections import deque

from execution_orchestrator.plan.expressions import is_true
from execution_orchestrator.ros.world.state_history import StateHistory

STANDS_STILL = "robot_history.velocity.filter(v, v.age < 5.0).all(v, v.value == 0.0)"


def test_past_values_have_their_age():
    past = {"velocity": deque([(100.0, 0.4), (106.0, 0.0), (108.0, 0.0)])}
    history = StateHistory(past, 110.0)
    assert history["velocity"][0] == {"age": 10.0, "value": 0.4}
    assert is_true(STANDS_STILL, {"robot_history": dict(history)})
    past["velocity"].append((109.0, 0.1))
    assert not is_true(STANDS_STILL, {"robot_history": dict(history)})
