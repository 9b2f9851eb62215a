import pytest

from benchmarks.scheduling.psplib import InstanceError, parse_instance, read_instance
from execution_orchestrator.plan.optimise.generation import serial

INSTANCE = """\
************************************************************************
file with basedata            : made_up.bas
initial value random generator: 1
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  4
horizon                       :  9
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      2      0        5        1        5
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     3       2    0
  3      1     5       2    1
  4      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    3    1
************************************************************************
"""


def test_a_project_is_read():
    project = parse_instance(INSTANCE)
    assert project.capacities == (3, 1)
    assert [a.name for a in project.activities] == ["1", "2", "3", "4"]
    assert [a.duration for a in project.activities] == [0, 3, 5, 0]
    assert project.activities[3].after == (1, 2)
    assert project.activities[2].demands == ((0, 2), (1, 1))
    assert serial(project, [0.0, 1.0, 2.0, 3.0]).makespan == 8


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("   ", "\t  "),
        lambda text: "\n" + text.replace("\n", " \n\n"),
        lambda text: text.rstrip("*\n"),
        lambda text: text.replace("  R 1  R 2", "R1 R2"),
    ],
    ids=["CRLF", "tabs", "blank lines", "no last line of stars", "other headings"],
)
def test_spacing_and_line_ends_do_not_matter(change):
    assert parse_instance(change(INSTANCE)) == parse_instance(INSTANCE)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "   2        1          1  ",
            "   2        3          1  ",
            r"x.sm:20: job 2 has 3 modes: multi",
        ),
        (
            "nonrenewable              :  0",
            "nonrenewable              :  2",
            r"multi-mode \(\.mm\)",
        ),
        (
            "  2      1     3       2    0",
            "  2      1     3       2",
            r"x.sm:28: job, mode, duration and 2",
        ),
        (
            "  2      1     3       2    0",
            "  2      1     3       2    x",
            r"x.sm:28: only whole numbers",
        ),
        (
            "  2      1     3       2    0",
            "  2      1    -3       2    0",
            r"x.sm:28: job 2 has a negative",
        ),
        (
            "  2      1     3       2    0",
            "  3      1     3       2    0",
            r"x.sm:29: job 3 has more than one",
        ),
        ("  2      1     3       2    0\n", "", r"x.sm:24: 3 jobs in REQUESTS/DURATIONS, 4 in"),
        (
            "   3        1          1           4",
            "   3        1          2           4",
            r"x.sm:21: job 3 names 1 successors, not 2",
        ),
        (
            "   3        1          1           4",
            "   3        1          1           9",
            r"x.sm:21: there is no job 9",
        ),
        (
            "   3        1          1           4",
            "   3        1          1           3",
            r"x.sm: these activities wait .*: 3",
        ),
        ("   3        1          1           4\n", "", r"x.sm:17: 3 jobs in PRECEDENCE"),
        ("  5       2    1", "  5       4    1", r"x.sm: 3 needs 4 of resource 0, which has 3"),
        ("    3    1\n", "    3\n", r"x.sm:34: one line of 2 capacities"),
        ("REQUESTS/DURATIONS:", "WISHES:", r"the section REQUESTS/DURATIONS is missing"),
        (
            "jobs (incl. supersource/sink ):  4",
            "jobs (incl. supersource/sink ):  many",
            r"x.sm:6: a number is expected",
        ),
        (
            "  - renewable                 :  2   R\n",
            "",
            r"number of renewable resources is missing",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(before, after, message):
    assert before in INSTANCE
    with pytest.raises(InstanceError, match=message):
        parse_instance(INSTANCE.replace(before, after), "x.sm")


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InstanceError, match=r"nowhere\.sm: cannot be read: No such file"):
        read_instance(tmp_path / "nowhere.sm")
    (tmp_path / "picture.sm").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InstanceError, match=r"picture\.sm: not a text file"):
        read_instance(tmp_path / "picture.sm")
    (tmp_path / "empty.sm").write_text("")
    with pytest.raises(InstanceError, match=r"empty\.sm:1: the section"):
        read_instance(tmp_path / "empty.sm")
