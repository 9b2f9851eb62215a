"""The raw endpoints of one action server, and the goals that run through them.

The action services are used directly rather than through rclpy's ActionClient, because a goal of
an earlier process has no goal handle: it is known by its UUID only, and is asked
for, watched and cancelled by that. Everything here runs on the loop's thread, but the question for
the result of a goal that was just accepted.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

from action_msgs.msg import GoalStatus
from action_msgs.srv import CancelGoal
from rclpy.exceptions import InvalidHandle
from rclpy.qos import QoSProfile, qos_profile_action_status_default
from rclpy.serialization import deserialize_message

from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.endpoints import other_version, publishers_of
from execution_orchestrator.ros.goals.events import GoalListener, Loss
from execution_orchestrator.ros.goals.goal import Goal, Stage
from execution_orchestrator.ros.goals.orphans import Orphans
from execution_orchestrator.ros.goals.pulse import QUESTIONS, Pulse
from execution_orchestrator.ros.goals.settings import PoolSettings
from execution_orchestrator.ros.service_quality import BURST

FEEDBACK_DEPTH = 10
MOST_SENT = 4  # requests for one goal, under the same id
FIRST_PATIENCE, LEAST_PATIENCE = 2.0, 0.5  # seconds until an unanswered goal is asked about
USUAL = 5.0  # times a server's usual answer, which it may take before it is asked about
RESULT_TIMES = 2.0  # times `answer_timeout` for the result of a goal whose status says it ended
# As often, seconds apart, is a server that comes while a goal is at work asked for it.
NEWCOMER_ASKED, NEWCOMER_PERIOD = 4, 2.0
ASKED_ANEW = 2.0  # seconds until who gave a result before the end is asked for it again
DOUBTED, ASKED_AGAIN = 1, 2  # what was done about a server that does not know a goal it accepted
TERMINAL = frozenset(
    {GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_CANCELED, GoalStatus.STATUS_ABORTED}
)
RUNNING = frozenset(
    {GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_CANCELING}
)
log = logging.getLogger(__name__)


# Whether a server can do its part: None while that is being found out.
Fit = Callable[[str], bool | None]


class ActionChannel:
    """Sends, adopts, watches and cancels goals on one action server.

    Nothing is sent to a server that is not ``fit``: its goal is refused here. ``lives`` says
    whether a process of these endpoints runs, None if that is not known. ``listening`` is a node
    that is read some times a second (ros/listening.py): a server publishes its status at every
    change of a goal, and nothing here needs it at once.
    """

    def __init__(
        self,
        node: Any,
        bridge: Bridge,
        action_type: Any,
        name: str,
        settings: PoolSettings,
        *,
        listening: Any,
        callback_group: Any = None,
        fit: Fit = lambda _: True,
        lives: Callable[[Iterable[bytes]], bool | None] = lambda _: None,
    ) -> None:
        self.name = name
        self._fit = fit
        self._lives = lives
        self._node = node
        self._bridge = bridge
        self._types = action_type.Impl
        self._type_name = f"{action_type.__module__.split('.')[0]}/action/{action_type.__name__}"
        self._settings = settings
        self._goals: dict[bytes, Goal] = {}
        self._statuses: dict[bytes, int] = {}
        self._unread_status = b""
        self._adopting = False
        self._pulse = Pulse(settings.liveness_timeout)
        self._servers_felt: frozenset[bytes] = frozenset()
        self._questions: deque[Any] = deque(maxlen=QUESTIONS)
        self._usual_answer = FIRST_PATIENCE / USUAL
        self._orphans = Orphans(self._ask_to_cancel, settings.cancel_timeout)
        self._servers_seen: tuple[float, frozenset[bytes]] = (-math.inf, frozenset())
        base = f"{name}/_action"
        group = {"callback_group": callback_group}
        burst = {"callback_group": callback_group, "qos_profile": BURST}
        self._send = node.create_client(self._types.SendGoalService, f"{base}/send_goal", **burst)
        self._result = node.create_client(
            self._types.GetResultService, f"{base}/get_result", **burst
        )
        self._cancel = node.create_client(
            self._types.CancelGoalService, f"{base}/cancel_goal", **burst
        )
        self._feedback = node.create_subscription(
            self._types.FeedbackMessage,
            f"{base}/feedback",
            lambda message: bridge.post(self._on_feedback, message),
            QoSProfile(depth=FEEDBACK_DEPTH),
            **group,
        )
        self._listening = listening
        self._status = listening.create_subscription(
            self._types.GoalStatusMessage,
            f"{base}/status",
            self._on_status,
            qos_profile_action_status_default,
            raw=True,
        )

    @property
    def active(self) -> int:
        """Goals without a final result."""
        return len(self._goals)

    def is_ready(self) -> bool:
        """Whether a server offers all three services, and has answered recently."""
        return bool(
            not self._pulse.stopped
            and self._send.service_is_ready()
            and self._result.service_is_ready()
            and self._cancel.service_is_ready()
        )

    @property
    def waiting(self) -> bool:
        """Whether a goal waits until it can be sent."""
        return any(goal.stage is Stage.WAITING for goal in self._goals.values())

    @property
    def suspicious(self) -> bool:
        """Whether the server is suspected of having died with its goals."""
        return bool(self._goals) and self._pulse.overdue

    def send(self, goal_id: UUID, message: Any, listener: GoalListener) -> None:
        """Send a goal now, or as soon as its server shows up within ``server_timeout``."""
        goal = self._register(goal_id, message, listener)
        if self.is_ready():
            self._send_if_fit(goal)

    def adopt(self, goal_id: UUID, listener: GoalListener) -> None:
        """Ask the server for a goal that an earlier process may have sent."""
        goal = self._register(goal_id, None, listener)
        self._orphans.adopted(goal_id)
        if self.is_ready():
            self._adopt_now(goal)

    def cancel(self, goal_id: UUID) -> bool:
        """Cancel a goal, also one the server has not answered yet; False: it is not known here.

        The request is kept until the goal has ended: it goes out at once, again when the server
        accepts the goal, and again while it is not answered.
        """
        goal = self._goals.get(goal_id.bytes)
        if goal is None:
            return False
        goal.cancel_wanted = True
        if goal.stage is Stage.WAITING:
            if goal.message is not None:
                reason = f"cancelled while it waited for {self.name}"
                self._finish(goal, lambda: goal.listener.lost(Loss.NOT_SENT, reason))
        elif goal.cancel_stage is not goal.stage:
            self._send_cancel(goal)
        return True

    def give_up(self, goal_id: UUID, reason: str) -> None:
        """Report a goal as lost, and have its server cancel it."""
        goal = self._goals.get(goal_id.bytes)
        if goal is not None:
            self._orphans.add(goal_id, self._now())
            self._finish(goal, lambda: goal.listener.lost(Loss.SERVER_GONE, reason))

    def silent(self, goal_id: UUID) -> bool:
        """Whether the server of a goal was reported as silent and has not been heard since."""
        goal = self._goals.get(goal_id.bytes)
        return goal is not None and goal.silent

    def unanswered(self) -> float:
        """Seconds for which the server has owed an answer and sent nothing at all; 0.0: none."""
        return self._pulse.unanswered(self._now())

    def watch(self) -> None:
        """Look after the goals: missing answers, vanished servers, results that never came."""
        if not self._goals and not self._pulse.stopped and not self._orphans:
            return
        self._read_status()
        self._adopting = any(goal.stage is Stage.ADOPTING for goal in self._goals.values())
        now = self._now()
        servers = self._servers()
        self._feel_pulse(now, servers)
        ready = self.is_ready()
        if ready and self._orphans:
            self._orphans.cancel(now)
        for goal in list(self._goals.values()):
            if goal.doubts == DOUBTED:
                goal.doubts = ASKED_AGAIN
                self._ask_result(goal)
            if goal.stage is Stage.WAITING:
                self._watch_waiting(goal, now, ready=ready)
            elif not ready or (goal.servers and servers.isdisjoint(goal.servers)):
                self._watch_gone(goal, now, servers, ready=ready)
            else:
                self._watch_heard_again(goal)
                self._watch_newcomers(goal, now, servers)
                self._watch_running(goal, now)

    def destroy(self) -> None:
        """Remove the endpoints; goals that still run are not cancelled by this."""
        for client in (self._send, self._result, self._cancel):
            self._node.destroy_client(client)
        self._node.destroy_subscription(self._feedback)
        self._listening.destroy_subscription(self._status)

    # ------------------------------------------------------------------ requests

    def _register(self, goal_id: UUID, message: Any, listener: GoalListener) -> Goal:
        known = self._goals.get(goal_id.bytes)
        if known is not None:
            raise ValueError(f"goal {goal_id} runs already")
        goal = Goal(goal_id=goal_id, message=message, listener=listener, since=self._now())
        self._goals[goal_id.bytes] = goal
        return goal

    def _send_if_fit(self, goal: Goal) -> None:
        fit = self._fit(self.name)
        if fit:
            self._send_now(goal)
        elif fit is not None:
            self._finish(goal, goal.listener.rejected)

    def _send_now(self, goal: Goal) -> None:
        goal.servers = self._recent_servers()
        goal.in_vain = bool(goal.servers) and self._lives(goal.servers) is False
        goal.sent += 1
        request = self._types.SendGoalService.Request()
        request.goal_id.uuid = list(goal.goal_id.bytes)
        request.goal = goal.message
        self._enter(goal, Stage.SENT)
        future = self._send.call_async(request)
        # The question for the result waits for the acceptance, a round trip: rclpy's server with
        # several threads ends with a KeyError where it comes while the goal is noted down.
        sent = goal.asked_result = self._now()
        future.add_done_callback(lambda done: self._answered(goal, done, sent))

    def _answered(self, goal: Goal, future: Any, sent: float) -> None:
        """Ask for the result of a goal that was accepted, on the thread that took the answer.

        Nothing depends on what the loop thinks of it, and the server has the question a hop sooner.
        """
        asked = None
        # Another thread may destroy the clients.
        with contextlib.suppress(InvalidHandle):
            if future.exception() is None and future.result().accepted:
                asked = self._request_result(goal)
        self._bridge.post(self._on_answer, goal, future, sent)
        if asked is not None:
            self._bridge.when_done(asked, lambda done: self._on_result(goal, done))

    def _adopt_now(self, goal: Goal) -> None:
        self._enter(goal, Stage.ADOPTING)
        self._adopting = True
        self._read_status()
        goal.servers = self._servers()
        self._ask_result(goal)
        if goal.cancel_wanted:
            self._send_cancel(goal)
        self._take_status(goal)

    def _ask_result(self, goal: Goal) -> None:
        asked = self._request_result(goal)
        self._bridge.when_done(asked, lambda done: self._on_result(goal, done))

    def _request_result(self, goal: Goal) -> Any:
        request = self._types.GetResultService.Request()
        request.goal_id.uuid = list(goal.goal_id.bytes)
        goal.asked_result = self._now()
        return self._result.call_async(request)

    def _send_cancel(self, goal: Goal) -> None:
        goal.cancel_sent = self._now()
        goal.cancel_attempts += 1
        goal.cancel_stage = goal.stage
        goal.cancel_answered = False
        future = self._cancel.call_async(self._cancel_request(goal.goal_id))
        self._bridge.when_done(future, lambda done: self._on_cancel_answer(goal, done))

    def _cancel_request(self, goal_id: UUID) -> Any:
        request = self._types.CancelGoalService.Request()
        request.goal_info.goal_id.uuid = list(goal_id.bytes)
        return request

    def _ask_to_cancel(self, goal_id: UUID, answered: Callable[[], object]) -> None:
        log.warning("%s is back: its goal %s was given up and is cancelled", self.name, goal_id)
        future = self._cancel.call_async(self._cancel_request(goal_id))
        self._bridge.when_done(future, lambda _: answered())

    # ------------------------------------------------------------------ what comes back

    def _on_answer(self, goal: Goal, future: Any, sent: float) -> None:
        now = self._now()
        self._pulse.heard(now)
        self._usual_answer += (now - sent - self._usual_answer) / 4.0
        if goal.given_up and future.exception() is None and future.result().accepted:
            # It began after its caller had given it up.
            self._orphans.add(goal.goal_id, now)
            self._orphans.cancel(now)
        if goal.stage is not Stage.SENT:
            return
        failure = future.exception()
        if failure is not None:
            log.warning("%s: the goal request failed: %s", self.name, failure)
            self._ask_result(goal)
            return
        if not future.result().accepted:
            if goal.sent > 1:
                # A server rejects an id that it knows already: it may have had the first request.
                goal.rejected = True
                self._ask_result(goal)
                return
            self._finish(goal, goal.listener.rejected)
            return
        self._accept(goal)

    def _accept(self, goal: Goal) -> None:
        self._enter(goal, Stage.ACCEPTED)
        goal.doubts = 0
        goal.servers = goal.took = self._recent_servers()
        if goal.cancel_wanted:
            self._send_cancel(goal)
        goal.listener.accepted()
        if not self._pulse.trusted:
            # The sooner it is known to answer while it works, the sooner its death is noticed.
            self._feel_pulse(self._now(), goal.servers)

    def _on_result(self, goal: Goal, future: Any) -> None:
        self._pulse.heard(self._now())
        if goal.stage is Stage.DONE:
            return
        failure = future.exception()
        if failure is not None:
            log.warning("%s: the result request failed: %s", self.name, failure)
            return
        answer = future.result()
        if answer.status in TERMINAL:
            if goal.stage is Stage.SENT:
                # What has ended was accepted; the server's word on that is still on its way.
                goal.listener.accepted()
            self._finish(goal, lambda: goal.listener.finished(answer.status, answer.result))
        elif answer.status == GoalStatus.STATUS_UNKNOWN:
            self._unknown(goal)
        else:
            self._answered_early(goal, answer.status)

    def _answered_early(self, goal: Goal, status: int) -> None:
        """Take the answer of a server that does not wait for the end; the watch asks again."""
        if not goal.answered_early:
            log.warning("%s gives a result before the end, with status %d", self.name, status)
        goal.answered_early = self._now()
        if goal.stage is not Stage.ACCEPTED:
            self._accept(goal)

    def _unknown(self, goal: Goal) -> None:
        self._read_status()
        if goal.stage is Stage.ACCEPTED and self._is_anothers_word(goal):
            return
        noted = goal.stage in (Stage.ACCEPTED, Stage.ADOPTING) or goal.ended_as is not None
        if noted and goal.doubts < ASKED_AGAIN:
            # rclcpp sends the acceptance before it notes the goal down, so a question may come in
            # between; and what the status topic says of an adopted goal may be on its way. The
            # watch asks once more before the goal is given up.
            goal.doubts = DOUBTED
            return
        if goal.ended_as is not None:
            self._end_without_result(goal, goal.ended_as, f"{self.name} has forgotten its result")
            return
        if goal.stage is Stage.SENT and not goal.rejected and self._may_still_decide(goal):
            return
        if goal.rejected:
            self._finish(goal, goal.listener.rejected)
            return
        if goal.stage is Stage.ACCEPTED:
            loss, reason = Loss.FORGOTTEN, f"{self.name} does not know the goal any more"
        else:
            loss, reason = Loss.NEVER_SEEN, f"{self.name} never saw the goal"
            goal.given_up = goal.stage is Stage.SENT
        self._finish(goal, lambda: goal.listener.lost(loss, reason))

    def _is_anothers_word(self, goal: Goal) -> bool:
        """Whether a second server of the name, too, answers for a goal whose own server lives."""
        there = self._servers()
        return not there <= goal.took and self._lives(goal.took & there) is True

    def _end_without_result(self, goal: Goal, status: int, reason: str) -> None:
        """End a goal with the status of the status topic, because its result is lost."""
        if goal.stage is not Stage.ACCEPTED:
            goal.listener.accepted()
        self._finish(goal, lambda: goal.listener.ended(status, reason))

    def _may_still_decide(self, goal: Goal) -> bool:
        """Wait for a server that does not know a goal, or send it once more; False: it is lost.

        A server that came after the goal was sent has hardly received it, and says so twice. One
        that was there may be about to decide, so it has its whole time, and longer for a goal that
        is to be cancelled: it would begin with nobody behind it. Should it have the first request
        after all, it rejects the second one for its id.
        """
        if goal.sent >= MOST_SENT:
            return False
        newcomer = not self._servers() <= goal.servers
        settings = self._settings
        usual = settings.longest_cancel_wait if goal.cancel_wanted else settings.answer_timeout
        patient = newcomer or self._now() - goal.since > usual
        if goal.doubts < ASKED_AGAIN or not patient:
            goal.doubts = DOUBTED
            return True
        if goal.cancel_wanted:
            return False
        log.warning("%s did not receive the goal %s; it is sent again", self.name, goal.goal_id)
        goal.doubts = 0
        self._send_now(goal)
        return True

    def _on_cancel_answer(self, goal: Goal, future: Any) -> None:
        if goal.stage is Stage.DONE or future.exception() is not None:
            return
        answer = future.result()
        ours = any(
            bytes(info.goal_id.uuid) == goal.goal_id.bytes for info in answer.goals_canceling
        )
        if ours:
            goal.cancel_answered = True
        elif answer.return_code in (
            CancelGoal.Response.ERROR_UNKNOWN_GOAL_ID,
            CancelGoal.Response.ERROR_GOAL_TERMINATED,
        ):
            # Not accepted yet, or over: the acceptance sends it again, the result tells the rest.
            goal.cancel_answered = goal.stage is Stage.ACCEPTED
            if goal.stage is Stage.ACCEPTED:
                self._ask_result(goal)
        elif not goal.cancel_refused:
            # It is asked again: it may be willing later.
            goal.cancel_refused = True
            goal.listener.cancel_refused(f"{self.name} refuses to cancel the goal")

    def _on_feedback(self, message: Any) -> None:
        self._pulse.heard(self._now())
        goal = self._goals.get(bytes(message.goal_id.uuid))
        if goal is not None and goal.stage is not Stage.DONE:
            # A server works on it, so the one that does not know it is another of that name.
            goal.doubts = 0
            # A terminal status is wrong then, or not much older than this.
            goal.terminal_since = self._now()
            goal.listener.feedback(message.feedback)

    def _on_status(self, data: bytes) -> None:
        # On the thread that reads. A server tells of all goals it remembers at every change of any
        # of them: hundreds, of which none may be of interest. The newest message waits here until
        # the watch or an adoption needs it; only an adoption in progress is woken.
        self._unread_status = data
        self._pulse.heard(self._now())
        if self._adopting:
            self._bridge.post(self._read_status)

    def _read_status(self) -> None:
        data, self._unread_status = self._unread_status, b""
        if not data:
            return
        message = deserialize_message(data, self._types.GoalStatusMessage)
        self._statuses = {
            bytes(entry.goal_info.goal_id.uuid): entry.status for entry in message.status_list
        }
        for identity in self._goals.keys() & self._statuses.keys():
            self._take_status(self._goals[identity])

    def _take_status(self, goal: Goal) -> None:
        status = self._statuses.get(goal.goal_id.bytes)
        if status in RUNNING:
            goal.ended_as = None
            if goal.stage is Stage.ADOPTING:
                self._accept(goal)
        elif status in TERMINAL and goal.ended_as is None:
            goal.ended_as, goal.terminal_since = status, self._now()

    # ------------------------------------------------------------------ the watch

    def _watch_waiting(self, goal: Goal, now: float, *, ready: bool) -> None:
        if ready:
            if goal.message is None:
                self._adopt_now(goal)
            else:
                self._send_if_fit(goal)
            return
        other = self._other_type()
        if other:
            reason = f"the action server {self.name} is of type {other}, not {self._type_name}"
            self._finish(goal, lambda: goal.listener.lost(Loss.OTHER_TYPE, reason))
            return
        adopted = goal.message is None
        timeout = self._settings.adopt_timeout if adopted else self._settings.server_timeout
        if now - goal.since > timeout:
            doubt = "is it running, and in this domain and namespace?"
            if self._servers():
                doubt = (
                    "one is seen, but its services are not: has it another action type, or "
                    "another middleware (RMW_IMPLEMENTATION) than this node?"
                )
            reason = f"no action server {self.name} after {timeout:g} s; {doubt}"
            loss = Loss.UNREACHABLE if adopted else Loss.NO_SERVER
            self._finish(goal, lambda: goal.listener.lost(loss, reason))

    def _other_type(self) -> str:
        """Return the type of a server of this name that has another one, empty if there is none."""
        # Only servers publish feedback; a list of services names the types of their clients, too.
        publishers = self._node.get_publishers_info_by_topic(f"{self.name}/_action/feedback")
        found = {one.topic_type.removesuffix("_FeedbackMessage") for one in publishers}
        return "" if self._type_name in found else ", ".join(sorted(found))

    def _watch_gone(
        self, goal: Goal, now: float, servers: frozenset[bytes], *, ready: bool
    ) -> None:
        if ready:
            # Another server of that name is there now; it knows whether it took the goal over.
            sent = goal.stage is Stage.SENT
            wait = self._patience(goal) if sent else self._settings.answer_timeout / 2
            if now - goal.asked_result > wait:
                # Of a goal without an answer it is kept which servers may have received it.
                goal.servers = goal.servers if sent else servers
                self._ask_result(goal)
            return
        if goal.stage is Stage.SENT and now - goal.since < self._settings.watch_period:
            return
        ended = bool(servers) and self._lives(servers) is False
        if servers and not ended and not (goal.servers and servers.isdisjoint(goal.servers)):
            if not goal.silent:
                goal.silent = True
                silence = self._pulse.silence
                how_long = f"for {silence:.1f} s" if self._pulse.stopped else "and incomplete"
                goal.listener.silent(f"the action server {self.name} is silent {how_long}")
            return
        how = "died" if ended else "vanished"
        if goal.ended_as is not None:
            self._end_without_result(
                goal, goal.ended_as, f"{self.name} {how} before it told its result"
            )
            return
        self._orphans.add(goal.goal_id, now)
        if goal.stage is Stage.SENT and goal.in_vain:
            # The graph shows the dead for a while. Nothing of this goal can run anywhere.
            reason = f"the action server {self.name} had died before the goal was sent"
            self._finish(goal, lambda: goal.listener.lost(Loss.NO_SERVER, reason))
            return
        reason = f"the action server {self.name} {how} while the goal ran"
        self._finish(goal, lambda: goal.listener.lost(Loss.SERVER_GONE, reason))

    def _watch_heard_again(self, goal: Goal) -> None:
        """Ask a server that was silent what became of the goal, and for the cancel again."""
        if goal.silent:
            goal.silent = False
            self._ask_result(goal)
            if goal.cancel_wanted:
                self._send_cancel(goal)

    def _watch_newcomers(self, goal: Goal, now: float, servers: frozenset[bytes]) -> None:
        """Ask a server that came later: it may have replaced one whose death is not known yet.

        A server that has just come may not have found us yet, and its answer is lost then.
        """
        if goal.stage is Stage.ACCEPTED:
            came = bool(goal.servers) and not servers <= goal.servers
            if came:
                goal.questions = NEWCOMER_ASKED
            if came or (goal.questions and now - goal.asked_result > NEWCOMER_PERIOD):
                goal.questions -= 1
                self._ask_result(goal)
        if goal.stage is not Stage.SENT:
            goal.servers |= servers

    def _watch_running(self, goal: Goal, now: float) -> None:
        settings = self._settings
        patience = self._patience(goal)
        if goal.stage is Stage.SENT and now - goal.since > patience:
            # The goal or its answer was lost, or the server hangs: it tells whether it knows it.
            if self._statuses.get(goal.goal_id.bytes) in RUNNING:
                self._accept(goal)
            elif now - goal.asked_result > patience:
                self._ask_result(goal)
        if goal.stage is Stage.ADOPTING and now - goal.asked_result > settings.answer_timeout:
            self._ask_result(goal)
        if goal.answered_early > goal.asked_result and now - goal.answered_early > ASKED_ANEW:
            self._ask_result(goal)
        if goal.ended_as is not None:
            if now - goal.terminal_since > RESULT_TIMES * settings.answer_timeout:
                reason = f"{self.name} does not tell its result"
                self._end_without_result(goal, goal.ended_as, reason)
                return
            if now - max(goal.terminal_since, goal.asked_result) > 1.0:
                self._ask_result(goal)
        if (
            goal.cancel_wanted
            and not goal.cancel_answered
            and now - goal.cancel_sent > self._cancel_wait(goal)
        ):
            self._send_cancel(goal)

    def _patience(self, goal: Goal) -> float:
        """Return the seconds a server may take to accept or reject, before it is asked."""
        usual = max(LEAST_PATIENCE, USUAL * self._usual_answer) * 2.0 ** max(0, goal.sent - 1)
        return min(usual, self._settings.answer_timeout)

    def _cancel_wait(self, goal: Goal) -> float:
        doubled = self._settings.cancel_timeout * 2.0 ** min(10, max(0, goal.cancel_attempts - 1))
        return min(doubled, self._settings.longest_cancel_wait)

    def _feel_pulse(self, now: float, servers: frozenset[bytes]) -> None:
        newcomers = servers - self._servers_felt
        self._servers_felt = servers
        if newcomers:
            self._tell_version()
            # One that leaves says nothing: the graph forgets the dead seconds after their death.
            self._pulse.replaced(now)
        if servers and self._pulse.question_due(now, busy=self._busy(), lives=self._lives(servers)):
            if len(self._questions) == QUESTIONS:
                self._result.remove_pending_request(self._questions[0])
            question = self._ask_for_nothing()
            self._questions.append(question)
            self._bridge.when_done(
                question,
                lambda _: self._pulse.answered(now, self._now(), busy=self._busy()),
            )

    def _tell_version(self) -> None:
        if other_version(self._node, self._status.topic_name.removesuffix("/_action/status")):
            log.error(
                "the action server %s has another version of %s than is installed here (another "
                "distribution of ROS 2?): its messages have other fields, and cannot be read",
                self.name,
                self._type_name,
            )

    def _busy(self) -> bool:
        return any(goal.stage in (Stage.SENT, Stage.ACCEPTED) for goal in self._goals.values())

    def _ask_for_nothing(self) -> Any:
        """Probe the server: ask for the result of an unknown goal, which it must reject at once."""
        request = self._types.GetResultService.Request()
        request.goal_id.uuid = list(uuid4().bytes)
        return self._result.call_async(request)

    def _servers(self) -> frozenset[bytes]:
        servers = publishers_of(self._node, self._status.topic_name)
        self._servers_seen = (self._now(), servers)
        return servers

    def _recent_servers(self) -> frozenset[bytes]:
        """Servers as of the last look: a newer one is met by the watch, which asks it."""
        seen, servers = self._servers_seen
        recent = self._now() - seen <= 2 * self._settings.watch_period
        return servers if servers and recent else self._servers()

    # ------------------------------------------------------------------ bookkeeping

    def _enter(self, goal: Goal, stage: Stage) -> None:
        goal.stage = stage
        goal.since = self._now()

    def _finish(self, goal: Goal, last_word: Callable[[], None]) -> None:
        if goal.stage is Stage.DONE:
            return
        goal.stage = Stage.DONE
        self._goals.pop(goal.goal_id.bytes, None)
        self._statuses.pop(goal.goal_id.bytes, None)
        last_word()

    def _now(self) -> float:
        return self._bridge.loop.time()
