"""Tests side by side never share a domain, and none has a port that any socket may be given."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from test import domains

ROOT = Path(__file__).parents[2]


def test_no_port_is_ephemeral(tmp_path, monkeypatch):
    limits = tmp_path / "range"
    limits.write_text("32768\t60999\n")
    monkeypatch.setattr(domains, "EPHEMERAL", limits)
    possible = domains.possible_domains()
    assert possible == [*range(1, 101), *range(215, 233)][: len(possible)]
    assert not {port for domain in possible for port in domains.ports(domain)} & {
        *range(32768, 61000)
    }


def test_a_domain_with_a_port_in_use_is_not_given(monkeypatch):
    one, other = domains.free_domain(), domains.free_domain()
    while domains._held:
        os.close(domains._held.popitem()[1])
    monkeypatch.setattr(domains, "possible_domains", lambda: [one, other])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", domains.ports(one)[3]))
        assert domains.free_domain() == other
        with pytest.raises(RuntimeError, match="no ROS domain is free"):
            domains.free_domain()


def test_another_process_is_not_given_it():
    mine = domains.free_domain()
    ask = f"from test import domains; domains.possible_domains = lambda: [{mine}]; domains.free_domain()"
    asked = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "no ROS domain is free" in asked.stderr


def test_a_long_run_gives_back_what_it_had():
    assert len({domains.free_domain() for _ in range(len(domains.possible_domains()) // 2)}) > 8
    assert len(domains._held) == domains.KEPT


def test_the_own_one_stays():
    mine = domains.own_domain()
    assert all(domains.free_domain() != mine for _ in range(3 * domains.KEPT))
    assert domains.own_domain() == mine
