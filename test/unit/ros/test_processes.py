import os
import signal
import subprocess

from execution_orchestrator.ros.goals.processes import Processes

MACHINE = b"\x01\x0f\x12\x34"


def guid(number, machine=MACHINE):
    return machine + (number & 0xFFFF).to_bytes(2, "little") + bytes(range(10))


def a_process():
    return subprocess.Popen(["sleep", "600"])


def test_a_process_that_was_seen_running_is_known_to_have_ended():
    process = a_process()
    processes = Processes(guid(os.getpid()))
    assert processes.lives(guid(process.pid)) is True
    process.kill()
    process.wait(10.0)
    assert processes.lives(guid(process.pid)) is False


def test_one_that_its_parent_has_not_taken_note_of_has_ended_all_the_same():
    process = a_process()
    processes = Processes(guid(os.getpid()))
    assert processes.lives(guid(process.pid)) is True
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert processes.lives(guid(process.pid)) is False
    process.wait(10.0)


def test_a_stopped_process_lives():
    process = a_process()
    processes = Processes(guid(os.getpid()))
    process.send_signal(signal.SIGSTOP)
    try:
        assert processes.lives(guid(process.pid)) is True
    finally:
        process.kill()
        process.wait(10.0)


def test_one_that_was_never_seen_running_is_not_known_to_have_ended():
    process = a_process()
    process.kill()
    process.wait(10.0)
    assert Processes(guid(os.getpid())).lives(guid(process.pid)) is None


def test_nothing_is_known_of_another_machine_or_of_a_middleware_that_does_not_tell():
    other = guid(os.getpid(), machine=b"\x01\x0f\x56\x78")
    assert Processes(guid(os.getpid())).lives(other) is None
    assert Processes(guid(os.getpid() + 1)).lives(guid(os.getpid())) is None
    assert Processes(b"").lives(guid(os.getpid())) is None
