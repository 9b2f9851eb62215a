"""What the documents show is true: plans are valid, capability files load, Python runs."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.plan.importing.table import Table
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.runtime.intake import Intake
from test.documents import FENCE, ROOT, blocks_of

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SHIPPED = [ROOT / "config" / name for name in ("capabilities.yaml", "tools.yaml", "fleet.yaml")]
# Fields of their section with dots for what is left out; not documents of their own.
OUTLINE = re.compile(r"\{\.\.\.\}")


def blocks(language: str) -> Iterator[Any]:
    """Yield every block of a language, named by its document and line."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            if found[1] == language and not OUTLINE.search(found[2]):
                line = text.count("\n", 0, found.start()) + 1
                yield pytest.param(found[2], id=f"{document.name}:{line}")


def documents(*keys: str, without: str = "") -> list[Any]:
    """Return the YAML blocks that have one of these keys at the top, and not another one."""
    chosen = []
    for block in blocks("yaml"):
        read = yaml.safe_load(textwrap.dedent(block.values[0]))
        if isinstance(read, dict) and set(keys) & set(read) and without not in read:
            chosen.append(block)
    return chosen


def test_every_yaml_block_is_yaml() -> None:
    found = list(blocks("yaml"))
    assert len(found) > 8
    for block in found:
        yaml.safe_load(textwrap.dedent(block.values[0]))


@pytest.mark.parametrize("text", documents("conditions"))
def test_a_table_of_an_import_is_valid(text: str) -> None:
    assert Table.model_validate(yaml.safe_load(text)).actions


@pytest.mark.parametrize("text", documents("actions", without="conditions"))
def test_a_plan_of_the_documents_is_valid(text: str, tmp_path: Path) -> None:
    own = [tmp_path / f"{number}.yaml" for number, _ in enumerate(OWN_CAPABILITIES)]
    for file, capabilities in zip(own, OWN_CAPABILITIES, strict=True):
        file.write_text(capabilities, encoding="utf-8")
    intake = Intake(load_robot([*SHIPPED, *own]).model)
    prepared = intake.prepare("", text, "")
    wrong = [f"{issue.line}: {issue.message}" for issue in prepared.issues if issue.severity == 3]
    assert prepared.plan is not None, "\n".join(wrong)


@pytest.mark.parametrize("text", documents("capabilities", "resources"))
def test_a_capability_file_of_the_documents_loads(text: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(text, encoding="utf-8")
    names = set(yaml.safe_load(text)["capabilities"])
    assert names <= set(load_robot([*SHIPPED, own]).model.capabilities)
    # Whose type is not installed here is unavailable; of the others the templates are checked.
    load_robot([*SHIPPED, own], InstalledInterfaces())


@pytest.mark.parametrize("text", documents("tables"))
def test_a_recovery_table_of_the_documents_loads(text: str) -> None:
    assert load_recovery_policy(yaml.safe_load(text)).tables


def test_the_python_of_the_library_document_runs(tmp_path: Path) -> None:
    script = tmp_path / "library.py"
    text = "\n".join(block for _, block in blocks_of("library.md"))
    script.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ACTION_TYPE_UNKNOWN" in done.stdout
    assert "COMPLETED" in done.stdout


def block_of(document: str, key: str) -> str:
    """Return the YAML block of a document that has a key at its top."""
    for language, block in blocks_of(document):
        if language == "yaml" and key in (yaml.safe_load(textwrap.dedent(block)) or {}):
            return block
    raise AssertionError(f"{document} has no block with {key}")


# Their plans use the capabilities that they add.
OWN_CAPABILITIES = [
    block_of(document, "capabilities") for document in ("howto_add_capability.md", "tutorial.md")
]


def test_the_site_is_made_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="pip install '.[docs]' installs it")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "navigate_to" in (tmp_path / "reference" / "capabilities" / "index.html").read_text()
    assert "<svg" in (tmp_path / "reference" / "apartment.svg").read_text()


def commands() -> Iterator[Any]:
    """Yield every command of this package that the documents show: its name and arguments."""
    shown = re.compile(r"^\$ ros2 run execution_orchestrator (\S+)(.*)$", re.MULTILINE)
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8").replace("\\\n", " ")
        for found in shown.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield pytest.param(found[1], found[2], id=f"{document.name}:{line}")


@pytest.mark.parametrize(("name", "rest"), list(commands()))
def test_a_command_of_the_documents_is_understood(name: str, rest: str) -> None:
    script = ROOT / "scripts" / name
    assert script.exists(), f"there is no command {name}"
    module = re.search(r'^run\("(cli\.\w+)"', script.read_text(), re.MULTILINE)
    described = None
    if module is not None:
        described = getattr(
            importlib.import_module(f"execution_orchestrator.{module[1]}"), "parser", None
        )
    if described is not None:
        # One module may have several commands: then it is asked for the one.
        named = [name] if inspect.signature(described).parameters else []
        described(*named).parse_args(shlex.split(rest, comments=True))
