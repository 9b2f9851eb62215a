"""The files that install the package elsewhere agree with the package."""

from __future__ import annotations

import configparser
import json
import re
import xml.etree.ElementTree as Xml
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_one_version_everywhere() -> None:
    package = Xml.parse(ROOT / "package.xml").getroot().findtext("version")
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    changes = re.findall(r"^(\d+\.\d+\.\d+) \(", (ROOT / "CHANGELOG.rst").read_text(), re.MULTILINE)
    assert package == setup["metadata"]["version"] == changes[0]


def test_what_pip_installs_for_ros_2_is_what_the_package_needs() -> None:
    """rosdep installs the rest."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    needed = set(filter(None, setup["options"]["install_requires"].splitlines()))
    listed = {
        line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1] != "#"
    }
    assert listed <= needed
    assert {re.split("[>=]", one)[0] for one in needed - listed} == {"numpy", "PyYAML"}


def test_the_container_files_can_be_read_and_name_files_that_are_there() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"AS {container['build']['target']}" in dockerfile
    for name in re.findall(r"^COPY (\S+)", dockerfile, re.MULTILINE):
        assert (ROOT / name).exists(), name
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    assert set(jobs) == {"plain", "jazzy"}
