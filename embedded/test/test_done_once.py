"""The tool of `make ros2` lets rosidl's generators do once what they would do again and again."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).parents[1] / "tools" / "real_ros2" / "done_once.py"


@pytest.fixture
def done_once():
    spec = importlib.util.spec_from_file_location("done_once", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_definition_is_parsed_once_and_each_caller_has_its_own(done_once, tmp_path):
    texts = []

    def parse(text, png_file=None):
        texts.append((text, png_file))
        return text.split()

    def kept(version=b"1"):
        return done_once.kept_on_disk(parse, tmp_path / "kept", version)

    first, again, elsewhere = kept()("a b"), kept()("a b"), kept()("a b c")
    assert first == again == ["a", "b"]
    assert first is not again
    assert elsewhere == ["a", "b", "c"]
    assert texts == [("a b", None), ("a b c", None)]
    assert kept(b"2")("a b") == ["a", "b"]
    assert kept()("a b", png_file="tree.png") == ["a", "b"]
    assert texts[2:] == [("a b", None), ("a b", "tree.png")]
    assert all(path.suffix == "" for path in (tmp_path / "kept").iterdir())


def test_without_a_folder_to_write_to_each_parse_is_fresh(done_once, tmp_path):
    (tmp_path / "file").touch()
    kept = done_once.kept_on_disk(str.split, tmp_path / "file" / "kept", b"1")
    with pytest.raises(NotADirectoryError):
        (tmp_path / "file" / "kept").mkdir()
    assert kept("a b") == kept("a b") == ["a", "b"]


class Token:
    """Writes the value of an expression."""

    def __init__(self, code):
        self.code = code

    def run(self, interpreter, values):
        interpreter.written.append(interpreter.module.eval(self.code, {}, values))


class Scanner:
    """Finds an expression in each line."""

    scanned = 0

    def __init__(self, text):
        self.prefix, self.text = "@", text

    def rest(self):
        return self.text

    def advance(self, count):
        self.text = self.text[count:]

    def one(self):
        line, _, self.text = self.text.partition("\n")
        Scanner.scanned += bool(line)
        return Token(line) if line else None


def test_a_template_is_read_once_and_run_with_the_values_of_each_use(done_once):
    em = ModuleType("em")
    em.Interpreter = type("Interpreter", (), {"module": em})
    done_once.keep_templates(em)
    written = []
    for n in (1, 2):
        interpreter, scanner = em.Interpreter(), Scanner("n + 1\n [n] * n\n")
        interpreter.written = []
        interpreter.parse(scanner, {"n": n})
        assert scanner.rest() == ""
        written.append(interpreter.written)
    assert written == [[2, [1]], [3, [2, 2]]]
    assert Scanner.scanned == 2
    names = {}
    em._exec("n = 3", names)
    em._exec(compile("m = 4", "<string>", "exec"), names)
    assert (names["n"], names["m"]) == (3, 4)
