"""Launch descriptions run real processes, in the given order, and end them."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import textwrap
import threading
import time
from pathlib import Path

import pytest

from ros2_embedded import bootstrap

bootstrap.activate()

from launch.conditions import IfCondition, UnlessCondition  # noqa: E402
from launch.events import Shutdown  # noqa: E402
from launch.launch_description_sources import (  # noqa: E402
    AnyLaunchDescriptionSource,
    get_launch_description_from_any_launch_file,
)

from launch import (  # noqa: E402
    LaunchContext,
    LaunchDescription,
    LaunchService,
    logging,
)
from launch import actions as act  # noqa: E402
from launch import event_handlers as on  # noqa: E402
from launch import substitutions as sub  # noqa: E402
from test.children import started  # noqa: E402

PYTHON = sys.executable


@pytest.fixture(autouse=True)
def _logs(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    logging.reset()
    yield
    logging.reset()


def run(*entities, noninteractive=True):
    service = LaunchService(noninteractive=noninteractive)
    service.include_launch_description(LaunchDescription(list(entities)))
    return service.run()


def python(code, **kwargs):
    return act.ExecuteProcess(cmd=[PYTHON, "-c", code], **kwargs)


def test_output_of_both_streams_is_cached_and_exit_code_kept():
    process = python(
        "import sys; print('out'); sys.stderr.write('err\\n'); sys.exit(3)", cached_output=True
    )
    assert run(process) == 0
    assert process.get_stdout() == "out\n"
    assert process.get_stderr() == "err\n"
    assert process.return_code == 3


def test_process_events_come_in_order():
    seen = []
    process = python("print('hello')")
    run(
        act.RegisterEventHandler(
            on.OnProcessStart(target_action=process, on_start=lambda *_: seen.append("start"))
        ),
        act.RegisterEventHandler(
            on.OnProcessIO(
                target_action=process, on_stdout=lambda event: seen.append(event.text.decode())
            )
        ),
        act.RegisterEventHandler(
            on.OnProcessExit(
                target_action=process, on_exit=lambda e, _: seen.append(("exit", e.returncode))
            )
        ),
        process,
    )
    assert (seen[0], seen[-1]) == ("start", ("exit", 0))
    # Unbuffered output may come in several pieces.
    assert "".join(seen[1:-1]) == "hello\n"


def test_on_exit_shutdown_ends_the_others():
    waiting = python("import time; print('up', flush=True); time.sleep(600)")
    other = python("pass", on_exit=act.Shutdown(reason="test"))
    when_up = act.RegisterEventHandler(
        on.OnProcessIO(target_action=waiting, on_stdout=lambda _: other)
    )
    run(when_up, waiting)
    assert waiting.return_code == -signal.SIGINT


def test_stubborn_process_gets_sigterm_then_sigkill():
    code = """
        import os, signal, time
        signal.signal(signal.SIGINT, lambda *_: os.write(1, b'INT\\n'))
        signal.signal(signal.SIGTERM, lambda *_: os.write(1, b'TERM\\n'))
        os.write(1, b'ready\\n')
        while True:
            time.sleep(600)
    """
    process = python(
        textwrap.dedent(code), cached_output=True, sigterm_timeout="0.2", sigkill_timeout="0.2"
    )
    ready = act.RegisterEventHandler(
        on.OnProcessIO(
            target_action=process,
            on_stdout=lambda event: act.Shutdown() if b"ready" in event.text else None,
        )
    )
    run(ready, process)
    assert process.get_stdout() == "ready\nINT\nTERM\n"
    assert process.return_code == -signal.SIGKILL


def test_respawn_restarts_until_the_limit():
    starts = []
    process = python("pass", respawn=True, respawn_delay=0.01, respawn_max_retries=2)
    run(
        act.RegisterEventHandler(
            on.OnProcessStart(target_action=process, on_start=lambda e, _: starts.append(e.pid))
        ),
        process,
    )
    assert len(set(starts)) == 3


def test_emulated_terminal():
    process = python("import sys; print(sys.stdout.isatty())", emulate_tty=True, cached_output=True)
    run(process)
    assert process.get_stdout() == "True\n"


def test_shell_and_its_children_end_together(tmp_path):
    pid_file = tmp_path / "pid"
    process = act.ExecuteProcess(
        cmd=[f"sleep 600 & echo $! > {pid_file}; echo ready; wait"], shell=True
    )
    ready = act.RegisterEventHandler(
        on.OnProcessIO(target_action=process, on_stdout=lambda _: act.Shutdown())
    )
    run(ready, process)
    assert not _is_running(int(pid_file.read_text()))


def _is_running(pid, patience=5.0):
    """Tell whether a process is still there when patience, in seconds, is at its end."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True


