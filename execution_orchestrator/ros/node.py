"""The orchestrator node: four rclpy nodes on their threads, everything else on one asyncio loop.

An executor of rclpy looks at all that its node has for everything that comes. So the interface node
has the services and topics, some sixty of them, the goals node only the action, so that goals,
cancels and results do not wait for that. The robot node holds the clients of the action servers,
the listening node takes the topics that come often.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import rclpy
from rclpy.executors import MultiThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.ros.assembly import Assembly
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.configuration import read_configuration
from execution_orchestrator.ros.interface.serving import THREADS
from execution_orchestrator.ros.listening import reading
from execution_orchestrator.ros.logs import log_through
from execution_orchestrator.ros.memory import give_back, use_one_heap
from execution_orchestrator.ros.parameters import declare
from execution_orchestrator.ros.spinning import DirectExecutor, SpinThread, destroy, part_of
from execution_orchestrator.storage.journal import InUseError, StorageError

NAME = "execution_orchestrator"
# Seconds a thread may keep the interpreter while another one waits for it. Python's default of 5 ms
# is longer than a whole goal takes: a result would wait in the spin thread behind a state message.
SWITCH_INTERVAL = 0.0005
JOIN_TIMEOUT = 5.0  # seconds for a spin thread to end
STANDBY_PERIOD = 0.25  # seconds between two attempts of a standby to get the journal's lock
EXIT_CONFIGURATION = 78  # EX_CONFIG
EXIT_STORAGE = 74  # EX_IOERR
log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; 0 after an orderly end."""
    use_one_heap()
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.disable()  # until it is ready for goals
    # Our own handlers: rclpy's would take the context away before the goals are cancelled.
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    try:
        return asyncio.run(_run())
    finally:
        rclpy.try_shutdown()


async def _run() -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    node = rclpy.create_node(NAME)
    robot_node = rclpy.create_node(
        f"{node.get_name()}_robot",
        namespace=node.get_namespace(),
        use_global_arguments=False,
        start_parameter_services=False,
        parameter_overrides=[Parameter("start_type_description_service", value=False)],
    )
    listening, goals_node = (
        part_of(node, f"{node.get_name()}_{part}") for part in ("listener", "goals")
    )
    log_through(node)
    bridge = Bridge(loop, starting=True)
    try:
        parameters = declare(node)
        configuration = read_configuration(parameters)

        def assemble() -> Assembly:
            return Assembly(
                parameters,
                configuration,
                node=node,
                robot_node=robot_node,
                goals_node=goals_node,
                listening=listening,
                bridge=bridge,
            )

        assembly = await _taken_over(assemble, stop) if parameters["standby"] else assemble()
        if assembly is None:
            return 0
    except ConfigurationError as failure:
        for problem in failure.problems:
            log.error("%s", problem)
        return EXIT_CONFIGURATION
    except StorageError as failure:
        log.critical("%s", failure)
        return EXIT_STORAGE
    with spinning([node, goals_node], [robot_node]), reading(listening):
        try:
            await assembly.start()
        except StorageError as failure:
            log.critical("%s", failure)
            await assembly.give_up()
            return EXIT_STORAGE
        finally:
            bridge.started()
        # What a start makes stays: no look for garbage goes through it again, which would take some
        # hundredths of a second in the middle of anything.
        gc.freeze()
        gc.enable()
        log.info("ready for goals on %s/execute_command", node.get_fully_qualified_name())
        giving_back = asyncio.create_task(give_back())
        await stop.wait()
        giving_back.cancel()
        log.info("stopping")
        await assembly.stop()
    return 0


async def _taken_over(assemble: Callable[[], Assembly], stop: asyncio.Event) -> Assembly | None:
    """Wait until no other node uses the journal; None if this one is stopped first.

    Raises:
        StorageError: the journal cannot be used for another reason, at the first look.

    """
    waits, logged = False, ""
    while not stop.is_set():
        try:
            assembly = assemble()
        except InUseError as failure:
            if not waits:
                log.info("standby: %s", str(failure).partition(";")[0])
                gc.enable()  # each attempt leaves some garbage, and there are many in a day
            waits = True
        except StorageError as failure:
            # Once it has waited for its turn, the server that is away comes back.
            if not waits:
                raise
            if str(failure) != logged:
                logged = str(failure)
                log.warning("standby: %s; waiting for it", logged)
        else:
            if waits:
                log.warning("standby: the other node is gone, this one takes over")
            return assembly
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), STANDBY_PERIOD)
    return None


@contextlib.contextmanager
def spinning(serving: Sequence[Any], others: Sequence[Any]) -> Iterator[None]:
    """Spin each node in a thread of its own, those in ``serving`` with several worker threads.

    At the end the threads are stopped and the nodes destroyed.
    """
    nodes = (*serving, *others)
    threads = (
        *(SpinThread(node, MultiThreadedExecutor(num_threads=THREADS)) for node in serving),
        *(SpinThread(other, DirectExecutor()) for other in others),
    )
    try:
        yield
    finally:
        for thread in threads:
            thread.stop(JOIN_TIMEOUT)
        for node in nodes:
            destroy(node)
        rclpy.try_shutdown()


if __name__ == "__main__":
    sys.exit(main())
