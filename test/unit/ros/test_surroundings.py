"""What servers depend on, whose goals concern whom, and what words explain."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from action_msgs.msg import GoalStatus, GoalStatusArray
from rclpy.serialization import serialize_message

from execution_orchestrator.capabilities.error_codes import SHIPPED_TABLES
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.surroundings.foreign_goals import (
    AT_ONCE,
    LISTENING,
    OWN_GRACE,
    ForeignGoals,
)
from execution_orchestrator.ros.surroundings.managed_nodes import JUST_BACK, ManagedNodes
from execution_orchestrator.ros.surroundings.other_orchestrators import (
    STATE_TYPE,
    OtherOrchestrators,
)
from execution_orchestrator.ros.surroundings.server_logs import ServerLogs
from execution_orchestrator.ros.surroundings.surroundings import with_server_logs
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
    words = ServerLogs(node, ["already docked"])
    (take,) = heard
    take(log("ns.docking_server", "Robot is already docked, no need to dock", level=20))
    assert words.said(["/ns/docking_server"], 0.0) == [
        "docking_server: Robot is already docked, no need to dock"
    ]
    take(log("ns.bt_navigator", "no tree"))
    take(log("ns.bt_navigator_navigate_to_pose_rclcpp_node", "no frame"))
    take(log("ns.bt_navigator", "all is well", level=20))
    take(log("other.bt_navigator", "not ours"))
    assert words.said(["/ns/bt_navigator"], 0.0) == [
        "bt_navigator: no tree",
        "bt_navigator_navigate_to_pose_rclcpp_node: no frame",
    ]
    for rate in range(500):
        take(log("ns.bt_navigator", f"the rate is {rate}.{rate} Hz", level=30))
    assert words.said(["/ns/bt_navigator"], 0.0)[1:] == [
        "bt_navigator_navigate_to_pose_rclcpp_node: no frame",
        "bt_navigator: the rate is 499.499 Hz",
    ]
    for number in range(1000):
        take(log("ns.bt_navigator", "n" * (number % 50) + "x" * 1000))
    said = words.said(["/ns/bt_navigator"], 0.0)
    assert len(said) == 10
    assert all(len(text) < 400 for text in said)


def test_words_go_into_the_message_where_the_server_had_none():
    said = ["planner_server: the map is empty"]
    assert with_server_logs(ABORTED, said, unexplained=True).message.endswith("the map is empty")
    told = ErrorInfo(type=ErrorType.NAVIGATION, code="NAV2_X", message="no path: it said why")
    assert with_server_logs(told, said, unexplained=False).message == told.message
    assert with_server_logs(told, said, unexplained=False).context["said"] == said
    assert with_server_logs(told, [], unexplained=False) is told
    same = ErrorInfo(type=ErrorType.NAVIGATION, code="NAV2_X", message="the map is empty")
    assert with_server_logs(same, said, unexplained=True).message == same.message
    longer = ["planner_server: the map of the hall is empty"]
    assert with_server_logs(same, longer, unexplained=False).message == longer[0]
    why = "behavior_server: Collision Ahead - Exiting DriveOnHeading"
    nothing = ["drive_on_heading failed", "[drive_on_heading] [ActionServer] Aborting handle."]
    lines = [why, *(f"behavior_server: {one}" for one in nothing), "bt_navigator: Goal failed"]
    assert with_server_logs(ABORTED, lines, unexplained=True).message.endswith(why)
    assert with_server_logs(ABORTED, lines[1:], unexplained=True).message.endswith(lines[-1])
    late = "controller_server: Control loop missed its desired rate of 20.0000 Hz."
    assert with_server_logs(ABORTED, [why, late], unexplained=True).message.endswith(why)
    missed = ErrorInfo(type=ErrorType.NAVIGATION, code="RESULT_INCOMPLETE", message="1 missed")
    assert with_server_logs(missed, [late], unexplained=False).message == "1 missed"
    assert with_server_logs(missed, [late], unexplained=False).context["said"] == [late]
    step = ErrorInfo(
        type=ErrorType.MANIPULATION,
        code="MOVEIT_X",
        message="lift: move_group gave no result",
        context={"step": "lift"},
    )
    assert with_server_logs(step, said, unexplained=False).message.endswith("the map is empty")


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

    def count_publishers(self, topic):
        return len(self.topics.get(topic, ()))

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


class Answers(Graph):
    """A graph whose nodes have lifecycles: a test says what they tell and answer."""

    def __init__(self, *nodes):
        super().__init__()
        self.stand_ins = list(nodes)
        self.asked = []
        self.transitions = {}

    def create_client(self, _type, name):
        def ask(_):
            question = asyncio.get_running_loop().create_future()
            self.asked.append(question)
            return question

        return SimpleNamespace(
            service_is_ready=lambda: True,
            call_async=ask,
            remove_pending_request=lambda _: None,
        )

    def create_subscription(self, _type, topic, take, _qos):
        self.transitions[topic] = take

    def tell(self, node, state):
        event = SimpleNamespace(goal_state=SimpleNamespace(label=state))
        self.transitions[f"{node}/transition_event"](event)

    def answer(self, question, state):
        question.set_result(SimpleNamespace(current_state=SimpleNamespace(label=state)))


async def managed(graph):
    nodes = ManagedNodes(graph, Bridge(asyncio.get_running_loop()), lambda: None)
    nodes.watch(graph.stand_ins)
    nodes.look(busy=True)
    for question in list(graph.asked):
        graph.answer(question, "active")
    await settled()
    return nodes


async def settled():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_answer_that_a_transition_overtook_says_nothing():
    graph = Answers("/bt_navigator")
    nodes = await managed(graph)
    asking = asyncio.ensure_future(nodes.ask(["/bt_navigator"]))
    await asyncio.sleep(0.01)
    graph.tell("/bt_navigator", "inactive")
    await settled()
    graph.answer(graph.asked[-1], "active")  # as it was when it was asked
    await asking
    assert nodes.trouble(["/bt_navigator"])[0] == "SERVER_INACTIVE"


async def test_a_node_that_was_started_again_is_named_before_those_that_wait_for_it():
    graph = Answers("/bt_navigator", "/controller_server")
    nodes = await managed(graph)
    graph.tell("/bt_navigator", "inactive")
    graph.tell("/controller_server", "unconfigured")
    await settled()
    code, reason = nodes.trouble(["/bt_navigator", "/controller_server"])
    assert code == "SERVER_INACTIVE"
    assert reason.startswith("controller_server is unconfigured")


async def test_a_node_that_was_inactive_a_moment_ago_explains_a_failure():
    graph = Answers("/bt_navigator", "/controller_server")
    nodes = await managed(graph)
    both = ["/bt_navigator", "/controller_server"]
    before = asyncio.get_running_loop().time()
    assert nodes.trouble_since(both, before - 60.0) is None  # nothing but active was seen yet
    graph.tell("/controller_server", "inactive")
    graph.tell("/controller_server", "active")
    await settled()
    assert nodes.trouble(both) is None
    code, reason = nodes.trouble_since(both, before)
    assert code == "SERVER_INACTIVE"
    assert reason.startswith("controller_server was inactive until ")
    assert nodes.trouble_since(both, asyncio.get_running_loop().time() + 1.0) is None


async def test_a_process_that_came_back_a_moment_ago_explains_a_failure():
    graph = Graph("/planner_server")
    nodes = ManagedNodes(graph, Bridge(asyncio.get_running_loop()), lambda: None)
    nodes.watch(["/planner_server"])
    nodes.look(busy=True)
    graph.nodes.clear()
    nodes.look(busy=True)
    graph.nodes.append("/planner_server")
    nodes.look(busy=True)
    assert nodes.trouble(["/planner_server"]) is None
    now = asyncio.get_running_loop().time()
    code, reason = nodes.trouble_since(["/planner_server"], now + JUST_BACK - 1.0)
    assert code == "DEPENDENCY_GONE"
    assert reason.startswith("planner_server was gone until ")
    assert nodes.trouble_since(["/planner_server"], now + JUST_BACK + 1.0) is None


async def test_a_process_that_was_started_again_at_once_was_gone():
    graph, names = Statuses("/planner_server"), ["/planner_server"]
    nodes = ManagedNodes(graph, Bridge(asyncio.get_running_loop()), lambda: None)
    nodes.watch(names)
    events = "/planner_server/transition_event"
    graph.topics[events] = ["/first"]
    nodes.look(busy=True)
    now = asyncio.get_running_loop().time()
    assert nodes.trouble_since(names, now) is None
    graph.topics[events] = ["/first", "/second"]  # the graph shows the dead for some seconds
    nodes.look(busy=True)
    assert nodes.trouble(names) is None
    assert nodes.trouble_since(names, now)[0] == "DEPENDENCY_GONE"
    graph.topics[events] = ["/second"]
    nodes.look(busy=True)
    assert nodes.trouble_since(names, now + JUST_BACK + 1.0) is None


async def test_a_process_that_was_silent_for_long_was_gone_until_it_answered_again(monkeypatch):
    module = "execution_orchestrator.ros.surroundings.managed_nodes"
    monkeypatch.setattr(f"{module}.ANSWER_TIMEOUT", 0.02)
    monkeypatch.setattr(f"{module}.JUST_BACK", 0.1)
    graph, names = Answers("/planner_server"), ["/planner_server"]
    nodes = await managed(graph)
    await nodes.ask(names)
    assert nodes.trouble(names)[0] == "DEPENDENCY_GONE"
    silent = asyncio.get_running_loop().time()
    await asyncio.sleep(0.15)
    graph.answer(graph.asked[-1], "active")
    await settled()
    assert nodes.trouble(names) is None
    code, reason = nodes.trouble_since(names, silent + 0.15)
    assert code == "DEPENDENCY_GONE"
    assert reason.startswith("planner_server was gone until ")


async def test_two_who_ask_at_once_do_not_take_each_others_answer_for_silence(monkeypatch):
    monkeypatch.setattr(
        "execution_orchestrator.ros.surroundings.managed_nodes.ANSWER_TIMEOUT", 0.05
    )
    graph = Answers("/bt_navigator")
    nodes = await managed(graph)
    first = asyncio.ensure_future(nodes.ask(["/bt_navigator"]))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(nodes.ask(["/bt_navigator"]))
    await asyncio.sleep(0)
    graph.answer(graph.asked[-1], "active")
    await asyncio.gather(first, second)
    assert nodes.trouble(["/bt_navigator"]) is None


async def test_a_node_that_died_before_it_told_its_state_is_silent(monkeypatch):
    monkeypatch.setattr(
        "execution_orchestrator.ros.surroundings.managed_nodes.ANSWER_TIMEOUT", 0.05
    )
    graph = Answers("/controller_server")
    nodes = ManagedNodes(graph, Bridge(asyncio.get_running_loop()), lambda: None)
    nodes.watch(graph.stand_ins)
    nodes.look(busy=True)
    await nodes.ask(["/controller_server"])
    code, reason = nodes.trouble(["/controller_server"])
    assert code == "DEPENDENCY_GONE"
    assert reason.startswith("controller_server does not answer since ")


async def test_a_new_node_has_a_second_to_tell_its_state(monkeypatch):
    monkeypatch.setattr(
        "execution_orchestrator.ros.surroundings.managed_nodes.ANSWER_TIMEOUT", 0.05
    )
    names = ["/bt_navigator"]
    graph = Answers(*names)
    nodes = ManagedNodes(graph, Bridge(asyncio.get_running_loop()), lambda: None)
    nodes.watch(names)
    assert not nodes.state_unknown(names)  # it is not there
    nodes.look(busy=False)
    assert nodes.state_unknown(names)
    assert not nodes.all_active(names)
    graph.answer(graph.asked[0], "active")
    await settled()
    assert nodes.all_active(names)
    assert not nodes.state_unknown(names)


async def test_a_node_without_a_lifecycle_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(
        "execution_orchestrator.ros.surroundings.managed_nodes.ANSWER_TIMEOUT", 0.05
    )
    names = ["/bt_navigator"]
    nodes = ManagedNodes(Graph(*names), Bridge(asyncio.get_running_loop()), lambda: None)
    nodes.watch(names)
    nodes.look(busy=False)
    assert nodes.state_unknown(names)
    await asyncio.sleep(0.06)
    assert not nodes.state_unknown(names)
    assert nodes.trouble(names) is None


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

    def __init__(self, *nodes):
        super().__init__(*nodes)
        self.takes = {}

    def create_subscription(self, _type, topic, take, _qos, raw=False):
        self.takes[topic] = take
        self.topics.setdefault(f"/{topic}", ["/bt_navigator"])
        return SimpleNamespace(topic_name=f"/{topic}")

    def destroy_subscription(self, _subscription):
        """Nothing is kept of it."""

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


def foreign_goals(node, servers, **more):
    """Watch goals of others; nothing is ours unless ``more`` says so."""
    nothing = {"ours": lambda _: False, "works": lambda _: False, "parents": {}}
    bridge = Bridge(asyncio.get_running_loop())
    return ForeignGoals(node, bridge, servers, **{**nothing, "changed": lambda: None, **more})


def active(foreign, *servers):
    """Look, and return the first of these servers with a goal of others."""
    foreign.look()
    return foreign.active(servers)


async def test_goals_of_others_are_known_from_the_status_topics():
    node, works = Statuses(), set()
    both = ["drive", "spin"]
    foreign = foreign_goals(
        node,
        both,
        ours=lambda goal: goal == b"o" * 16,
        works=works.__contains__,
        parents={"spin": frozenset({"drive"})},
    )
    works.add("drive")
    node.tell("drive", o=2)
    node.tell("spin", i=2)
    assert active(foreign, *both) == ""  # ours, and one that our server sent itself
    node.tell("drive", o=6, f=2)
    assert active(foreign, *both) == "drive"
    node.tell("drive", o=6, f=4)
    assert active(foreign, *both) == ""
    assert foreign.since(["drive"], asyncio.get_running_loop().time() - 1.0) == "drive"
    works.clear()
    await asyncio.sleep(0.6)
    node.tell("spin", i=4, g=1)
    assert active(foreign, *both) == "spin"
    node.topics["/spin/_action/status"] = []
    assert active(foreign, *both) == ""  # the process that worked on it is gone


async def test_goals_of_a_process_that_another_replaced_are_told_from_those_of_its_successor():
    node = Statuses()
    foreign = foreign_goals(node, ["drive", "spin"])
    for server in ("drive", "spin"):
        node.topics[f"/{server}/_action/status"] = ["/killed", "/successor"]
        node.tell(server, f=2)
        assert active(foreign, server) == server
        node.topics[f"/{server}/_action/status"] = ["/successor"]
        # It may be the successor's: that is asked to say its last word again.
        assert active(foreign, server) == server
    node.tell("drive", f=2)
    await asyncio.sleep(1.2)
    assert active(foreign, "drive") == "drive"
    assert active(foreign, "spin") == ""


async def test_goals_of_a_dead_process_that_the_graph_still_shows_are_nobodys():
    node, dead = Statuses(), set()
    foreign = foreign_goals(node, ["drive", "spin"], lives=dead.isdisjoint)
    for server in ("drive", "spin"):
        node.topics[f"/{server}/_action/status"] = ["/killed"]
        node.tell(server, f=2)
        assert active(foreign, server) == server
    dead.add(b"/killed")
    node.topics["/spin/_action/status"].append("/successor")
    assert active(foreign, "drive") == ""
    assert active(foreign, "spin") == "spin"  # it may be the successor's
    await asyncio.sleep(1.2)
    assert active(foreign, "spin") == ""


async def test_a_word_that_is_read_after_its_process_died_is_nobodys():
    node, dead = Statuses(), {b"/killed"}
    foreign = foreign_goals(node, ["drive", "spin", "path"], lives=dead.isdisjoint)
    node.topics["/drive/_action/status"] = ["/killed"]
    node.topics["/spin/_action/status"] = []
    node.topics["/path/_action/status"] = []
    for server in ("drive", "spin", "path"):
        node.tell(server, f=2)
        assert active(foreign, server) == server  # the graph may show its process a moment later
    node.topics["/spin/_action/status"] = ["/successor"]
    node.topics["/path/_action/status"] = ["/late"]
    assert active(foreign, "spin") == "spin"
    assert active(foreign, "path") == "path"
    node.tell("path", f=2)  # asked again, it says the same
    await asyncio.sleep(1.2)
    assert active(foreign, "drive") == ""
    assert active(foreign, "spin") == ""
    assert active(foreign, "path") == "path"


class Watched:
    """Goals of two servers that work for `follow`, one of which has them in turn."""

    SERVERS = ("drive", "path", "spin")

    def __init__(self):
        self.node, self.works = Statuses(), {"follow"}
        self.goals = foreign_goals(
            self.node,
            self.SERVERS,
            ours=lambda goal: goal == b"o" * 16,
            works=self.works.__contains__,
            parents=dict.fromkeys(self.SERVERS, frozenset({"follow"})),
            in_turn=["drive", "spin"],
        )

    def active(self):
        return active(self.goals, *self.SERVERS)


async def test_a_server_that_was_just_found_has_a_moment_to_say_what_it_is_at():
    watched = Watched()
    goals, topics = watched.goals, watched.node.topics
    both = ["drive", "spin"]
    topics["/spin/_action/status"] = []
    assert goals.find() == ({"drive", "path"}, set())
    assert goals.is_found("drive")
    assert not goals.is_found("spin")
    assert goals.just_found(both)
    await asyncio.sleep(LISTENING + 0.05)
    assert not goals.just_found(both)
    topics["/spin/_action/status"] = ["/behavior_server"]
    assert goals.find() == ({"spin"}, set())
    assert goals.just_found(both)
    # Its successor comes while the graph still shows the process that died.
    await asyncio.sleep(LISTENING + 0.05)
    topics["/drive/_action/status"] = ["/bt_navigator", "/its_successor"]
    assert goals.stirs(both)
    assert goals.find() == ({"drive"}, {"drive"})
    assert goals.just_found(both)
    topics["/drive/_action/status"] = ["/its_successor"]
    assert goals.find() == (set(), set())
    assert not goals.stirs(both)
    topics["/drive/_action/status"] = []
    assert goals.find() == (set(), {"drive"})
    assert not goals.is_found("drive")


async def test_a_goal_that_overtakes_the_one_of_our_server_is_somebody_elses():
    watched = Watched()
    watched.node.tell("drive", a=2)
    assert watched.active() == ""
    watched.node.tell("drive", a=4)
    watched.node.tell("drive", a=4, b=2)  # the next waypoint
    assert watched.active() == ""
    watched.node.tell("drive", a=4, b=2, f=1)
    assert watched.active() == "drive"
    watched.node.tell("drive", a=4, b=6, f=4)
    assert watched.active() == ""


async def test_who_looks_when_the_node_is_leaving_sees_nothing():
    watched = Watched()
    watched.works.clear()
    watched.node.tell("drive", f=2)
    assert watched.active() == "drive"
    watched.goals.close()
    assert watched.active() == ""


async def test_a_goal_that_overtakes_it_before_anybody_looked_is_somebody_elses_as_well():
    watched = Watched()
    watched.node.tell("drive", a=2)
    await asyncio.sleep(1.1 * AT_ONCE)
    watched.node.tell("drive", a=2, f=1)
    await settled()
    assert watched.active() == "drive"


async def test_a_server_may_tell_of_both_at_once():
    watched = Watched()
    watched.node.tell("drive", a=2)
    assert watched.active() == ""
    watched.node.tell("drive", a=6, f=2)
    assert watched.active() == "drive"


async def test_a_goal_of_before_the_restart_is_our_servers_once_its_own_is_found_again():
    watched = Watched()
    watched.works.clear()
    watched.node.tell("drive", a=2)
    assert watched.active() == "drive"
    await asyncio.sleep(0.01)
    watched.works.add("follow")
    assert watched.active() == ""
    watched.node.tell("drive", a=2, f=2)
    assert watched.active() == "drive"


async def test_a_new_path_beside_the_one_before_is_our_servers():
    watched = Watched()
    watched.node.tell("path", a=2)
    watched.goals.look()
    watched.node.tell("path", a=2, b=2)
    assert watched.active() == ""


async def test_two_servers_at_once_are_two_clients(monkeypatch):
    monkeypatch.setattr("execution_orchestrator.ros.surroundings.foreign_goals.SIDE_BY_SIDE", 0.02)
    watched = Watched()
    watched.node.tell("path", a=2)
    watched.goals.look()
    await asyncio.sleep(0.01)
    watched.node.tell("spin", s=2)
    assert watched.active() == ""  # the end of the path may come a moment later
    await asyncio.sleep(0.03)
    assert watched.active() == "spin"


async def test_what_outlives_the_work_for_us_was_left_behind(monkeypatch):
    module = "execution_orchestrator.ros.surroundings.foreign_goals"
    monkeypatch.setattr(f"{module}.INNER_END", 0.02)
    monkeypatch.setattr(f"{module}.NEXT_OF_LEFT", 0.0)
    watched = Watched()
    watched.node.tell("path", a=2)
    assert watched.active() == ""
    assert watched.goals.outlives(["path"]) == ""
    await asyncio.sleep(0.01)
    assert watched.active() == ""
    watched.works.clear()
    assert watched.goals.outlives(["path"]) == "path"
    assert watched.goals.left_by("path") == "follow"
    await asyncio.sleep(0.03)
    assert watched.active() == "path"
    assert watched.goals.left_by("path") == "follow"
    watched.node.tell("path", a=5)  # cancelled: by whom it was used is known for a moment longer
    assert watched.active() == ""
    assert watched.goals.left_by("path") == "follow"
    watched.node.tell("path", a=5, b=2)  # accepted late
    await asyncio.sleep(0.03)
    assert watched.active() == "path"
    assert watched.goals.left_by("path") == "follow"
    await asyncio.sleep(OWN_GRACE)
    watched.node.tell("path", a=5, b=2, c=2)
    assert watched.active() == "path"
    assert watched.goals.left_by("path") == ""


async def test_what_begins_when_our_goal_has_ended_is_not_left_behind_by_it():
    watched = Watched()
    assert watched.active() == ""
    watched.works.clear()
    await asyncio.sleep(0.01)
    watched.node.tell("path", a=2)
    watched.goals.look()
    assert watched.goals.outlives(["path"]) == ""
    assert watched.goals.outlives(["path"], grace=OWN_GRACE) == "path"  # its server is being paused


async def test_what_begins_for_a_goal_that_was_left_behind_is_nobody_elses(monkeypatch):
    monkeypatch.setattr(
        "execution_orchestrator.ros.surroundings.foreign_goals.INNER_END", OWN_GRACE + 2.0
    )
    node, works = Statuses(), {"dock"}
    goals = foreign_goals(
        node,
        ("drive", "path"),
        ours=lambda _: False,
        works=works.__contains__,
        parents={"drive": frozenset({"dock"}), "path": frozenset({"dock", "drive"})},
        in_turn=["drive"],
    )
    node.tell("drive", a=2)
    node.tell("path", a=2)
    assert active(goals, "drive", "path") == ""
    works.clear()
    await asyncio.sleep(OWN_GRACE + 0.05)
    node.tell("path", a=6, b=2)  # the next path of the same drive
    assert active(goals, "drive", "path") == ""
    await asyncio.sleep(2.0)
    assert active(goals, "path", "drive") == "drive"
    assert goals.left_by("drive") == "dock"
    node.tell("drive", a=5)
    assert active(goals, "drive", "path") == "path"
    assert goals.left_by("path") == "dock"
    node.tell("path", b=5)
    node.tell("drive", c=2)  # by somebody else
    node.tell("path", c=2)
    assert active(goals, "path", "drive") == "path"
    assert goals.left_by("path") == ""


async def test_a_server_that_died_between_ours_and_what_moves_the_robot_is_known():
    node, alive, works = Statuses(), {b"/bt_navigator": True, b"/controller": True}, {"waypoints"}
    goals = foreign_goals(
        node,
        ("drive", "path", "waypoints"),
        works=works.__contains__,
        lives=lambda publishers: all(alive[one] for one in publishers),
        parents={"drive": frozenset({"waypoints"}), "path": frozenset({"waypoints", "drive"})},
        in_turn=["drive", "waypoints"],
    )
    node.topics["/path/_action/status"] = ["/controller"]
    node.tell("drive", a=2)
    node.tell("path", a=2)
    assert active(goals, "drive", "path") == ""
    goals.look()
    alive[b"/controller"] = False
    goals.look()
    assert goals.died_below("waypoints") == ""  # the navigator misses it, and ends its goal
    alive[b"/bt_navigator"] = False
    goals.look()
    assert goals.died_below("waypoints") == "drive"
    assert goals.died_below("drive") == ""  # its own goal is lost otherwise
    works.clear()
    goals.look()
    assert goals.died_below("waypoints") == ""


async def test_the_next_of_what_was_left_behind_is_left_behind_as_well(monkeypatch):
    module = "execution_orchestrator.ros.surroundings.foreign_goals"
    monkeypatch.setattr(f"{module}.NEXT_OF_LEFT", OWN_GRACE + 0.3)
    watched = Watched()
    watched.node.tell("drive", a=2)
    assert watched.active() == ""
    await asyncio.sleep(0.01)
    assert watched.active() == ""
    watched.works.clear()
    assert watched.goals.outlives(["drive"]) == "drive"
    await asyncio.sleep(OWN_GRACE + 0.1)
    watched.node.tell("drive", a=5)  # cancelled
    assert watched.active() == ""
    await asyncio.sleep(0.1)
    watched.node.tell("drive", a=5, b=2)
    assert watched.active() == ""
    assert watched.goals.outlives(["drive"]) == "drive"
    watched.node.tell("drive", a=5, b=5)
    assert watched.active() == ""
    await asyncio.sleep(OWN_GRACE + 0.4)
    watched.node.tell("drive", a=5, b=5, c=2)
    assert watched.active() == "drive"
    assert watched.goals.outlives(["drive"]) == ""


def test_what_a_server_logged_names_the_error_of_a_table():
    table = SHIPPED_TABLES["nav2"]
    lines = ["bt_navigator: BT file not found: /a.xml . Navigation canceled.", "controller: slow"]
    found = table.find_logged(lines)
    assert (found.code, found.recoverable) == ("NAV2_NO_BEHAVIOR_TREE", False)
    assert "/a.xml" in found.message
    assert table.find_logged(["bt_navigator: hello"]) is None
    assert SHIPPED_TABLES["moveit"].find_logged(lines) is None