def test_children_die_with_a_killed_launcher(tmp_path):
    pid_file = tmp_path / "pid"
    script = tmp_path / "launcher.py"
    script.write_text(
        textwrap.dedent(f"""
            from ros2_embedded import bootstrap
            bootstrap.activate()
            from launch import LaunchDescription, LaunchService
            from launch.actions import ExecuteProcess
            service = LaunchService()
            code = "import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid()));"
            code += "print('up', flush=True); time.sleep(600)"
            service.include_launch_description(LaunchDescription([
                ExecuteProcess(cmd=[{PYTHON!r}, "-c", code], output="screen")
            ]))
            service.run()
        """)
    )
    with started([PYTHON, str(script)], stdout=subprocess.PIPE) as launcher:
        assert any(line.endswith("up\n") for line in launcher.stdout)
        launcher.kill()
    assert not _is_running(int(pid_file.read_text()))


def test_an_exception_shuts_down_and_fails_the_run():
    def fail(_):
        raise ValueError("broken on purpose")

    process = python("import time; print('up', flush=True); time.sleep(600)")
    when_up = act.RegisterEventHandler(on.OnProcessIO(target_action=process, on_stdout=fail))
    assert run(when_up, process) == 1
    assert process.return_code == -signal.SIGINT


def test_missing_command_does_not_stop_the_rest():
    other = python("print('fine')", cached_output=True)
    assert run(act.ExecuteProcess(cmd=["/does/not/exist"]), other) == 0
    assert other.get_stdout() == "fine\n"


def test_scopes_of_configurations_and_environment():
    inner = python("import os; print(os.environ['COLOUR'])", cached_output=True)
    outer = python("import os; print(os.environ.get('COLOUR'))", cached_output=True)
    values = []

    def note(context):
        values.append(context.launch_configurations.get("x"))

    run(
        act.SetLaunchConfiguration("x", "1"),
        act.GroupAction(
            [
                act.SetEnvironmentVariable("COLOUR", "red"),
                act.SetLaunchConfiguration("x", "2"),
                act.OpaqueFunction(function=note),
                inner,
            ]
        ),
        act.OpaqueFunction(function=note),
        outer,
    )
    assert values == ["2", "1"]
    assert inner.get_stdout() == "red\n"
    assert outer.get_stdout() == "None\n"
    assert "COLOUR" not in os.environ


def test_conditions_choose():
    done = []

    def action(name, condition):
        return act.OpaqueFunction(function=lambda _: done.append(name), condition=condition)

    run(
        act.DeclareLaunchArgument("on", default_value="true"),
        action("if", IfCondition(sub.LaunchConfiguration("on"))),
        action("unless", UnlessCondition(sub.LaunchConfiguration("on"))),
        action("equal", IfCondition(sub.EqualsSubstitution("1.0", "1"))),
        action("expression", IfCondition(sub.PythonExpression(["2 ", "> 3"]))),
    )
    assert done == ["if", "equal"]


def test_invalid_condition_names_the_text():
    context = LaunchContext()
    with pytest.raises(Exception, match=r"'maybe'.*true, false, 1, 0"):
        IfCondition("maybe").evaluate(context)


def test_required_argument_is_named(capsys):
    assert run(act.DeclareLaunchArgument("speed", description="in m/s")) == 1
    assert 'Required launch argument "speed" was not provided' in capsys.readouterr().out


def test_argument_outside_its_choices(capsys):
    assert run(
        act.SetLaunchConfiguration("mode", "c"),
        act.DeclareLaunchArgument("mode", choices=["a", "b"]),
    )
    assert "Valid options are: ['a', 'b']" in capsys.readouterr().out


