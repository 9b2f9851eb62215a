"""Progress of a drive over several attempts."""

from pathlib import Path

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.ros.driver.followers import KEPT, Followers

MODEL = load_robot([Path(__file__).parents[3] / "config" / "capabilities.yaml"]).model


def attempt(number, key="go", kind="navigate_to"):
    return Dispatch(
        execution_id="e", key=key, attempt=number, goal_id="g", capability=kind, parameters={}
    )


def progress(mapper, metres):
    return round(mapper({"distance_remaining": metres}).progress, 3)


def test_a_drive_that_is_sent_again_goes_on_where_it_was():
    followers, drive = Followers(), GenericAdapter(MODEL.capabilities["navigate_to"])
    first = followers.of(attempt(1), drive)
    assert progress(first, 10.0) == 0.0
    assert progress(first, 8.0) == 0.2
    second = followers.of(attempt(2), drive)
    assert progress(second, 8.0) == 0.2
    assert progress(second, 5.0) == 0.5
    # A way around is longer; what is shown does not go back.
    assert progress(second, 7.0) == 0.5
    # The same action of another time begins anew.
    assert progress(followers.of(attempt(1), drive), 5.0) == 0.0


def test_only_so_many_are_kept():
    followers, drive = Followers(), GenericAdapter(MODEL.capabilities["navigate_to"])
    for number in range(KEPT + 10):
        followers.of(attempt(1, key=f"go{number}"), drive)
    assert len(followers._mappers) == KEPT
