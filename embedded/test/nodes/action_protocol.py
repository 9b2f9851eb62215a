"""What an action server answers, step by step; runs on this runtime and on a real ROS 2 alike.

Prints a list of [what was done, what came back] as JSON. Goals are named by a letter instead of their
UUIDs, statuses by their numbers.
"""

import json
import threading
import time

import rclpy
from action_msgs.msg import GoalInfo, GoalStatusArray
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Time
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.qos import qos_profile_action_status_default
from test_msgs.action import Fibonacci
from unique_identifier_msgs.msg import UUID

PATIENCE = 10  # seconds
RESULT_TIMEOUT = 3  # seconds
SHORT = 0.5  # seconds
#: What a goal does, by its order.
SUCCEED, WAIT, STUBBORN, LATER, REFUSED, ABORT, UNSET = range(7)


def uuid(letter):
    """Return the id of a goal: its letter sixteen times, nothing for the empty name."""
    return UUID(uuid=[ord(letter or "\0")] * 16)


def letter(goal_id):
    """Return the name of a goal."""
    return chr(goal_id.uuid[0]).strip("\0")


class Server:
    """An action server whose goals do what their order says."""

    def __init__(self, node):
        self.asked = []
        self.handles = {}
        self.over = threading.Event()
        self.server = ActionServer(
            node, Fibonacci, "protocol", self.execute,
            goal_callback=self.on_goal, cancel_callback=self.on_cancel,
            handle_accepted_callback=self.on_accepted,
            callback_group=ReentrantCallbackGroup(), result_timeout=RESULT_TIMEOUT,
        )  # fmt: skip

    def on_goal(self, request):
        self.asked.append(request.order)
        return GoalResponse.REJECT if request.order == REFUSED else GoalResponse.ACCEPT

    def on_accepted(self, handle):
        self.handles[letter(handle.goal_id)] = handle
        if handle.request.order != LATER:
            handle.execute()

    def on_cancel(self, handle):
        stubborn = handle.request.order == STUBBORN
        return CancelResponse.REJECT if stubborn else CancelResponse.ACCEPT

    def execute(self, handle):
        order = handle.request.order
        if order in (WAIT, STUBBORN, LATER):
            self.over.wait(SHORT if order == STUBBORN else PATIENCE)
        result = Fibonacci.Result(sequence=[order, 7])
        if order == UNSET:
            return result
        if order == ABORT:
            handle.abort()
        elif handle.is_cancel_requested:
            handle.canceled()
        else:
            handle.succeed()
        return result


class Client:
    """The services of the action, without rclpy's ActionClient."""

    def __init__(self, node):
        kinds = Fibonacci.Impl
        group = ReentrantCallbackGroup()
        self.statuses = []
        self.stamps = {}
        self.services = {
            name: node.create_client(kind, f"protocol/_action/{name}", callback_group=group)
            for name, kind in (
                ("send_goal", kinds.SendGoalService),
                ("get_result", kinds.GetResultService),
                ("cancel_goal", CancelGoal),
            )
        }
        node.create_subscription(
            GoalStatusArray, "protocol/_action/status",
            lambda message: self.statuses.append(
                [[letter(one.goal_info.goal_id), one.status] for one in message.status_list]
            ),
            qos_profile_action_status_default, callback_group=group,
        )  # fmt: skip
        for client in self.services.values():
            assert client.wait_for_service(PATIENCE)

    def ask(self, name, request):
        return self.answer(self.services[name].call_async(request))

    @staticmethod
    def answer(future):
        """Wait for an answer without a thread of the executor."""
        end = time.monotonic() + PATIENCE
        while not future.done() and time.monotonic() < end:
            time.sleep(0.005)
        return future.result() if future.done() else None

    def send(self, name, order):
        request = Fibonacci.Impl.SendGoalService.Request(goal_id=uuid(name))
        request.goal.order = order
        answer = self.ask("send_goal", request)
        if answer.accepted:
            self.stamps[name] = answer.stamp
        return [answer.accepted, answer.stamp != Time()]

    def result_later(self, name):
        request = Fibonacci.Impl.GetResultService.Request(goal_id=uuid(name))
        return self.services["get_result"].call_async(request)

    def told(self, future):
        answer = self.answer(future)
        return None if answer is None else [answer.status, list(answer.result.sequence)]

    def result(self, name):
        return self.told(self.result_later(name))

    def cancel(self, name="", stamp=None):
        info = GoalInfo(goal_id=uuid(name), stamp=stamp or Time())
        answer = self.ask("cancel_goal", CancelGoal.Request(goal_info=info))
        return [answer.return_code, sorted(letter(one.goal_id) for one in answer.goals_canceling)]

    def newest_status(self):
        time.sleep(0.3)
        return sorted(self.statuses[-1]) if self.statuses else None


