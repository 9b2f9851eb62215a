"""Every interface means the same on the embedded runtime and on a real ROS 2: `make ros2`.

One script runs on both, and each also reads the bytes of the other. The bytes themselves are not
compared: Fast DDS leaves what is between two fields as it was in memory, and pads the end.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from test.real_ros2 import ROOT, embedded_environment, needed, real_environment

pytestmark = needed

SCRIPT = Path(__file__).parent / "nodes" / "describe_interfaces.py"
SHARE = ROOT / "embedded" / "ros2_embedded" / "share"
KINDS = ("msg", "srv", "action")
#: geographic_msgs and the like are built here from the definitions that are compared.
PACKAGES = sorted(
    folder.name for folder in SHARE.iterdir() if any((folder / kind).is_dir() for kind in KINDS)
)
#: Seconds one runtime may take for all of them.
PATIENCE = 120


def described(environment, target, *options):
    """Run the script on a runtime and return what it found."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options, *PACKAGES, "execution_orchestrator"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    target.write_text(done.stdout)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interfaces")
    ours, theirs = folder / "embedded.json", folder / "real.json"
    described(real_environment(), theirs)
    embedded = described(embedded_environment(), ours, "--bytes", str(theirs))
    return embedded, described(real_environment(), theirs, "--bytes", str(ours))


def differences(left, right):
    """Return what differs of two dictionaries of interfaces."""
    return {name: (left[name], right[name]) for name in left if left[name] != right[name]}


def of(runtime, aspect):
    return {name: found[aspect] for name, found in runtime.items()}


def test_the_interfaces_are_the_same(both):
    embedded, real = both
    assert sorted(embedded) == sorted(real)
    assert len(real) > 500


@pytest.mark.parametrize("aspect", ["fields", "constants", "values"])
def test_they_look_the_same_to_a_program(both, aspect):
    embedded, real = both
    assert differences(of(embedded, aspect), of(real, aspect)) == {}


def test_each_reads_what_the_other_writes(both):
    embedded, real = both
    assert differences(of(embedded, "foreign"), of(real, "values")) == {}
    assert differences(of(real, "foreign"), of(embedded, "values")) == {}
