"""A move_group and the controllers of arm and gripper for tests, each a node of its own.

`--parts move_group,controller_manager`, each may be a process. Every goal is a line in the log.
`--fault NAME` of an action: its goals are aborted, and the node says why on /rosout. `--fault deaf`: it
works on when it is cancelled.
`--seconds` is what a motion of the arm or its controllers takes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import rclpy
from control_msgs.action import FollowJointTrajectory, GripperCommand
from moveit_msgs.action import MoveGroup
from moveit_msgs.srv import ApplyPlanningScene, GetPlanningScene
from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor

MOVE = 1.5  # seconds that a motion of the arm takes
CLOSE = 0.2  # seconds that the gripper takes
DONE = 1  # moveit_msgs/MoveItErrorCodes
PREEMPTED = -7


class Part:
    def __init__(self, node, log: Path, faults: list[str], seconds: float | None) -> None:
        self.seconds = seconds
        self.node = node
        self.group = ReentrantCallbackGroup()
        self._log = log.open("a", buffering=1)
        self._faults = faults
        self.write("up", node.get_name())

    def write(self, what: str, name: str) -> None:
        self._log.write(f"{what} {name} 0\n")

    def work(self, handle, seconds: float, replaced=lambda: False) -> bool:
        """Move until it is done or cancelled; false: another goal replaced it."""
        end = time.monotonic() + (self.seconds or seconds)
        deaf = "deaf" in self._faults
        while time.monotonic() < end and (deaf or not handle.is_cancel_requested):
            time.sleep(0.02)
            if replaced():
                return False
        return True

    def serve(self, kind, name: str, execute) -> ActionServer:
        def run(handle):
            self.write("goal", name)
            if name in self._faults:
                self.node.get_logger().error(f"{name}: the joint limits were read from nowhere")
                handle.abort()
                return kind.Result()
            result = execute(handle)
            if result is None:
                result = kind.Result()
                result.error_code.val = PREEMPTED
                handle.abort()
            elif handle.is_cancel_requested:
                handle.canceled()
                self.write("cancelled", name)
            else:
                handle.succeed()
                self.write("done", name)
            return result

        return ActionServer(
            self.node,
            kind,
            name,
            execute_callback=run,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
            callback_group=self.group,
        )


class Arm(Part):
    def __init__(self, *given) -> None:
        super().__init__(rclpy.create_node("move_group"), *given)
        self.node.create_service(
            GetPlanningScene, "get_planning_scene", lambda _, answer: answer,
            callback_group=self.group,
        )  # fmt: skip
        self.node.create_service(
            ApplyPlanningScene, "apply_planning_scene", self._apply, callback_group=self.group
        )
        self._newest = None
        self.serve(MoveGroup, "move_action", self._move)

    def _apply(self, _, answer):
        answer.success = True
        return answer

    def _move(self, handle):
        self._newest = handle
        if not self.work(handle, MOVE, lambda: self._newest is not handle):
            return None
        result = MoveGroup.Result()
        result.error_code.val = DONE
        return result


class Controllers(Part):
    def __init__(self, *given) -> None:
        super().__init__(rclpy.create_node("controller_manager"), *given)
        self.serve(GripperCommand, "gripper_controller/gripper_cmd", self._close)
        self.serve(FollowJointTrajectory, "arm_controller/follow_joint_trajectory", self._follow)

    def _follow(self, handle):
        self.work(handle, MOVE)
        return FollowJointTrajectory.Result()

    def _close(self, handle):
        self.work(handle, CLOSE)
        held = handle.request.command.position < 0.06
        return GripperCommand.Result(position=0.05 if held else 0.08, stalled=held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--parts", default="move_group,controller_manager")
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--seconds", type=float)
    given = parser.parse_args()
    rclpy.init()
    makers = {"move_group": Arm, "controller_manager": Controllers}
    executor = MultiThreadedExecutor(num_threads=8)
    for name in given.parts.split(","):
        executor.add_node(makers[name](given.log, given.fault, given.seconds).node)
    try:
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
