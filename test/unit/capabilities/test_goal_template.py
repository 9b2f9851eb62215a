import pytest

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    duration_fields,
    register_conversion,
)
from execution_orchestrator.capabilities.goal_template import GoalError, render

CONTEXT = ConversionContext(
    frame="map",
    places={"kitchen": {"x": 4.0, "y": 1.0, "yaw": 0.0}},
    objects={"red_cup": {"id": "red_cup", "pose": {"x": 2.0, "y": 3.0, "z": 0.8, "frame": "map"}}},
)


def test_an_absent_parameter_leaves_the_field_at_the_messages_default():
    assert render({"behavior_tree": {"parameter": "behavior_tree"}}, {}, CONTEXT) == {}


def test_a_default_is_converted_like_a_given_value():
    template = {"time_allowance": {"parameter": "allowance", "as": "duration", "default": 2.5}}
    assert render(template, {}, CONTEXT) == {"time_allowance": {"sec": 2, "nanosec": 500_000_000}}


def test_places_and_objects_are_known_by_name():
    template = {"pose": {"parameter": "target", "as": "pose_stamped"}}
    kitchen = render(template, {"target": "kitchen"}, CONTEXT)
    cup = render(template, {"target": "red_cup"}, CONTEXT)
    assert kitchen["pose"]["pose"]["position"]["x"] == 4.0
    assert cup["pose"]["pose"]["position"]["z"] == 0.8


def test_an_unknown_place_is_refused_with_the_known_ones():
    template = {"pose": {"parameter": "target", "as": "pose_stamped"}}
    with pytest.raises(GoalError, match=r"target.*'cellar'.*kitchen"):
        render(template, {"target": "cellar"}, CONTEXT)


def test_nested_templates_lists_scale_and_names():
    template = {
        "command": {"position": {"parameter": "millimetres", "scale": 0.001}},
        "modes": [{"parameter": "mode", "names": {"slow": 1, "fast": 2}}, 7],
        "kept": {"x": 1},
    }
    assert render(template, {"millimetres": 80.0, "mode": "fast"}, CONTEXT) == {
        "command": {"position": pytest.approx(0.08)},
        "modes": [2, 7],
        "kept": {"x": 1},
    }


@pytest.mark.parametrize(("distance", "speed"), [(0.5, 0.2), (-0.5, -0.2), (0.0, -0.2)])
def test_a_speed_has_the_sign_of_its_distance(distance, speed):
    # As Nav2's behaviour server compares them: above zero both, or neither.
    template = {"speed": {"parameter": "speed", "default": 0.2, "sign_of": "distance"}}
    assert render(template, {"distance": distance}, CONTEXT) == {"speed": speed}


def test_an_index_beyond_its_list_is_refused():
    template = {"goal_index": {"parameter": "first", "index_of": "poses"}}
    assert render(template, {"first": 1, "poses": ["a", "b"]}, CONTEXT) == {"goal_index": 1}
    with pytest.raises(GoalError, match="poses has 2, the first is 0: there is no 2"):
        render(template, {"first": 2, "poses": ["a", "b"]}, CONTEXT)


def test_a_word_that_is_not_named_is_refused():
    with pytest.raises(GoalError, match="none of slow, fast"):
        render(
            {"mode": {"parameter": "mode", "names": {"slow": 1, "fast": 2}}}, {"mode": "x"}, CONTEXT
        )


def test_paths_reach_into_parameters():
    template = {"x": {"parameter": "poses[1].x"}}
    assert render(template, {"poses": [{"x": 1}, {"x": 2}]}, CONTEXT) == {"x": 2}
    assert render(template, {"poses": [{"x": 1}]}, CONTEXT) == {}


def test_presence_becomes_a_flag():
    template = {"use_roi": {"parameter": "roi", "as": "present", "default": None}}
    assert render(template, {}, CONTEXT) == {"use_roi": False}
    assert render(template, {"roi": {"x": 1}}, CONTEXT) == {"use_roi": True}


@pytest.mark.parametrize("value", ["soon", True, float("nan"), 1e12])
def test_what_is_no_duration_is_refused(value):
    with pytest.raises(GoalError):
        render({"t": {"parameter": "t", "as": "duration"}}, {"t": value}, CONTEXT)


def test_negative_durations_keep_a_positive_remainder():
    assert duration_fields(-0.25) == {"sec": -1, "nanosec": 750_000_000}


def test_a_shipped_conversion_cannot_be_replaced():
    with pytest.raises(ValueError, match="exists already"):
        register_conversion("pose", lambda value, context: value)
