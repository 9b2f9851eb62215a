from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.prestaging import Upcoming
from execution_orchestrator.ros.driver.staged_goals import MOST_KEPT, BuiltGoal, StagedGoals

HERE = ConversionContext(objects={"cup": {"pose": {"x": 1.0}, "age": 0.1}})
OLDER = ConversionContext(objects={"cup": {"pose": {"x": 1.0}, "age": 9.0}})
MOVED = ConversionContext(objects={"cup": {"pose": {"x": 2.0}, "age": 0.1}})
GOAL = BuiltGoal("message", frozenset({"map"}))


def upcoming(parameters, key="a"):
    return Upcoming(execution_id="e", key=key, capability="pick", parameters=parameters)


def dispatch(parameters, key="a", capability="pick"):
    return Dispatch(
        execution_id="e",
        key=key,
        attempt=1,
        goal_id="g",
        capability=capability,
        parameters=parameters,
    )


def test_a_message_is_given_out_once_for_the_very_parameters_it_was_built_from():
    goals, parameters = StagedGoals(), {"object": "cup"}
    goals.put(upcoming(parameters), parameters, HERE, GOAL)
    assert goals.take(dispatch(parameters), OLDER) == GOAL
    assert goals.take(dispatch(parameters), HERE) is None


def test_whatever_changed_in_between_makes_it_void():
    parameters = {"object": "cup"}
    for effect, context in (
        (dispatch({"object": "cup"}), HERE),
        (dispatch(parameters), MOVED),
        (dispatch(parameters), ConversionContext()),
        (dispatch(parameters, key="b"), HERE),
        (dispatch(parameters, capability="place"), HERE),
    ):
        goals = StagedGoals()
        goals.put(upcoming(parameters), parameters, HERE, GOAL)
        assert goals.take(effect, context) is None


def test_an_object_that_is_found_meanwhile_counts_too():
    goals, parameters = StagedGoals(), {"object": "cup"}
    goals.put(upcoming(parameters), parameters, ConversionContext(), GOAL)
    assert goals.take(dispatch(parameters), HERE) is None


def test_the_oldest_make_room():
    goals, parameters = StagedGoals(), {}
    for number in range(MOST_KEPT + 1):
        goals.put(upcoming(parameters, key=str(number)), parameters, HERE, number)
    assert goals.take(dispatch(parameters, key="0"), HERE) is None
    assert goals.take(dispatch(parameters, key="1"), HERE) == 1
