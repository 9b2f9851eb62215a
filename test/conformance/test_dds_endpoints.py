"""What others see of a talker and an action server on DDS is what they see of a real ROS 2's."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from test.domains import free_domain

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "data" / "dds_endpoints.json").read_text())
IDENTITY = re.compile(r"(serviceid|clientid)= [^;]*;")
#: Seconds until discovery has to be complete.
PATIENCE = 30
LOOPBACK = (
    "<CycloneDDS><Domain><General><AllowMulticast>false</AllowMulticast></General><Discovery>"
    "<ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>99</MaxAutoParticipantIndex>"
    '<Peers><Peer address="localhost"/></Peers></Discovery></Domain></CycloneDDS>'
)


def environment(domain, **more):
    """Return an environment of one's own domain."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ROS_")}
    return kept | {"ROS_DOMAIN_ID": str(domain)} | more


@pytest.fixture(scope="module")
def seen():
    """Run both nodes and let an independent participant look at them."""
    domain = free_domain()
    start = "import sys, runpy; from ros2_embedded import bootstrap; bootstrap.activate(); "
    nodes = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                start + "runpy.run_path(sys.argv[1], run_name='__main__')",
                name,
            ],
            env=environment(domain),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in (str(HERE / "nodes" / "talker.py"), str(HERE / "nodes" / "fib_server.py"))
    ]
    try:
        # Both processes have a writer and a reader of ros_discovery_info, recorded once.
        counts = [len(RECORDED[kind]) for kind in ("writers", "readers")]
        yield json.loads(
            subprocess.run(
                [sys.executable, str(HERE / "nodes" / "observe_dds.py"), str(domain)]
                + [str(count + extra) for count, extra in zip(counts, (3, 1), strict=True)]
                + [str(PATIENCE)],
                env=environment(domain, CYCLONEDDS_URI=LOOPBACK),
                capture_output=True,
                text=True,
                check=True,
                timeout=PATIENCE * 2,
            ).stdout
        )
    finally:
        for node in nodes:
            node.send_signal(signal.SIGINT)
        for node in nodes:
            node.wait(timeout=PATIENCE)


def test_participants_carry_their_enclave(seen):
    assert {one["user_data"] for one in seen["participants"]} == {"enclave=/;"}


def recorded(kind):
    """List (topic, entry) of the recording with the ids taken out."""
    for entry in RECORDED[kind]:
        plain = dict(entry, user_data=IDENTITY.sub(r"\1= <id>;", entry["user_data"]))
        yield pytest.param(kind, plain, id=f"{kind}-{entry['topic']}")


@pytest.mark.parametrize(("kind", "entry"), [*recorded("writers"), *recorded("readers")])
def test_endpoint_is_like_the_recorded_one(seen, kind, entry):
    found = [one for one in seen[kind] if one["topic"] == entry["topic"]]
    assert found, f"nobody has a {kind[:-1]} of {entry['topic']}"
    for one in found:
        assert one["type"] == entry["type"]
        assert one["user_data"] == entry["user_data"]
        assert one["qos"] == sorted(entry["qos"])


@pytest.mark.parametrize("kind", ["writers", "readers"])
def test_nothing_else_is_there(seen, kind):
    expected = {entry["topic"] for entry in RECORDED[kind]}
    assert {one["topic"] for one in seen[kind]} == expected
