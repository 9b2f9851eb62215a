"""Random resolved plans: every control-flow kind, nested, with every gate an action can have."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

from execution_orchestrator.engine.config import BreakerSettings, EngineConfig
from execution_orchestrator.engine.recovery.policy import RecoveryPolicy
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.tree import children
from test.simulation import fleet

RESOURCES = {
    **fleet.RESOURCES,
    "base": ResourceSpec(name="base", type="mobile_base", properties={"payload": 10}, moves=True),
    "arm": ResourceSpec(name="arm", type="manipulator", moves=True),
    "camera": ResourceSpec(name="camera", type="camera", capacity=2.0),
    "left": ResourceSpec(name="left", type="gripper", moves=True),
    "right": ResourceSpec(name="right", type="gripper", moves=True),
}
SERVERS = ("nav", "arm", "camera", "gripper")
STRATEGIES = ("clear_costmaps", "back_up", "alternative_grasp")
# Strategies that move the robot, and what they hold meanwhile.
MOVING = {"back_up": ("base",), "alternative_grasp": ("arm",)}
POLICY = RecoveryPolicy.model_validate(
    {
        "tables": {
            "nav": [
                {"errors": ["CONNECTIVITY"], "strategies": ["requeue", "retry"]},
                {
                    "strategies": [
                        {"strategy": "back_up", "timeout": 5.0, "max_runs": 2},
                        {"strategy": "clear_costmaps", "max_runs": 2},
                        "retry",
                        "replan",
                        "recovery_plan",
                        "fallback",
                    ]
                },
            ],
            "arm": [
                {"errors": ["TIMEOUT"], "strategies": ["retry_longer_timeout", "retry", "abort"]},
                {"strategies": ["alternative_grasp", "checkpoint_restore", "retry"]},
            ],
            "camera": [{"strategies": ["retry", "skip"]}],
            "gripper": [{"recoverable_only": False, "strategies": ["replan"]}],
        }
    }
)
ADAPTIVE = {
    "percentile": 0.5,
    "factor": 1.5,
    "min_samples": 2,
    "minimum": 0.5,
    "maximum": 20.0,
}
# Policies of a parallel, loops, and retries of blocks, by the last digit of the id and not by chance, so
# that a seed still means the same plan otherwise.
POLICIES: dict[str, dict[str, Any]] = {
    "1": {"needed": 1},
    "3": {"needed": 2},
    "5": {"race": True},
    "7": {"on_first_failure": "finish"},
}
LOOPED: dict[str, dict[str, Any]] = {
    "0": {},
    "2": {"until": "index >= 1"},
    "4": {"until": "false"},
    "6": {"while": "index < 2"},
}
SUCCESSES = (
    "",
    "actions.{last}.status == 'SUCCEEDED'",
    "",
    "actions.{first}.status == 'SUCCEEDED' && actions.{last}.status == 'SUCCEEDED'",
    "",
    "actions.{last}.status != 'SKIPPED' && actions.{last}.output.good",  # often undecidable
    "",
)
# Guards, by the number in the id and for the same reason.
GUARDS = {3: "wait", 5: "skip", 8: "fail"}
# Whose last catch throws the error again, by the last figure of the id.
RETHROWN = frozenset("0369")
# Whose half is undone, by the last figure of the id.
HALVES = frozenset("1479")
PLAIN = frozenset({"action_type", "server", "resources", "timeout", "recovery", "idempotent"})
OUTCOMES = {"good": "output.good", "poor": "true"}  # of the camera
CHANGED = "changed_"  # how the names of parameters begin that strategies change
EVERY = 2.5  # seconds from one round of a loop to the next
BLOCK_RETRY = {"max_attempts": 2, "initial_delay": 0.5, "jitter": 0.0}
KINDS = ("sequence", "parallel", "conditional", "router", "foreach", "try", "subplan")


def config(rng: Random) -> EngineConfig:
    """Return settings small enough for limits to matter."""
    return EngineConfig(
        resources=RESOURCES,
        recovery=POLICY,
        strategy_resources=MOVING,
        repositioning=frozenset({"back_up"}),
        breaker=BreakerSettings(threshold=rng.choice((2, 3, 5)), reset_timeout=5.0),
        max_running_executions=rng.choice((1, 2, 4)),
        queue_capacity=rng.choice((2, 8)),
        max_concurrent_actions=rng.choice((1, 2, 8)),
        checkpoint_every=rng.choice((0, 1, 2, 5)),
        finished_kept=rng.choice((1, 3, 100)),
        dead_letters_kept=rng.choice((1, 3, 100)),
        cancel_timeout=3.0,
        confirmation_timeout=rng.choice((None, 20.0)),
        strategy_timeout=8.0,
        replan_timeout=8.0,
        reserve_after=rng.choice((0.0, 2.0, 10.0)),
    )


def amended(rng: Random, plan: dict[str, Any]) -> dict[str, Any]:
    """Return the plan as a planner may change it: an action less, another one more."""
    actions = [dict(action) for action in plan["actions"]]
    if len(actions) > 1 and rng.random() < 0.5:
        gone = actions.pop(rng.randrange(len(actions)))["id"]
        for action in actions:
            action["depends_on"] = [one for one in action["depends_on"] if one != gone]
    new = PlanMaker(rng, 1).capability(0, plain=True)
    taken = {action["id"] for action in actions}
    number = rng.randrange(1000)
    while f"new{number}" in taken:  # no plan with an id twice gets as far as the engine
        number = (number + 1) % 1000
    new["id"] = f"new{number}"
    place = rng.randint(0, len(actions))
    if place < len(actions) and rng.random() < 0.7:
        follower = actions[place]
        follower["depends_on"] = [*follower["depends_on"], new["id"]]
    actions.insert(place, new)
    made = {**plan, "actions": actions}
    made.pop("success", None)  # it may be about the one that is gone
    return made


def _let_wait(actions: list[dict[str, Any]]) -> None:
    for action in actions:
        if action["action_type"] == "wait_for":
            del action["until"]
            action.update(action_type="wait_for_signal", signal="go")
        for branch in children(action):
            _let_wait([branch])


class PlanMaker:
    """Makes one plan."""

    def __init__(self, rng: Random, size: int) -> None:
        self.rng = rng
        self.left = size
        self.count = 0

    def plan(self) -> dict[str, Any]:
        """Return a resolved plan."""
        made = {
            "version": 1,
            "id": "random",
            "command": "",
            "timeout": self.rng.choice((None, None, None, 40.0)),
            "actions": self.block(0, returns=False),
        }
        # By what was made and not by chance, so that a seed still means the same plan.
        success = SUCCESSES[self.count % len(SUCCESSES)]
        # What waits for a signal does so by its id, not by chance, for the same reason.
        if self.count % 3 == 0:
            made["signals"] = {"go": {"type": "integer"}}
            _let_wait(made["actions"])
        if success:
            first, last = made["actions"][0]["id"], made["actions"][-1]["id"]
            made["success"] = success.format(first=first, last=last)
        return made

    def _id(self) -> str:
        self.count += 1
        return f"a{self.count}"

    def _guard(self) -> dict[str, Any]:
        policy = GUARDS.get(self.count % 13)
        return {"guard": "robot.clear", "on_guard_failed": policy} if policy else {}

    def block(self, depth: int, *, returns: bool = True, chained: bool = True) -> list[Any]:
        """Return some actions with dependencies among them."""
        rng = self.rng
        actions: list[dict[str, Any]] = []
        for _ in range(rng.randint(0 if depth else 1, 4)):
            if self.left <= 0 and actions:
                break
            action = self.action(depth)
            before = [one["id"] for one in actions]
            if before and action["action_type"] == "router":
                self._go_by_outcome(action, before[-1])
            if before and chained and rng.random() < 0.5:
                action["depends_on"] = [before[-1]]
            elif before and rng.random() < 0.5:
                action["depends_on"] = rng.sample(before, rng.randint(1, min(2, len(before))))
            if actions and rng.random() < 0.2:
                self._condition_on(action, rng.choice(actions)["id"])
            actions.append(action)
        if returns and rng.random() < 0.05:
            actions.append(self._steering("return"))
        return actions

    def _go_by_outcome(self, router: dict[str, Any], other: str) -> None:
        """Let the way of a router depend on the outcome of an action, which may have none."""
        if router["id"][-1] in "024":
            router["by"] = f"actions.{other}.outcome"
            for case, name in zip(router["cases"], OUTCOMES, strict=False):
                case["when"] = f"({router['by']}) in ['{name}']"

    def _condition_on(self, action: dict[str, Any], other: str) -> None:
        action["condition"] = f"actions.{other}.status == 'SUCCEEDED'"
        # By the id and not by chance, so that a seed still means the same plan.
        action["when_skipped"] = "skip" if action["id"][-1] in "13579" else "run"
        action["critical"] = action["id"][-1] not in "369"

    def action(self, depth: int) -> dict[str, Any]:
        """Return an action of any kind."""
        rng = self.rng
        self.left -= 1
        if depth < 4 and self.left > 0 and rng.random() < 0.35:
            return self._composite(rng.choice(KINDS), depth)
        if rng.random() < 0.12:
            return self._steering(rng.choice(("delay", "wait_for")))
        return self.capability(depth)

    def _common(self, kind: str) -> dict[str, Any]:
        rng = self.rng
        return {
            "id": self._id(),
            "action_type": kind,
            "depends_on": [],
            "on_failure": rng.choice(("abort", "abort", "skip_dependents", "continue")),
            "priority": rng.choice((0, 0, 5)),
            **self._guard(),
        }

    def capability(self, depth: int, *, plain: bool = False) -> dict[str, Any]:
        """Return an action of a server."""
        rng = self.rng
        server = rng.choice(SERVERS)
        action = self._common(f"do_{server}")
        action.update(
            parameters=rng.choice(({}, {"x": 1}, {"x": "{{ 1 + 1 }}"})),
            timeout=rng.choice((None, 4.0, 10.0)),
            adaptive_timeout=ADAPTIVE if rng.random() < 0.3 else None,
            retry={
                "max_attempts": rng.randint(1, 3),
                "initial_delay": 0.5,
                "multiplier": 2.0,
                "max_delay": 4.0,
                "jitter": 0.2,
            },
            resources=rng.choice(
                (
                    [],
                    [{"resource": "base"}],
                    [{"resource": "arm"}],
                    [{"resource": "base"}, {"resource": "arm"}],
                    [{"resource": "camera", "shared": True}],
                    [{"resource": "camera", "amount": 2.0}],
                    [{"resource": "gripper"}],
                    [{"resource": "mobile_base", "constraints": {"payload": 10}}],
                )
            ),
            resume={"into": "x", "how": "subtract"} if server == "nav" else None,
            pausable=rng.choice(("none", "hold", "cancel")),
            preemptible=rng.random() < 0.5,
            idempotent=rng.random() < 0.5,
            recovery=server,
            server=server,
            rate_limit=2.0 if rng.random() < 0.1 else None,
        )
        if server == "camera":
            action["outcomes"] = OUTCOMES
        if plain:
            return action
        if rng.random() < 0.1:
            action["preconditions"] = ["robot.battery > 0.1"]
        if rng.random() < 0.1:
            action["postconditions"] = [f"actions.{action['id']}.output.good"]
        if rng.random() < 0.05:
            action["terminate_if"] = f"actions.{action['id']}.output.enough"
        if rng.random() < 0.08:
            action["require_confirmation"] = True
            action["confirmation_default"] = rng.random() < 0.5
            if self.count % 2:
                action["confirmation_timeout"] = 4.0
        if rng.random() < 0.3:
            action["compensation"] = self.capability(depth, plain=True)
        if rng.random() < 0.15:
            action["fallback_action"] = self.capability(depth, plain=True)
        if action["id"][-1] in HALVES:
            told = {"half": "{{ size(feedback) }}", "why": "{{ error.code }}"}
            half = {name: value for name, value in action.items() if name in PLAIN}
            action["compensation_of_partial"] = {
                **half, "id": f"{action['id']}_half", "parameters": told, "depends_on": [],
            }  # fmt: skip
        if rng.random() < 0.1:
            action["recovery_plan"] = [self.capability(depth, plain=True)]
        return action

    def _steering(self, kind: str) -> dict[str, Any]:
        action = self._common(kind)
        if kind == "delay":
            action["duration"] = self.rng.choice((0.0, 1.0, "1.0 + 1.0"))
            if self.count % 7 == 3:
                action["timeout"] = 0.5
        elif kind == "wait_for":
            action["until"] = "robot.battery < 0.5"
            action["timeout"] = self.rng.choice((3.0, 30.0))
            if self.count % 5 == 2:
                action["retry"] = BLOCK_RETRY
        else:
            action["value"] = {"answer": "{{ 40 + 2 }}"}
        return action

    def _pace(self, loop: dict[str, Any]) -> None:
        """Let the rounds of a loop begin at a rate, as a plan's `every` is resolved."""
        pause = {"id": f"{loop['id']}_pause", "action_type": "delay", "depends_on": []}
        pause.update(duration=0.0, every=EVERY)
        for action in loop["actions"]:
            action["depends_on"] = action["depends_on"] or [pause["id"]]
        loop["actions"] = [pause, *loop["actions"]]

    def _composite(self, kind: str, depth: int) -> dict[str, Any]:
        rng = self.rng
        action = self._common(kind)
        below = depth + 1
        if kind == "sequence":
            action["actions"] = self.block(below)
        elif kind == "parallel":
            action["actions"] = self.block(below, chained=False)
            action["max_parallel"] = rng.choice((None, 1, 2))
            action.update(POLICIES.get(action["id"][-1], {}))
        elif kind == "conditional":
            action["if"] = rng.choice(("true", "false", "robot.battery > 0.5", "input.flag"))
            if action["id"][-1] in "37":  # not by chance, so that a seed still means the same plan
                action["if"] = "now().getSeconds() < 30"
            action["then"] = self.block(below)
            action["else"] = self.block(below)
        elif kind == "router":
            action["cases"] = [
                {"when": rng.choice(("false", "robot.battery > 0.7")), "actions": self.block(below)}
                for _ in range(rng.randint(1, 2))
            ]
            action["default"] = self.block(below)
        elif kind == "foreach":
            action["items"] = rng.choice(([], [1], [1, 2, 3], "[1, 2]", "input.things"))
            action["mode"] = rng.choice(("sequential", "parallel"))
            action["max_parallel"] = rng.choice((1, 2, 5))
            action["actions"] = self.block(below)
            if action["id"][-1] in LOOPED:
                action.update(loop="repeat", items=[0, 1, 2], mode="sequential")
                action.update(LOOPED[action["id"][-1]])
                if action["id"][-1] in "06":
                    self._pace(action)
        elif kind == "try":
            action["actions"] = self.block(below)
            action["catch"] = [
                {"errors": rng.choice(([], ["TIMEOUT"])), "actions": self.block(below)}
                for _ in range(rng.randint(0, 2))
            ]
            action["finally"] = self.block(below) if rng.random() < 0.5 else []
            action["on_error"] = rng.choice(("propagate", "continue"))
        else:
            action["plan"] = {"version": 1, "actions": self.block(below)}
            action["inputs"] = {"flag": True, "things": [1]}
            action["outputs"] = rng.choice(({}, {"flag": "{{ input.flag }}"}))
        if rng.random() < 0.1:
            action["fallback_action"] = self.capability(depth, plain=True)
        if rng.random() < 0.1 and kind != "delay":
            action["timeout"] = 15.0
        if action["id"][-1] in "28":
            action["retry"] = BLOCK_RETRY
        self._safeguards(action)
        return action

    def _safeguards(self, block: dict[str, Any]) -> None:
        """Give a block what undoes, recovers and replaces it as a whole, blocks among them."""
        name, last = block["id"], block["id"][-1]
        if block["action_type"] == "try" and block["catch"] and last in RETHROWN:
            block["catch"][-1]["rethrow"] = True
        turn = int(name[1:]) % 7  # not the last figure, which says what sort of loop it is
        if turn in (1, 4):
            block["compensation"] = _step(f"{name}_undo")
        elif turn == 2:
            steps = [_step(f"{name}_undo_a"), _step(f"{name}_undo_b", server="arm")]
            block["compensation"] = _group(f"{name}_undo", steps)
        if turn in (2, 3):
            block["compensation_of_partial"] = _step(f"{name}_half")
        if turn in (3, 4):
            block["recovery_plan"] = [_step(f"{name}_recover", server="arm")]
        if turn == 5 and "fallback_action" not in block:
            block["fallback_action"] = _group(f"{name}_instead", [_step(f"{name}_other")])


def _step(name: str, *, server: str = "nav") -> dict[str, Any]:
    """Return a plain action of a server."""
    resource = {"nav": "base", "arm": "arm"}[server]
    return {
        "id": name, "action_type": f"do_{server}", "server": server, "recovery": server,
        "depends_on": [], "parameters": {}, "resources": [{"resource": resource}], "timeout": 4.0,
        "idempotent": True, "on_failure": "abort",
    }  # fmt: skip


def _group(name: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    for before, step in pairwise(steps):
        step["depends_on"] = [before["id"]]
    return {
        "id": name, "action_type": "sequence", "depends_on": [], "actions": steps,
        "on_failure": "abort",
    }  # fmt: skip
