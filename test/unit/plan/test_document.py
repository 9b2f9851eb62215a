import json
import time

import pytest

from execution_orchestrator.plan.document import DEFAULT_LIMITS, Limits, read_document
from execution_orchestrator.plan.issues import MOST_ISSUES
from execution_orchestrator.plan.yaml_reader import read_yaml

# What a bare word means: YAML 1.2.2, the examples of section 10.3, and what tools really write.
SCALARS = [
    ("1e-07", 1e-07), ("5e-324", 5e-324), ("1E5", 1e5), ("-2.5e+3", -2500.0), (".5", 0.5),
    ("1.", 1.0), ("+1.5", 1.5), ("12e03", 12000.0), ("0o17", 15), ("0x1F", 31), ("012", 12),
    ("-19", -19), ("+7", 7), ("true", True), ("True", True), ("FALSE", False), ("null", None),
    ("~", None), ("", None), ("yes", "yes"), ("no", "no"), ("on", "on"), ("Off", "Off"), ("y", "y"),
    ("2026-11-28", "2026-11-28"), ("2026-11-28T06:30:00Z", "2026-11-28T06:30:00Z"),
    ("12:30:45", "12:30:45"), ("1_000", "1_000"), ("0b11", "0b11"), ("1e", "1e"), (".", "."),
    ("tRUE", "tRUE"), ("=", "="), ("<<", "<<"), ("1.2.3", "1.2.3"), ("'5'", "5"), ('"true"', "true"),
    ("!!str 5", "5"), ("!!float 5", 5.0),
]  # fmt: skip


def data(text):
    read = read_document(text, DEFAULT_LIMITS)
    assert read.issues == (), read.issues
    return read.data


@pytest.mark.parametrize(("word", "value"), SCALARS)
def test_a_word_means_what_the_core_schema_of_yaml_1_2_says(word, value):
    for found in (data(f"a: {word}")["a"], read_yaml(f"a: {word}")["a"]):
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize(
    "value",
    [1e-07, 5e-324, 1.7976931348623157e308, -0.0, 2**62, "1e-07", "a/b~c", "\u00e9 \U0001f600",
     "tab\tnewline\n\"quote'", {"": 1, "a b": [None, True, {"x": []}]}, {"k" * 2000: 1}],
)  # fmt: skip
@pytest.mark.parametrize("indent", [None, 2])
def test_what_json_writes_is_read_as_it_was(value, indent):
    for ascii_only in (True, False):
        text = json.dumps({"v": value}, indent=indent, ensure_ascii=ascii_only)
        assert data(text) == {"v": value}


DOCUMENT = {
    "a": [1, {"b": "}", "c/d": None}],
    "e": {"f": [[], {}, [True]]},
    'quoted " key': "x,y:[",
    "last": -1.5,
}


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_values_of_json_stand_where_the_yaml_parser_sees_them(indent):
    text = json.dumps(DOCUMENT, indent=indent)
    as_json = read_document(text, DEFAULT_LIMITS)
    as_yaml = read_document(f"{text} # a comment", DEFAULT_LIMITS)
    assert as_json.data == as_yaml.data == DOCUMENT
    # One by one, each looked for when it is asked for, and all of them at once.
    assert {where: as_json.places[where] for where in as_yaml.places} == dict(as_yaml.places)
    assert not {"/b", "/a/2", "/a/0/0", "/a/x", "/last/", "last"} & as_json.places.keys()
    assert dict(as_json.places) == dict(as_yaml.places)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('{"a": 1,\n "a": 2}', "PLAN_DUPLICATE_KEY", 2, 7),
        ('{"a":\n NaN}', "PLAN_NUMBER_NOT_FINITE", 2, 2),
        ('{"a": 1e999}', "PLAN_NUMBER_NOT_FINITE", 1, 7),
        ("a: -.inf", "PLAN_NUMBER_NOT_FINITE", 1, 4),
        ("a: .nan", "PLAN_NUMBER_NOT_FINITE", 1, 4),
        ('{"a": 99999999999999999999}', "PLAN_NUMBER_TOO_LARGE", 1, 7),
        ('{"a": "\\ud800"}', "PLAN_SYNTAX", 1, 7),
        ("a: 1\n--- \nb: 2", "PLAN_SYNTAX", 2, 1),
        ("a: 1\nb: \x00", "PLAN_SYNTAX", 2, 4),
        ("a: !!binary aGk=", "PLAN_SYNTAX", 1, 4),
        ("? [a]\n: 1", "PLAN_SYNTAX", 1, 1),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_place_and_a_cure(text, code, line, column):
    (issue,) = read_document(text, DEFAULT_LIMITS).issues
    assert (issue.code, issue.line) == (code, line)
    assert issue.column == column
    assert issue.hint


@pytest.mark.parametrize(
    "text",
    ["[" * 900_000, "- " * 500_000, '{"a":' * 200_000, "? " * 500_000, "a: &a [1]\nb: [" + "*a," * 300_000,
     "\n".join(" " * n + "a:" for n in range(1400)), "actions: [" + "!!int x, " * 100_000 + "]",
     json.dumps([[0] * 500] * 900), "&a " * 300_000],
)  # fmt: skip
def test_no_text_costs_more_than_its_length(text):
    began = time.process_time()
    read = read_document(text, Limits(max_bytes=1_100_000, max_nodes=100_000))
    assert read.issues
    assert len(read.issues) <= MOST_ISSUES
    assert time.process_time() - began < 2.0