def test_events_from_another_thread_and_on_shutdown():
    reasons = []
    service = LaunchService(noninteractive=True)
    service.include_launch_description(
        LaunchDescription(
            [
                act.RegisterEventHandler(
                    on.OnShutdown(on_shutdown=lambda event, _: reasons.append(event.reason))
                ),
                act.TimerAction(
                    period=0.0,
                    actions=[
                        act.OpaqueFunction(
                            function=lambda _: threading.Thread(
                                target=service.emit_event, args=(Shutdown(reason="thread"),)
                            ).start()
                        )
                    ],
                ),
            ]
        )
    )
    assert service.run(shutdown_when_idle=False) == 0
    assert reasons == ["thread"]


def test_cancelled_timer_does_nothing():
    fired = []
    timer = act.TimerAction(
        period=600.0, actions=[act.OpaqueFunction(function=lambda _: fired.append(1))]
    )
    run(timer, act.OpaqueFunction(function=lambda _: timer.cancel()))
    assert not fired


@pytest.mark.parametrize(
    ("substitution", "expected"),
    [
        (sub.PathJoinSubstitution(["/a", ["b", "c"], "d"]), "/a/bc/d"),
        (sub.TextSubstitution(text="x"), "x"),
        (sub.EnvironmentVariable("NOT_SET_ANYWHERE", default_value="d"), "d"),
        (sub.PythonExpression("sqrt(16)"), "4.0"),
        (sub.Command("echo hello"), "hello\n"),
        (sub.IfElseSubstitution("true", "a", "b"), "a"),
        (sub.NotSubstitution("false"), "true"),
        (sub.AndSubstitution("true", "false"), "false"),
        (sub.OrSubstitution("true", "false"), "true"),
        (sub.NotEqualsSubstitution("a", "b"), "true"),
        (sub.LaunchConfiguration("missing", default=5), "5"),
    ],
)
def test_substitution(substitution, expected):
    assert substitution.perform(LaunchContext()) == expected


@pytest.mark.parametrize(
    ("substitution", "place"),
    [
        (sub.LaunchConfiguration("missing"), "'missing' does not exist"),
        (sub.EnvironmentVariable("NOT_SET_ANYWHERE"), "'NOT_SET_ANYWHERE' does not exist"),
        (sub.Command("false"), "Command: false\\nexit code 1"),
        (sub.FindExecutable(name="no-such-program"), "'no-such-program' not found"),
        (sub.PythonExpression("1 / 0"), "ZeroDivisionError"),
        (sub.ThisLaunchFileDir(), "not inside a launch file"),
    ],
)
def test_substitution_failure_names_the_place(substitution, place):
    with pytest.raises(sub.SubstitutionFailure, match=place):
        substitution.perform(LaunchContext())


def test_include_passes_arguments_and_knows_its_directory(tmp_path, capsys):
    (tmp_path / "inner.launch.py").write_text(
        textwrap.dedent("""
            from launch import LaunchDescription
            from launch.actions import DeclareLaunchArgument, LogInfo
            from launch.substitutions import LaunchConfiguration, ThisLaunchFileDir
            def generate_launch_description():
                return LaunchDescription([
                    DeclareLaunchArgument('who'),
                    LogInfo(msg=['hello ', LaunchConfiguration('who'), ' in ', ThisLaunchFileDir()])
                ])
        """)
    )
    include = act.IncludeLaunchDescription(
        AnyLaunchDescriptionSource([str(tmp_path), "/inner.launch.py"]),
        launch_arguments={"who": "world"}.items(),
    )
    assert run(include) == 0
    assert f"hello world in {tmp_path}\n" in capsys.readouterr().out


def test_include_without_a_required_argument(tmp_path, capsys):
    (tmp_path / "inner.launch.py").write_text(
        "from launch import LaunchDescription, actions\n"
        "def generate_launch_description():\n"
        "    return LaunchDescription([actions.DeclareLaunchArgument('who')])\n"
    )
    assert run(act.IncludeLaunchDescription(str(tmp_path / "inner.launch.py"))) == 1
    assert "missing required argument 'who'" in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["xml", "yaml"])