def answers(server, client):
    """Go through all steps."""
    yield "nothing to cancel", client.cancel()
    yield "cancel an unknown goal", client.cancel("u")
    yield "result of an unknown goal", client.result("u")
    yield "refuse", client.send("r", REFUSED)
    yield "result of a refused goal", client.result("r")
    yield "succeed", client.send("a", SUCCEED)
    yield "result", client.result("a")
    yield "result again", client.result("a")
    yield "same id after its end", client.send("a", WAIT)
    yield "cancel what is over", client.cancel("a")
    yield "abort", client.send("b", ABORT)
    yield "result of abort", client.result("b")
    yield "no state", client.send("c", UNSET)
    yield "result of no state", client.result("c")
    yield "wait", client.send("d", WAIT)
    waiting = client.result_later("d"), client.result_later("d")
    yield "same id while it runs", client.send("d", SUCCEED)
    yield "asked", sorted(server.asked)
    yield "status", client.newest_status()
    yield "cancel", client.cancel("d")
    yield "cancel again", client.cancel("d")
    yield "status while cancelling", client.newest_status()
    yield "stubborn", client.send("e", STUBBORN)
    yield "cancel is refused", client.cancel("e")
    # rclpy skips the goal behind one that refuses when it cancels several: so this one is over by then.
    yield "result of the stubborn", client.result("e")
    yield "later", client.send("f", LATER)
    yield "status of later", client.newest_status()
    yield "cancel before it is executed", client.cancel("f")
    time.sleep(0.01)
    yield "wait on", client.send("g", WAIT)
    time.sleep(0.01)
    yield "wait, too", client.send("h", WAIT)
    yield "up to a moment", client.cancel("", client.stamps["g"])
    yield "status up to a moment", client.newest_status()
    yield "up to the next moment", client.cancel("", client.stamps["h"])
    yield "a goal and a moment", client.cancel("h", client.stamps["g"])
    yield "an unknown goal and a moment", client.cancel("u", client.stamps["h"])
    yield "one more", client.send("i", WAIT)
    yield "a goal that is over and a moment before all", client.cancel("a", Time(sec=1))
    yield "all", client.cancel()
    yield "status of all", client.newest_status()
    server.handles["f"].execute()
    server.over.set()
    for name in "fghi":
        yield f"result of {name}", client.result(name)
    yield "results asked early", [client.told(one) for one in waiting]
    yield "all are over", client.cancel()
    yield "status of the end", client.newest_status()
    time.sleep(RESULT_TIMEOUT + 1.5)
    yield "status when the time is over", client.newest_status()
    yield "result after its time", client.result("a")
    yield "cancel after its time", client.cancel("a")
    yield "same id after its time", client.send("a", SUCCEED)
    yield "result of the new one", client.result("a")
    yield "status after its time", client.newest_status()


def main():
    rclpy.init()
    node = rclpy.create_node("protocol")
    executor = MultiThreadedExecutor(16)
    executor.add_node(node)

    def spin():
        try:
            executor.spin()
        except ExternalShutdownException:
            return

    thread = threading.Thread(target=spin, daemon=True)
    thread.start()
    server = Server(node)
    print(json.dumps(list(answers(server, Client(node)))))
    executor.shutdown(timeout_sec=5)
    rclpy.try_shutdown()


if __name__ == "__main__":
    main()
