"""The files that install the package elsewhere agree with the package."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as Xml
from pathlib import Path

import yaml

from execution_orchestrator.extras import PACKAGES

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
    optional = {
        line
        for extra in ("page", "terminal", "metrics")
        for line in filter(None, setup["options.extras_require"][extra].splitlines())
    }
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    listed = {line for line in lines if line and not line.startswith("#")}
    assert listed <= needed | optional
    assert optional <= listed
    from_rosdep = {"Jinja2", "lark", "numpy", "PyYAML"}
    assert {re.split("[>=]", one)[0] for one in needed - listed} == from_rosdep


def test_what_a_person_is_told_to_install_is_what_the_extra_needs() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extras = setup["options.extras_require"]
    for extra, packages in PACKAGES.items():
        needed = filter(None, extras[extra].splitlines())
        assert {one.strip("'") for one in packages} == {re.split("[>=]", one)[0] for one in needed}
    of_people = set(extras) - {"embedded", "docs", "bench", "fuzz", "test"}
    assert of_people == set(PACKAGES)


MISSING = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"starlette", "uvicorn", "textual", "prometheus_client"}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Without())
import execution_orchestrator.ros.assembly
import execution_orchestrator.cli.run
import execution_orchestrator.cli.watch
"""


def test_the_node_and_the_commands_do_without_page_display_and_metrics() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_container_files_can_be_read_and_name_files_that_are_there() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"AS {container['build']['target']}" in dockerfile
    for name in re.findall(r"^COPY (\S+)", dockerfile, re.MULTILINE):
        assert (ROOT / name).exists(), name
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    assert set(jobs) == {"plain", "jazzy"}
