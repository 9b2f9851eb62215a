"""Who hears whom: this runtime and processes configured like a real ROS 2, and what is asked for."""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ros2_embedded.wire import domain
from ros2_embedded.wire.addresses import own_addresses
from test.domains import free_domain

EXCHANGE = Path(__file__).parent / "nodes" / "exchange.py"
#: Seconds until both have heard each other.
PATIENCE = 25


@contextlib.contextmanager
def talking(name, kind, number):
    """Run a process that talks; give the queue of the lines it prints once it is ready."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ROS_")}
    kept.pop("CYCLONEDDS_URI", None)
    process = subprocess.Popen(
        [sys.executable, str(EXCHANGE), name, kind],
        env=kept | {"ROS_DOMAIN_ID": str(number)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line.strip()) for line in process.stdout])
    reader.start()
    try:
        assert lines.get(timeout=PATIENCE) == "ready"
        yield lines
    finally:
        process.stdin.close()
        process.wait(timeout=PATIENCE)
        reader.join(timeout=PATIENCE)
        process.stdout.close()


@pytest.mark.skipif(not own_addresses(), reason="there is no network interface but the loopback")
@pytest.mark.parametrize("kind", ["LOCALHOST", "SUBNET"])
@pytest.mark.parametrize("ours_first", [True, False])
def test_real_ros_2_of_either_range_and_this_runtime_hear_each_other(kind, ours_first):
    order = [("ours", "ours"), ("upstream", kind)]
    (first, first_kind), (second, second_kind) = order if ours_first else order[::-1]
    number = free_domain()
    with talking(first, first_kind, number) as one, talking(second, second_kind, number) as two:
        for lines in (one, two):
            assert {lines.get(timeout=PATIENCE) for _ in order} == {"ours", "upstream"}


@pytest.fixture
def environment(monkeypatch):
    """Return a function that sets the variables of discovery, all others being unset."""

    def choose(**variables):
        for name in (
            "ROS_STATIC_PEERS",
            "CYCLONEDDS_URI",
            "ROS_AUTOMATIC_DISCOVERY_RANGE",
            "ROS_LOCALHOST_ONLY",
        ):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return domain.configuration()

    return choose


def peers(xml):
    return [part.split('"')[1] for part in xml.split("<Peer ")[1:]]


def test_by_default_only_this_machine_is_told_and_heard(environment):
    xml = environment()
    assert xml.count("<NetworkInterface") == 1
    assert 'name="lo"' in xml
    assert "<AllowMulticast>false" in xml
    assert peers(xml) == ["localhost", *own_addresses()]
    assert environment(ROS_LOCALHOST_ONLY="1", ROS_STATIC_PEERS="10.0.0.7") == xml


def test_static_peers_are_told_by_the_network(environment):
    xml = environment(ROS_STATIC_PEERS="10.0.0.7;robot.local")
    assert peers(xml) == ["localhost", *own_addresses(), "10.0.0.7", "robot.local"]
    assert "<AllowMulticast>false" in xml
    assert ('autodetermine="true"' in xml) == bool(own_addresses())


def test_a_subnet_is_asked_by_multicast(environment):
    xml = environment(ROS_AUTOMATIC_DISCOVERY_RANGE="SUBNET", ROS_STATIC_PEERS="10.0.0.7")
    assert "AllowMulticast" not in xml
    assert "10.0.0.7" in peers(xml)


def test_without_a_network_cyclone_picks_the_interface(environment, monkeypatch):
    monkeypatch.setattr(domain, "own_addresses", tuple)
    assert "<NetworkInterface" not in environment(ROS_AUTOMATIC_DISCOVERY_RANGE="SUBNET")
    assert 'name="lo"' in environment()


def test_off_and_system_default_ignore_static_peers(environment):
    off = environment(ROS_AUTOMATIC_DISCOVERY_RANGE="OFF", ROS_STATIC_PEERS="10.0.0.7")
    assert f"ros_discovery_off_{os.getpid()}" in off
    assert not peers(off)
    assert not environment(
        ROS_AUTOMATIC_DISCOVERY_RANGE="SYSTEM_DEFAULT", ROS_STATIC_PEERS="10.0.0.7"
    )


def test_ones_own_configuration_wins(environment, tmp_path):
    assert environment(CYCLONEDDS_URI="<own/>").endswith(",<own/>")
    chosen = '<CycloneDDS><Domain><General><Interfaces><NetworkInterface name="lo"/></Interfaces></General></Domain></CycloneDDS>'
    file = tmp_path / "cyclone.xml"
    file.write_text(chosen)
    for uri in (chosen, f"file://{file}", str(file)):
        xml = environment(CYCLONEDDS_URI=uri).removesuffix(uri)
        assert "<NetworkInterface" not in xml
        assert peers(xml)


def test_an_interface_of_ones_own_is_accepted_by_cyclone():
    uri = '<CycloneDDS><Domain><General><Interfaces><NetworkInterface name="lo"/></Interfaces></General></Domain></CycloneDDS>'
    code = "from ros2_embedded.wire import domain; domain.enter_domain(7)"
    subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"CYCLONEDDS_URI": uri}, check=True
    )


def test_a_wrong_range_is_named(environment):
    with pytest.raises(ValueError, match="EVERYWHERE"):
        environment(ROS_AUTOMATIC_DISCOVERY_RANGE="EVERYWHERE")
