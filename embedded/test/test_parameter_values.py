"""Numbers and texts in parameter files and behind `-p` are what rcl's parser makes of them."""

import json
import math
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodes.parameter_values import as_file, read_on_nodes
from rclpy.parameter import get_parameter_value, parameter_dict_from_yaml_file
from real_ros2 import PATIENCE, needs_real_ros2, real

from ros2_embedded.parameter_text import ValueSyntaxError, read_value, write_values

REFUSED = object()
#: Recorded from rcl 9.2.8; `test_the_real_one_agrees` asks it again where there is one.
TABLE = [
    ("5e-06", 5e-06),
    ("1e3", 1000.0),
    ("123E5", 12300000.0),
    ("1E3", 1000.0),
    ("1e+20", 1e20),
    ("010", 8),
    ("0x1F", 31),
    ("0X1f", 31),
    ("0b101", "0b101"),
    ("0o17", "0o17"),
    ("08", 8.0),
    ("12:30", "12:30"),
    ("1:30:15", "1:30:15"),
    ("yes", True),
    ("no", False),
    ("Y", True),
    ("n", False),
    ("on", True),
    ("Off", False),
    ("TRUE", True),
    ("tRue", "tRue"),
    ("2024-01-01", "2024-01-01"),
    ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
    ("1_000", "1_000"),
    ("1.", 1.0),
    ("+.5", 0.5),
    (".5", 0.5),
    ("+5", 5),
    ("-0", 0),
    ("1e999", "1e999"),
    ("1e-320", "1e-320"),
    ("9223372036854775807", 9223372036854775807),
    ("9223372036854775808", 9.223372036854776e18),
    ("-9223372036854775808", -9223372036854775808),
    ("-9223372036854775809", -9.223372036854776e18),
    (".inf", math.inf),
    ("-.inf", -math.inf),
    (".Inf", math.inf),
    (".nan", math.nan),
    (".NAN", math.nan),
    ("inf", math.inf),
    ("-inf", -math.inf),
    ("nan", math.nan),
    ("infinity", math.inf),
    ("NaN", math.nan),
    ("-nan", math.nan),
    ("~", "~"),
    ("null", "null"),
    ("''", ""),
    ("'5e-06'", "5e-06"),
    ('"123"', "123"),
    ("'yes'", "yes"),
    ("hello", "hello"),
    ("!!str 5", "5"),
    ("!!int 5", 5),
    ("!!float 5", 5),
    ("!!str yes", "yes"),
    ("0x1p3", 8.0),
    ("1f", "1f"),
    ("[1, 2]", [1, 2]),
    ("[1.0, 1e-9]", [1.0, 1e-09]),
    ("[1, 2.0]", REFUSED),
    ("[1.5, 2]", REFUSED),
    ("[2e-5]", [2e-05]),
    ("[.5, 1]", REFUSED),
    ("[yes, no]", [True, False]),
    ("[yes, 1]", REFUSED),
    ("[a, 1]", REFUSED),
    ("['1', '2']", ["1", "2"]),
    ("[1, '2']", REFUSED),
    ("[~]", ["~"]),
    ("'abc", REFUSED),
    ("a: b", REFUSED),
    ("*x", REFUSED),
    ("5 # comment", 5),
    ("192.168.1.1", "192.168.1.1"),
    ("+-5", "+-5"),
    (" 5 ", 5),
    ("0.1", 0.1),
    ("1.5E-3", 0.0015),
    ("[0x10, 010]", [16, 8]),
    ("[1, 9223372036854775808]", REFUSED),
    ("[.inf, .nan]", [math.inf, math.nan]),
    ("!!bool yes", True),
    ("4.9e-324", "4.9e-324"),
    ("2.2250738585072014e-308", 2.2250738585072014e-308),
    ("!foo 5", 5),
    ("[!!str 1, !!str 2]", ["1", "2"]),
    ("[1,]", [1]),
    ("0", 0),
    ("0.", 0.0),
    ("0x", "0x"),
    ("_1", "_1"),
    ("1e5.0", "1e5.0"),
    ("0xg", "0xg"),
]


def plain(value):
    """Return the type and the digits of a value, which tell even nan and 0.0 from others."""
    return REFUSED if value is REFUSED else repr(value)


@pytest.fixture(scope="module")
def seen():
    """Read all texts by `-p` and from files, on nodes of this runtime."""
    return read_on_nodes([text for text, _ in TABLE])


@pytest.mark.parametrize(("index", "way"), [(i, way) for i in range(len(TABLE)) for way in "pf"])
def test_a_text_is_what_rcl_makes_of_it(seen, index, way):
    text, expected = TABLE[index]
    found = seen[index]["pf".index(way)]
    assert found == (None if expected is REFUSED else [repr(expected)]), text


@needs_real_ros2
def test_the_real_one_agrees():
    reader = real("parameter_values.py", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    answers, _ = reader.communicate(json.dumps([text for text, _ in TABLE]), timeout=PATIENCE * 3)
    expected = [None if value is REFUSED else [repr(value)] for _, value in TABLE]
    for (text, _), found, value in zip(TABLE, json.loads(answers), expected, strict=True):
        assert found == [value, value], text


def test_an_empty_list_leaves_a_parameter_unset():
    assert read_on_nodes(["[]"]) == [[["None"], ["None"]]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2.0]", "line 1: all values of a list have one type, but 2.0 is a double in a list of type integer"),
        ("[1, [2]]", "line 1: a list holds single values only"),
        ("a: 1", "line 1: a mapping is no value of a parameter"),
        ("*other", "an alias, *other, is not supported"),
        ("'open", "is no YAML"),
        ("", "there is no value; write '' for an empty text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text, said):
    with pytest.raises(ValueSyntaxError) as caught:
        read_value(text)
    assert said in str(caught.value)


def test_the_commands_read_values_in_the_same_way(tmp_path):
    file = tmp_path / "parameters.yaml"
    for text, expected in TABLE:
        if expected is REFUSED:
            assert get_parameter_value(text).string_value == text
            continue
        file.write_text(as_file(text), encoding="utf-8")
        value = parameter_dict_from_yaml_file(str(file))["value"].value
        assert repr(value) == repr(get_parameter_value(text))


scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats().filter(lambda x: x == 0 or not abs(x) < 2.3e-308),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    st.sampled_from([text for text, _ in TABLE]),
)
lists = st.one_of(
    st.lists(st.booleans(), min_size=1),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1),
    st.lists(st.sampled_from([text for text, _ in TABLE]), min_size=1),
)


@settings(deadline=None)
@given(st.one_of(scalars, lists), st.booleans())
def test_what_launch_writes_is_read_as_it_was(value, one_line):
    back = read_value(write_values(value, one_line=one_line))
    assert type(back) is type(value)
    assert back == value or (math.isnan(value) and math.isnan(back))
