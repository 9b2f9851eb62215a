"""What RViz is sent of a plan: texts it can show, one label a place, and only what changed."""

from __future__ import annotations

from types import SimpleNamespace

from visualization_msgs.msg import Marker

from execution_orchestrator.monitoring.markers import COLOURS, OTHER, SPACE, Target
from execution_orchestrator.observation import ActionRecord, AttemptRecord, ExecutionRecord
from execution_orchestrator.ros.interface.markers import (
    Markers,
    Picture,
    changed,
    markers_of,
)


def target(key, x, y, status="PENDING", *notes):
    return Target(key, "map", x, y, 0.0, 0.0, status, notes)


def named(markers, name):
    return [marker for marker in markers if marker.ns == name]


def colour(marker):
    return (round(marker.color.r, 2), round(marker.color.g, 2), round(marker.color.b, 2))


def test_actions_at_one_place_share_a_label_and_hide_no_failure():
    plan = (
        target("go", 1.0, 1.0, "SUCCEEDED"),
        target("pick", 1.1, 1.0, "FAILED", "NO_IK", "-> reposition_base: no help"),
        target("home", 4.0, 0.0),
    )
    markers = markers_of(Picture(plan))
    at_one, at_home = named(markers, "labels")
    assert at_one.text == "go\npick\n  NO_IK\n  -> reposition_base: no help"
    assert colour(at_one) == COLOURS["FAILED"]
    assert colour(at_home) == OTHER
    assert at_one.scale.x == SPACE  # RViz tears words apart by 0.7 m where it is 0
    assert len(named(markers, "targets")) == 2


def test_states_differ():
    assert len({*COLOURS.values(), OTHER}) == 7  # DISPATCHED is as RUNNING, CANCELING as CANCELLED


def test_the_order_is_dashed_and_leads_to_no_target_that_was_not_reached():
    plan = (target("a", 0.0, 0.0), target("b", 0.0, 3.0, "FAILED"), target("c", 3.0, 0.0))
    [order] = named(markers_of(Picture(plan)), "order")
    assert order.type == Marker.LINE_LIST
    assert len(order.points) > 10
    assert {point.y for point in order.points} == {0.0}


def test_other_letters_become_ones_that_rviz_has():
    [label, _] = [
        marker
        for marker in markers_of(Picture((target("küche", 0.0, 0.0), target("кухня", 3.0, 0.0))))
        if marker.ns == "labels"
    ]
    assert label.text == "kuche"
    words = markers_of(Picture(words="übung", robot=target("", 0.0, 0.0)))[-1]
    assert words.text == "ubung"


def test_only_what_changed_is_sent():
    def picture(status):
        plan = (target("a", 0.0, 0.0, "SUCCEEDED"), target("b", 3.0, 0.0, status))
        return {(m.ns, m.id): m for m in markers_of(Picture(plan))}

    before, now = picture("RUNNING"), picture("FAILED")
    sent = changed(before, now)
    assert {(m.ns, m.id, m.action) for m in sent} == {
        ("targets", 1, Marker.ADD),
        ("labels", 1, Marker.ADD),
        ("order", 0, Marker.DELETE),
    }
    assert changed(now, now) == []


class Node:
    """A node with the subscribers that it names."""

    def __init__(self):
        self.subscribers = []
        self.sent = []

    def get_subscriptions_info_by_topic(self, topic):
        assert topic == "/orchestrator/markers"
        return [SimpleNamespace(endpoint_gid=name.encode()) for name in self.subscribers]

    def create_publisher(self, *_):
        return SimpleNamespace(
            publish=lambda message: self.sent.append(message.markers),
            get_subscription_count=lambda: len(self.subscribers),
            topic_name="/orchestrator/markers",
        )


def test_a_new_subscriber_gets_everything_and_a_finished_pick_stays_where_it_was():
    action = ActionRecord("pick", "pick_up_object", status="PENDING")
    plan = {"actions": [{"id": "pick", "parameters": {"object_id": "cup"}}]}
    record = ExecutionRecord("e", plan=plan, actions={"pick": action})
    cup = {"x": 4.6, "y": 2.0, "z": 0.8}
    node = Node()
    markers = Markers(
        node,
        SimpleNamespace(newest=lambda: [record]),
        locate=lambda name: cup,
        objects=lambda: {"cup": cup},
        robot_pose=lambda: None,
        now=lambda: 0.0,
    )
    markers.look()
    assert node.sent == []  # nobody looks
    node.subscribers = ["rviz"]
    markers.look()
    assert node.sent[-1][0].action == Marker.DELETEALL
    whole = len(node.sent[-1])
    markers.look()
    assert len(node.sent) == 1
    action.attempt, action.status = 1, "RUNNING"
    action.attempts.append(AttemptRecord(1, 1.0))
    markers.look()
    cup = {"x": 0.0, "y": 0.0, "z": 0.5}  # it is carried away
    action.status = "SUCCEEDED"
    markers.look()
    [arrow] = named(node.sent[-1], "targets")
    assert arrow.pose.position.x == 4.6
    [ball] = named(node.sent[-1], "objects")
    assert ball.pose.position.x == 0.0
    for subscribers in (["rviz", "foxglove"], ["rviz", "rqt"]):
        node.subscribers = subscribers
        markers.look()
        assert len(node.sent[-1]) == whole
    sent = len(node.sent)
    node.subscribers = ["rqt"]
    markers.look()
    assert len(node.sent) == sent
