from execution_orchestrator.ros.world.known_objects import KnownObjects


def cup(name, **more):
    return {"id": name, "pose": {"x": 1.0, "y": 0.0}, **more}


def test_the_newest_sighting_counts_and_tells_its_age():
    objects = KnownObjects(limit=10, max_age=0.0)
    assert objects.seen([cup("red", confidence=0.5)], now=10.0)
    assert objects.seen([cup("red", confidence=0.9)], now=12.0)
    assert objects.snapshot(15.0)["red"]["confidence"] == 0.9
    assert objects.snapshot(15.0)["red"]["age"] == 3.0


def test_the_number_of_objects_is_bounded_and_the_oldest_goes():
    objects = KnownObjects(limit=2, max_age=0.0)
    for now, name in enumerate(("a", "b", "a", "c")):
        objects.seen([cup(name)], now=float(now))
    assert set(objects.snapshot(5.0)) == {"a", "c"}


def test_objects_that_were_not_seen_for_long_are_left_out():
    objects = KnownObjects(limit=10, max_age=5.0)
    objects.seen([cup("a")], now=0.0)
    assert "a" in objects.snapshot(5.0)
    assert "a" not in objects.snapshot(5.1)


def test_what_has_no_name_or_no_pose_is_not_remembered():
    objects = KnownObjects(limit=10, max_age=0.0)
    assert not objects.seen([{"id": "", "pose": {}}, {"id": "x"}], now=0.0)
    assert objects.snapshot(0.0) == {}


def test_an_action_can_move_an_object():
    objects = KnownObjects(limit=10, max_age=0.0)
    objects.seen([cup("a")], now=0.0)
    objects.moved("a", {"pose": {"x": 5.0, "y": 5.0}, "held": False})
    objects.moved("unknown", {"held": True})
    assert objects.snapshot(1.0)["a"]["pose"]["x"] == 5.0
    assert set(objects.snapshot(1.0)) == {"a"}