def test_launch_files_in_other_languages_are_refused(tmp_path, ending):
    path = tmp_path / f"a.launch.{ending}"
    path.write_text("<launch/>")
    with pytest.raises(Exception, match="left to a whole ROS 2"):
        get_launch_description_from_any_launch_file(str(path))


def test_log_files_hold_what_was_printed(tmp_path):
    run(python("print('kept')", output="log"))
    (log,) = (tmp_path / "log").glob("20*/launch.log")
    assert log.read_text().count("kept") == 1
    assert (tmp_path / "log" / "latest").resolve() == log.parent.resolve()


@pytest.mark.parametrize(
    ("signals", "shown"),
    [([signal.SIGINT], "ctrl-c"), ([signal.SIGTERM], "asked to terminate")],
)
def test_signals_end_the_children(tmp_path, signals, shown):
    script = tmp_path / "a.launch.py"
    script.write_text(
        textwrap.dedent("""
            import sys
            from launch import LaunchDescription
            from launch.actions import ExecuteProcess
            def generate_launch_description():
                code = "import time\\ntry:\\n  print('up', flush=True); time.sleep(600)\\n"
                code += "except KeyboardInterrupt:\\n  print('interrupted')"
                return LaunchDescription([
                    ExecuteProcess(cmd=[sys.executable, '-c', code], output='screen')
                ])
        """)
    )
    command = [PYTHON, "-m", "ros2_embedded.cli", "launch", str(script)]
    with started(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as launcher:
        for line in launcher.stdout:
            if line.endswith("] up\n"):
                break
        for number in signals:
            launcher.send_signal(number)
        rest = launcher.stdout.read()
    assert launcher.returncode == 0
    assert rest.count("interrupted") == 2 if shown == "ctrl-c" else rest.count("interrupted") == 1
    assert shown in rest
    assert "process has finished cleanly" in rest


def test_ctrl_c_in_a_terminal_reaches_each_process_once(tmp_path):
    """The terminal sends the signal to all its processes; the launcher must not send it again."""
    script = tmp_path / "a.launch.py"
    script.write_text(
        textwrap.dedent("""
            import sys
            from launch import LaunchDescription
            from launch.actions import ExecuteProcess
            CODE = '''
            import signal, sys, time
            count = 0
            def on_signal(*_):
                global count
                count += 1
            signal.signal(signal.SIGINT, on_signal)
            print("up", flush=True)
            while not count:
                signal.pause()
            time.sleep(0.5)
            print("interrupted", count, "times", flush=True)
            '''
            def generate_launch_description():
                import textwrap
                return LaunchDescription([
                    ExecuteProcess(cmd=[sys.executable, '-c', textwrap.dedent(CODE)],
                                   output='screen')
                ])
        """)
    )
    master, slave = os.openpty()
    with started(
        [PYTHON, "-m", "ros2_embedded.cli", "launch", str(script)],
        stdin=slave,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    ) as launcher:
        os.close(slave)
        for line in launcher.stdout:
            if line.endswith("] up\n"):
                break
        os.write(master, b"\x03")
        rest = launcher.stdout.read()
    os.close(master)
    assert "interrupted 1 times" in rest
    assert launcher.returncode == 0


def test_prefix_goes_before_the_executables():
    before, after = python("print('a')"), python("print('a')")
    run(before, act.SetLaunchConfiguration("launch-prefix", "env -u HOME"), after)
    commands = [process.process_details["cmd"] for process in (before, after)]
    assert commands[1] == ["env", "-u", "HOME", *commands[0]]


def test_output_of_all_processes_on_demand(monkeypatch, capsys):
    monkeypatch.setenv("OVERRIDE_LAUNCH_PROCESS_OUTPUT", "both")
    run(python("print('seen')", output="log"))
    assert "] seen\n" in capsys.readouterr().out


def test_lists_of_texts_and_numbers_are_refused():
    from launch.utilities.type_utils import coerce_to_type, is_normalized_substitution

    with pytest.raises(ValueError, match="of type"):
        coerce_to_type("[a, 2.0]", list[float])
    assert not is_normalized_substitution([sub.TextSubstitution(text="a"), "b"])
