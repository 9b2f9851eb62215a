import asyncio
from concurrent.futures import ThreadPoolExecutor, wait

from execution_orchestrator.ros.bridge import Bridge


async def answer():
    return "yes"


def test_a_call_waits_for_a_node_that_takes_longer_to_start_than_to_answer():
    with asyncio.Runner() as runner, ThreadPoolExecutor() as pool:
        loop = runner.get_loop()
        bridge = Bridge(loop, starting=True)
        asked = pool.submit(bridge.call, answer(), 1.0)
        assert wait([asked], 1.5).not_done
        bridge.started()
        assert loop.run_until_complete(asyncio.wrap_future(asked, loop=loop)) == "yes"
