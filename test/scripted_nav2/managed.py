"""A managed server: its goals, what ends them, and what may go wrong with their messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn
from std_msgs.msg import String

from execution_orchestrator.ros.action_client import SafeActionClient
from test.scripted_nav2.log import Log

STEP = 0.02  # seconds between two looks of a working goal
SERVER_TIMEOUT = 1.0  # seconds for a server behind a server to answer
# It is counted in steps, which take longer where the processor is busy with other tests.
PATIENCE = round(SERVER_TIMEOUT / STEP)
FIRST_TIMES = 5  # as often is one asked that was just found: after a bringup none is
SLOW = 2.0  # seconds that a slow server needs to accept a goal
LATE = SERVER_TIMEOUT + 0.3  # and one that is too slow for the server before it
STOP_TIMEOUT = 5.0  # seconds for goals to end before a deactivation goes on


class Over(Exception):
    """The goal ends: ``status`` is canceled or aborted, ``code`` the server's number for why."""

    def __init__(self, status: str, code: int = 0, reason: str = "") -> None:
        super().__init__(reason or status)
        self.status = status
        self.code = code
        self.reason = reason


class Run:
    """One goal while it is worked on."""

    def __init__(self, action: str, handle: Any) -> None:
        self.action = action
        self.handle = handle
        self.request = handle.request
        self.stop: Over | None = None  # somebody other than the client ends it
        self.deaf = False
        self.overtook = False  # it took the place of another one
        self.relays = True  # its end is that of its goals on the servers behind
        self.left: Any = None  # the future of what it left there otherwise
        self.ended = threading.Event()

    @property
    def identity(self) -> str:
        return bytes(bytearray(self.handle.goal_id.uuid)).hex()

    def step(self, seconds: float = STEP) -> None:
        """Work for a moment.

        Raises:
            Over: the goal has to end.

        """
        time.sleep(seconds)
        if self.stop is not None:
            raise self.stop
        if self.handle.is_cancel_requested and not self.deaf:
            raise Over("canceled")

    def feedback(self, message: Any) -> None:
        if self.handle.is_active:
            self.handle.publish_feedback(message)


class Faults:
    """What is wrong with which action's cancels: ignored, refused, unanswered; '' is nothing.

    Set by the command line, and while it runs by the topic `scripted_nav2/fault`:
    `cancel navigate_to_pose ignored`, `odometry off`, `odometry on`, `tf off`, `tf on`; with
    `time off` the processor is overloaded: no planner answers in time; with `relay off` a server
    that ends a goal does not cancel what it had other servers do for it; with `progress off` the
    controller finds the robot stuck; with `feedback off` blind motions say nothing of how far they
    are, as where their messages do not get through; with `charge off` a dock has no power; after `accept navigate_to_pose slow` its goals are accepted
    two seconds after they were asked for, after `accept follow_path late` just after who asked has
    given up, and after `accept follow_path works` at once again.
    """

    def __init__(self, given: list[str]) -> None:
        self.cancels: dict[str, str] = {}
        self.off: set[str] = set()
        self.slow: dict[str, float] = {}
        for text in given:
            self.take(text)

    def take(self, text: str) -> None:
        match text.split():
            case ["cancel", action, how]:
                self.cancels[action] = how if how != "works" else ""
            case ["accept", action, how]:
                self.slow[action] = {"slow": SLOW, "late": LATE, "works": 0.0}[how]
            case [what, "off"]:
                self.off.add(what)
            case [what, "on"]:
                self.off.discard(what)
            case _:
                raise ValueError(f"what is {text!r}?")

    def listen(self, node: Any) -> None:
        node.create_subscription(
            String, "scripted_nav2/fault", lambda message: self.take(message.data), 10
        )


Body = Callable[[Run], Any]


