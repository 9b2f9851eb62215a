"""The node `fleet_agent`: makes the robot of one orchestrator take tasks of missions."""

from __future__ import annotations

import asyncio
import logging
import math
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rclpy
from rclpy.signals import SignalHandlerOptions

from execution_orchestrator.fleet.agent import Agent
from execution_orchestrator.fleet.connection import Connection, TemporalUnavailableError
from execution_orchestrator.fleet.ros_robot import RobotSettings, RosRobot
from execution_orchestrator.ros.logs import log_through
from execution_orchestrator.ros.parameters import ParameterEntry, declared

log = logging.getLogger(__name__)
NAME = "fleet_agent"
EXIT_CONFIGURATION = 78  # EX_CONFIG
PARAMETERS = (
    ParameterEntry("robot", "", "its name in missions; empty: the namespace of this node"),
    ParameterEntry(
        "orchestrator", "execution_orchestrator", "node, in this namespace if it is relative"
    ),
    ParameterEntry("payload", 0.0, "kilograms it can carry", 0.0, math.inf),
    ParameterEntry("zones", [""], "zones it works in"),
    ParameterEntry("min_battery", 0.0, "with a smaller share it takes nothing", 0.0, 1.0),
    ParameterEntry("lifecycle_nodes", [""], "that have to be active, or it takes nothing"),
    ParameterEntry("report_url", "", "where the page of its orchestrator is, for links"),
    ParameterEntry("missions", True, "also run the workflows of missions"),
    ParameterEntry("temporal", "", "HOST:PORT; empty: $TEMPORAL_ADDRESS, or 127.0.0.1:7233"),
    ParameterEntry("namespace", "", "of Temporal; empty: $TEMPORAL_NAMESPACE, or default"),
    ParameterEntry("tls", False, "whether Temporal is reached by TLS"),
    ParameterEntry("tls_ca", "", "PEM file"),
    ParameterEntry("tls_cert", "", "PEM file"),
    ParameterEntry("tls_key", "", "PEM file"),
    ParameterEntry("tls_server_name", "", "name in the server's certificate, if it is another"),
    ParameterEntry(
        "api_key_variable", "TEMPORAL_API_KEY", "variable of the environment that has the key"
    ),
)


@dataclass(frozen=True)
class AgentSettings:
    """What the parameters of the node say."""

    robot: str
    orchestrator: str
    missions: bool
    settings: RobotSettings
    connection: Connection


def read_settings(node: Any) -> AgentSettings:
    """Declare and read the parameters.

    Raises:
        ValueError: a parameter cannot be used; the message says which and why.

    """
    given, wrong = declared(node, PARAMETERS)
    if wrong:
        raise ValueError("; ".join(map(str, wrong)))
    namespace = node.get_namespace().strip("/")
    robot = given["robot"] or namespace
    if not robot:
        raise ValueError(
            "the parameter robot is empty; give the robot a name: "
            "ros2 launch execution_orchestrator fleet_agent.launch.py robot:=r1"
        )
    orchestrator = given["orchestrator"]
    if not orchestrator.startswith("/") and namespace:
        orchestrator = f"/{namespace}/{orchestrator}"
    prefix = f"/{namespace}" if namespace else ""
    return AgentSettings(
        robot,
        orchestrator,
        given["missions"],
        RobotSettings(
            payload=given["payload"],
            zones=tuple(filter(None, given["zones"])),
            min_battery=given["min_battery"],
            lifecycle_nodes=tuple(
                one if one.startswith("/") else f"{prefix}/{one}"
                for one in given["lifecycle_nodes"]
                if one
            ),
            report_url=given["report_url"],
        ),
        Connection(
            address=given["temporal"],
            namespace=given["namespace"],
            tls=given["tls"],
            tls_ca=given["tls_ca"],
            tls_cert=given["tls_cert"],
            tls_key=given["tls_key"],
            tls_server_name=given["tls_server_name"],
            api_key_variable=given["api_key_variable"],
        ),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the agent until SIGINT or SIGTERM; 0 after an orderly end."""
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = rclpy.create_node(NAME)
        log_through(node)
        try:
            settings = read_settings(node)
            settings.connection.settings()
        except (ValueError, TemporalUnavailableError) as failure:
            log.error("%s", failure)
            return EXIT_CONFIGURATION
        return asyncio.run(_run(settings))
    finally:
        rclpy.try_shutdown()


async def _run(settings: AgentSettings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ended = asyncio.create_task(stop.wait())
    work = asyncio.create_task(_take_tasks(settings))
    await asyncio.wait([ended, work], return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        work.result()
        return 1
    log.info("stopping; what runs on the robot runs on")
    work.cancel()
    await asyncio.wait([work])
    return 0


async def _take_tasks(settings: AgentSettings) -> None:
    async with RosRobot(settings.robot, settings.orchestrator, settings.settings) as robot:
        client = await settings.connection.wait()
        log.info("%s takes tasks of missions", settings.robot)
        await Agent(client, robot, missions=settings.missions).run()


if __name__ == "__main__":
    sys.exit(main())
