"""Listens to `~/state`: writes down of each message how many executions have which status."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.qos import DurabilityPolicy, QoSProfile

from execution_orchestrator.msg import OrchestratorState


def main() -> None:
    rclpy.init()
    node = rclpy.create_node("state_listener")
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    with Path(sys.argv[1]).open("a", buffering=1) as log:

        def heard(state: OrchestratorState) -> None:
            counted = Counter(one.status.value for one in state.executions)
            log.write(f"heard {' '.join(f'{value}:{n}' for value, n in counted.items())}\n")

        node.create_subscription(OrchestratorState, "/execution_orchestrator/state", heard, latched)
        try:
            rclpy.spin(node)
        except (KeyboardInterrupt, ExternalShutdownException):
            pass
    rclpy.try_shutdown()


if __name__ == "__main__":
    main()