class ManagedServer(LifecycleNode):
    """A lifecycle node with action servers: one goal at a time each, the newest takes over."""

    #: What a goal that somebody else cancelled on a server behind this one was to it.
    CANCELLED_IS_DONE = False
    #: Whether it finds out that a server behind it died while it waits for the end of a goal there.
    MISSES_THE_DEAD = True

    def __init__(self, name: str, log: Log, faults: Faults) -> None:
        super().__init__(name)
        self.log = log
        self.faults = faults
        self.group = ReentrantCallbackGroup()
        self.offers: dict[str, tuple[Any, Body]] = {}
        self.runs: dict[str, list[Run]] = {}
        self.active = False
        self._offered: list[ActionServer] = []
        self._behind: dict[str, SafeActionClient] = {}
        self._answered: set[str] = set()  # servers behind this one
        self.log.write(name, "up")

    def offer(self, action_type: Any, action: str, body: Body) -> None:
        """Serve an action; ``body`` returns the result, or raises `Over`."""
        self.offers[action] = (action_type, body)
        self.runs[action] = []

    def uses(self, action_type: Any, action: str) -> None:
        """Be a client of a server behind this one."""
        self._behind[action] = SafeActionClient(
            self, action_type, action, callback_group=self.group
        )

    # ------------------------------------------------------------------ lifecycle

    def on_configure(self, state: Any) -> TransitionCallbackReturn:
        for action, (action_type, _) in self.offers.items():
            self._offered.append(
                ActionServer(
                    self,
                    action_type,
                    action,
                    execute_callback=lambda handle, action=action: self._execute(action, handle),
                    goal_callback=lambda request, action=action: self._asked(action, request),
                    cancel_callback=lambda handle, action=action: self._cancel(action, handle),
                    callback_group=self.group,
                )
            )
        return super().on_configure(state)

    def on_activate(self, state: Any) -> TransitionCallbackReturn:
        self.active = True
        self.log.write(self.get_name(), "state", state="active")
        return super().on_activate(state)

    def on_deactivate(self, state: Any) -> TransitionCallbackReturn:
        self.active = False
        self.log.write(self.get_name(), "state", state="inactive")
        running = [run for runs in self.runs.values() for run in runs]
        for run in running:
            run.stop = run.stop or Over("aborted", 0, "the server was deactivated")
        end = time.monotonic() + STOP_TIMEOUT
        for run in running:
            run.ended.wait(max(0.0, end - time.monotonic()))
        return super().on_deactivate(state)

    def on_cleanup(self, state: Any) -> TransitionCallbackReturn:
        for server in self._offered:
            server.destroy()
        self._offered.clear()
        self.log.write(self.get_name(), "state", state="unconfigured")
        return super().on_cleanup(state)

    # ------------------------------------------------------------------ goals

    def refuses(self, action: str, request: Any) -> str:
        """Why a goal is not taken; empty if it is."""
        return "" if self.active else "inactive"

    def keeps(self, older: Run, newer: Run) -> str:
        """Why a goal at work goes on and a newer one is given up; empty if that one takes over."""
        return ""

    def _asked(self, action: str, request: Any) -> GoalResponse:
        if self.faults.slow.get(action):
            self.log.write(self.get_name(), "asked", action=action)
            time.sleep(self.faults.slow[action])
        reason = self.refuses(action, request)
        if reason:
            self.log.write(self.get_name(), "refused", action=action, reason=reason)
            self.get_logger().warning(f"{action}: a goal is refused: {reason}")
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _cancel(self, action: str, handle: Any) -> CancelResponse:
        how = self.faults.cancels.get(action, "")
        identity = bytes(bytearray(handle.goal_id.uuid)).hex()
        self.log.write(self.get_name(), "cancel", action=action, id=identity, answered=how or "yes")
        if how == "unanswered":
            # Until the process ends, which this must not keep it from.
            while self.context.ok():
                time.sleep(STEP)
        if how == "refused":
            return CancelResponse.REJECT
        for run in self.runs[action]:
            if run.identity == identity:
                run.deaf = how == "ignored"
        return CancelResponse.ACCEPT

    def _execute(self, action: str, handle: Any) -> Any:
        action_type, body = self.offers[action]
        run = Run(action, handle)
        for older in self.runs[action]:
            reason = self.keeps(older, run)
            if reason:
                run.stop = Over("aborted", 0, reason)
            else:
                older.stop = older.stop or Over("aborted", 0, "another goal took over")
                run.overtook = True
        self.runs[action].append(run)
        self.log.write(self.get_name(), "goal", action=action, id=run.identity)
        status, code = "succeeded", 0
        try:
            result = body(run)
            handle.succeed()
        except Over as over:
            result = action_type.Result()
            status, code = over.status, over.code
            if hasattr(result, "success") and over.code < 0:
                result.success, code = True, 0
            if hasattr(result, "error_code"):
                result.error_code = code
            if over.reason:
                self.get_logger().error(f"{action}: {over.reason}")
            if status == "canceled" and handle.is_cancel_requested:
                handle.canceled()
            else:
                status = "aborted"
                handle.abort()
        finally:
            self.runs[action].remove(run)
            run.ended.set()
        self.log.write(
            self.get_name(), "end", action=action, id=run.identity, status=status, code=code
        )
        return result

    def ask(
        self, run: Run, action: str, goal: Any, each: Callable[[], Any] = lambda: None
    ) -> tuple[bool, Any]:
        """Send a goal to a server behind this one; return whether it succeeded, and its result.

        A goal that ``each`` returns takes the place of the one at work, which is aborted.

        Raises:
            Over: the server is not there, refuses or falls silent, or ``run`` has to end.

        """
        client = self._behind[action]
        times = 1 if action in self._answered else FIRST_TIMES
        # A behaviour tree waits for its servers when it is loaded.
        for _ in range(times * PATIENCE):
            if client.server_is_ready():
                break
            run.step()
        handle = None
        while handle is None and times > 0:
            handle = self._answer(run, client.send_goal_async(goal))
            times -= 1
        if handle is None:
            raise Over("aborted", 0, f"no acknowledgement of a goal request for {action}")
        self._answered.add(action)
        if not handle.accepted:
            raise Over("aborted", 0, f"{action} refused the goal of {run.action}")
        future = handle.get_result_async()
        silent, steps = 0.0, 0
        try:
            while not future.done():
                run.step()
                steps += 1
                newer = each()
                if newer is not None and not future.done():
                    taken = self._answer(run, client.send_goal_async(newer))
                    if taken is None or not taken.accepted:
                        raise Over("aborted", 0, f"{action} did not take the next goal")
                    handle, future = taken, taken.get_result_async()
                if self.MISSES_THE_DEAD and (
                    silent or steps % 5 == 0
                ):  # it asks the middleware six things
                    silent = 0.0 if client.server_is_ready() else silent + STEP
                if silent > SERVER_TIMEOUT:
                    raise Over("aborted", 0, f"{action} did not answer in time")
        except Over:
            run.left = future
            if "relay" in self.faults.off or not run.relays:
                raise
            handle.cancel_goal_async()
            end = time.monotonic() + SERVER_TIMEOUT
            while not future.done() and time.monotonic() < end:
                time.sleep(STEP)
            raise
        ended = future.result()
        done = {GoalStatus.STATUS_SUCCEEDED}
        if self.CANCELLED_IS_DONE:
            done.add(GoalStatus.STATUS_CANCELED)
        return ended.status in done, ended.result

    def _answer(self, run: Run, future: Any) -> Any:
        for _ in range(PATIENCE):
            if future.done():
                break
            run.step()
        return future.result() if future.done() else None
