"""What servers depend on, whose goals concern whom, and what words explain."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from action_msgs.msg import GoalStatus, GoalStatusArray
from rclpy.serialization import serialize_message

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.surroundings.foreign_goals import ForeignGoals
from execution_orchestrator.ros.surroundings.managed_nodes import ManagedNodes
from execution_orchestrator.ros.surroundings.other_orchestrators import (
    STATE_TYPE,
    OtherOrchestrators,
)
from execution_orchestrator.ros.surroundings.server_words import ServerWords
from execution_orchestrator.ros.surroundings.surroundings import with_words
from execution_orchestrator.ros.surroundings.targets import targets_of

CONFIG = Path(__file__).parents[3] / "config"
ABORTED = ErrorInfo(type=ErrorType.EXECUTION, code="GOAL_ABORTED", message="no reason")


@pytest.fixture(scope="module")
def targets():
    return targets_of(load_robot([CONFIG / "capabilities.yaml"]).model, "/warehouse")


def test_all_that_move_the_base_concern_each_other(targets):
    drive = targets.by_capability["", "navigate_to"]
    assert {"navigate_through_poses", "follow_waypoints", "spin", "backup"} <= set(drive.shared)
    assert "move_action" not in drive.shared
    assert "/warehouse/controller_server" in drive.nodes


def test_who_reads_a_camera_together_with_others_is_not_held_back(targets):
    assert targets.by_capability["", "capture_image"].shared == ()


def test_goals_that_a_server_sends_itself_have_parents_over_any_number_of_servers(targets):
    assert "navigate_to_pose" in targets.parents["spin"]
    assert {"navigate_to_pose", "dock_robot", "follow_waypoints"} <= targets.parents["backup"]
    assert "dock_robot" in targets.parents["navigate_to_pose"]
    assert "dock_robot" not in targets.parents


def test_the_servers_of_each_robot_are_its_own():
    model = load_robot([CONFIG / "capabilities.yaml", CONFIG / "fleet.yaml"]).model
    made = targets_of(model, "/")
    drive = made.by_capability["robot1", "navigate_to"]
    assert drive.server == "/robot1/navigate_to_pose"
    assert "/robot1/bt_navigator" in drive.nodes
    assert "/robot2/navigate_to_pose" not in drive.shared


def log(name, text, level=40):
    return SimpleNamespace(name=name, msg=text, level=level)


def test_words_are_those_of_the_nodes_concerned_and_bounded():
    heard = []
    node = SimpleNamespace(create_subscription=lambda _type, _topic, take, _qos: heard.append(take))
    words = ServerWords(node)
    (take,) = heard
    take(log("ns.bt_navigator", "no tree"))
    take(log("ns.bt_navigator_navigate_to_pose_rclcpp_node", "no frame"))
    take(log("ns.bt_navigator", "all is well", level=20))
    take(log("other.bt_navigator", "not ours"))
    assert words.said(["/ns/bt_navigator"], 0.0) == [
        "bt_navigator: no tree",
        "bt_navigator_navigate_to_pose_rclcpp_node: no frame",
    ]
    for number in range(1000):
        take(log("ns.bt_navigator", f"{number} " + "x" * 1000))
    said = words.said(["/ns/bt_navigator"], 0.0)
    assert len(said) == 10
    assert all(len(text) < 400 for text in said)


def test_words_go_into_the_message_where_the_server_had_none():
    said = ["planner_server: the map is empty"]
    assert with_words(ABORTED, said, unexplained=True).message.endswith("the map is empty")
    told = ErrorInfo(type=ErrorType.NAVIGATION, code="NAV2_X", message="no path: it said why")
    assert with_words(told, said, unexplained=False).message == told.message
    assert with_words(told, said, unexplained=False).context["said"] == said
    assert with_words(told, [], unexplained=False) is told


class Graph:
    """A node that sees what a test says."""

    def __init__(self, *nodes):
        self.nodes = list(nodes)
        self.stand_ins = []
        self.topics = {}
        self.listeners = {}

    def get_node_names_and_namespaces(self):
        return [(name.rpartition("/")[2], name.rpartition("/")[0] or "/") for name in self.nodes]

    def get_service_names_and_types(self):
        return [(f"{name}/get_state", []) for name in (*self.stand_ins, *self.nodes)]

    def get_fully_qualified_name(self):
        return "/execution_orchestrator_robot"

    def get_topic_names_and_types(self):
        return [(topic, [STATE_TYPE]) for topic in self.topics]

    def get_publishers_info_by_topic(self, topic):
        return [endpoint(name) for name in self.topics[topic]]

    def get_subscriptions_info_by_topic(self, topic):
        return [endpoint(name) for name in self.listeners.get(topic, ())]

    def resolve_topic_name(self, name):
        return f"/{name}"

    def create_client(self, _type, name):
        node = name.removesuffix("/get_state")
        unanswered = SimpleNamespace(done=lambda: True, add_done_callback=lambda _: None)
        return SimpleNamespace(
            service_is_ready=lambda: node in self.stand_ins, call_async=lambda _: unanswered
        )

    def create_subscription(self, *_):
        return None

    def destroy_client(self, _):
        pass

    def destroy_subscription(self, _):
        pass


def endpoint(name):
    return SimpleNamespace(node_namespace=name.rpartition("/")[0] or "/", node_name=name[1:])


async def test_only_a_node_that_was_seen_can_be_gone():
    graph = Graph("/bt_navigator")
    changes = []
    nodes = ManagedNodes(
        graph, Bridge(asyncio.get_running_loop()), lambda: changes.append("changed")
    )
    both = ["/bt_navigator", "/controller_server"]
    nodes.watch(both)
    nodes.look(busy=True)
    assert nodes.trouble(both) is None
    graph.nodes.append("/controller_server")
    nodes.look(busy=True)
    graph.nodes.remove("/controller_server")
    nodes.look(busy=True)
    code, reason = nodes.trouble(both)
    assert code == "DEPENDENCY_GONE"
    assert reason.startswith("controller_server is gone since ")
    assert changes
    graph.stand_ins.append("/controller_server")
    nodes.look(busy=True)
    assert nodes.trouble(both) is None


def test_another_orchestrator_for_the_same_base_is_told():
    graph = Graph()
    others = OtherOrchestrators(graph, ["navigate_to_pose"])
    graph.topics = {"/execution_orchestrator/state": ["/execution_orchestrator"]}
    graph.listeners = {"/navigate_to_pose/_action/status": ["/execution_orchestrator_robot"]}
    others.look()
    assert others.found == []
    graph.topics["/second/state"] = ["/second"]
    others.look()
    assert others.found == []  # it uses other servers
    graph.listeners["/navigate_to_pose/_action/status"].append("/second_robot")
    others.look()
    assert "another orchestrator, /second, uses navigate_to_pose, too" in others.found[0]
    graph.topics["/execution_orchestrator/state"] *= 2
    others.look()
    assert "there are two orchestrators named /execution_orchestrator" in others.found


class Statuses(Graph):
    """A node whose subscriptions a test feeds."""

    def __init__(self):
        super().__init__()
        self.takes = {}

    def create_subscription(self, _type, topic, take, _qos, raw=False):
        self.takes[topic] = take
        self.topics[f"/{topic}"] = ["/bt_navigator"]
        return SimpleNamespace(topic_name=f"/{topic}")

    def get_publishers_info_by_topic(self, topic):
        return [SimpleNamespace(endpoint_gid=name.encode()) for name in self.topics[topic]]

    def tell(self, server, **goals):
        """Publish the statuses of goals, by one letter each."""
        message = GoalStatusArray()
        for letter, status in goals.items():
            one = GoalStatus(status=status)
            one.goal_info.goal_id.uuid = list(letter.encode() * 16)
            message.status_list.append(one)
        self.takes[f"{server}/_action/status"](serialize_message(message))


async def test_goals_of_others_are_known_from_the_status_topics():
    node, works = Statuses(), set()
    foreign = ForeignGoals(
        node,
        Bridge(asyncio.get_running_loop()),
        ["drive", "spin"],
        ours=lambda goal: goal == b"o" * 16,
        works=works.__contains__,
        parents={"spin": frozenset({"drive"})},
        changed=lambda: None,
    )

    def active():
        foreign.look()
        return foreign.active(["drive", "spin"])

    works.add("drive")
    node.tell("drive", o=2)
    node.tell("spin", i=2)
    assert active() == ""  # ours, and one that our server sent itself
    node.tell("drive", o=6, f=2)
    assert active() == "drive"
    node.tell("drive", o=6, f=4)
    assert active() == ""
    assert foreign.since(["drive"], asyncio.get_running_loop().time() - 1.0) == "drive"
    works.clear()
    await asyncio.sleep(0.6)
    node.tell("spin", i=4, g=1)
    assert active() == "spin"
    node.topics["/spin/_action/status"] = ["/another_process"]
    assert active() == ""  # the process that worked on it is gone
