"""What the shell offers at the cursor."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from execution_orchestrator.cli.completions import PARSERS, main, parser_of
from test.unit.monitoring.running import Running

SAY = "{version: 1, actions: [{id: say, action_type: speak, parameters: {text: x}}]}"
ROOT = Path(__file__).parents[3]
NEEDS = pytest.mark.skipif(
    shutil.which("bash") is None, reason="bash is not installed: apt-get install bash"
)


def offered(line):
    pytest.importorskip("argcomplete", reason="pip install argcomplete")
    done = subprocess.run(
        [sys.executable, "-m", "execution_orchestrator.cli.completions"],
        env={**os.environ, "COMP_LINE": line, "COMP_POINT": str(len(line))},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {word.strip() for word in done.stdout.splitlines() if word.strip()}


@pytest.mark.parametrize("command", sorted(PARSERS))
def test_every_command_that_is_offered_has_arguments_to_complete(command):
    assert (ROOT / "scripts" / command).exists()
    assert parser_of(f"{command} --") is not None


def test_options_of_a_command_are_offered():
    assert offered("history --st") == {"--state-directory", "--status"}
    assert "--watch" not in offered("history --")


def test_the_second_word_of_a_command_is_offered_and_its_options():
    assert offered("schedules re") >= {"resume", "remove"}
    assert offered("history export --mc") == {"--mcap"}


def test_runs_of_the_journal_are_offered(tmp_path):
    running = Running(tmp_path)
    running.submit(SAY, execution_id="a_run")
    running.servers.succeed("say")
    running.stop()
    where = f"--state-directory {tmp_path}"
    assert offered(f"report {where} a_") == {"a_run"}
    assert offered(f"history {where} --compare a_") == {"a_run"}
    assert offered(f"history export {where} --mcap file a_") == {"a_run"}


def test_without_a_journal_nothing_is_offered_and_none_is_made(tmp_path):
    assert offered(f"report --state-directory {tmp_path} a") == set()
    assert not list(tmp_path.iterdir())


def test_what_is_no_command_of_ours_has_none(monkeypatch, capsys):
    monkeypatch.setenv("COMP_LINE", "nonsense --")
    assert main([]) == 1
    assert capsys.readouterr().out == ""


def test_without_argcomplete_it_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    assert main([]) == 1
    assert "python3-argcomplete" in capsys.readouterr().err


def in_bash(tmp_path, *words):
    """Complete `ros2 run ...` in a shell in which `ros2` runs this package's commands."""
    ros2 = tmp_path / "ros2"
    ros2.write_text(
        f'#!/bin/sh\nshift 2\nexec "{sys.executable}" "{ROOT}/scripts/$1"\n', encoding="utf-8"
    )
    ros2.chmod(0o755)
    line = " ".join(words)
    script = f"""
        before() {{ COMPREPLY=(ros2s_own); }}
        complete -o nospace -F before ros2
        source "{ROOT}/completion/execution_orchestrator.bash"
        COMP_LINE="{line}"; COMP_POINT=${{#COMP_LINE}}
        COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _execution_orchestrator_ros2
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {word.strip() for word in done.stdout.splitlines() if word.strip()}


@NEEDS
def test_bash_completes_our_commands_and_leaves_the_others_to_ros2(tmp_path):
    pytest.importorskip("argcomplete", reason="pip install argcomplete")
    found = in_bash(tmp_path, "ros2", "run", "execution_orchestrator", "report", "--js")
    assert found == {"--json"}
    assert in_bash(tmp_path, "ros2", "topic", "ec") == {"ros2s_own"}
