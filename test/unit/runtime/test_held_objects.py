from execution_orchestrator.engine.apply import fold
from execution_orchestrator.runtime.held_objects import HeldObjects

HOW = {"frame": "gripper_link", "size": [0.06, 0.06, 0.1], "pose": {}}


def test_what_the_journal_says_is_held_is_what_every_later_life_knows():
    journal = []

    def gripper(robot="", owner="e/place"):
        return HeldObjects(
            robot, owner, state=lambda: fold(journal), note=journal.extend, now=lambda: 1000.0
        )

    gripper().grasped("cup", HOW)
    gripper("robot2").grasped("book", HOW)
    assert gripper().held() == {"cup": HOW}
    assert gripper("robot2").held() == {"book": HOW}
    gripper().released("cup")
    assert gripper().held() == {}
    assert gripper("robot2").held() == {"book": HOW}
    assert gripper().put_down() == "cup"
    assert gripper(owner="f/place").put_down() == ""
    gripper().grasped("cup", HOW)
    assert gripper().put_down() == ""


def test_a_link_holds_one_object():
    journal = []
    gripper = HeldObjects(
        "", "e/pick", state=lambda: fold(journal), note=journal.extend, now=lambda: 1000.0
    )
    gripper.grasped("cup", HOW)
    gripper.grasped("pen", {**HOW, "frame": "left_gripper"})
    gripper.grasped("book", HOW)
    assert set(gripper.held()) == {"pen", "book"}
