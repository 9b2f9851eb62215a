"""What rosidl's generators do again and again while packages are built, done once.

A copy of this is put into the installed `rosidl_parser`; the last line of `rosidl_parser.parser`
and of `rosidl_pycommon` calls it. What is generated is the same, byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

#: Where definitions that were parsed are kept.
DEFINITIONS = Path(__file__).parent / "parsed_definitions"


def keep_templates(em: ModuleType) -> None:
    """Let version 3 of `em` read each template, and compile the Python in it, once in a process.

    It does so at every use otherwise, which is most of a generator's time: every message is written
    with the same few templates. A token is not changed by being run: those in a loop of a
    template are run many times as it is.
    """
    tokens_of: dict[tuple[str, str], list[Any]] = {}

    def parse(self: Any, scanner: Any, values: Any = None) -> None:
        text = scanner.rest()
        kept = tokens_of.get((scanner.prefix, text))
        if kept is not None:
            scanner.advance(len(text))
            for token in kept:
                token.run(self, values)
            return
        tokens = []
        while (token := scanner.one()) is not None:
            tokens.append(token)
            token.run(self, values)
        tokens_of[scanner.prefix, text] = tokens

    @cache
    def compiled(source: str, mode: str) -> CodeType:
        return compile(source, "<string>", mode, dont_inherit=True)

    def evaluate(source: str, module: dict[str, Any], values: Any = None) -> Any:
        # As the built-in function does with a text.
        return eval(compiled(source.lstrip(" \t"), "eval"), module, values)

    def execute(source: str | CodeType, module: dict[str, Any], values: Any = None) -> None:
        code = compiled(source, "exec") if isinstance(source, str) else source
        exec(code, module, values)

    em.Interpreter.parse = parse
    em.__dict__.update(eval=evaluate, _exec=execute)


def keep_definitions(parser: ModuleType) -> None:
    """Let `rosidl_parser.parser` parse the same definition once, whichever generator asks.

    Each of six generators does it otherwise, that for Python twice, and none of them quickly.
    """
    files = sorted(path for path in Path(str(parser.__file__)).parent.iterdir() if path.is_file())
    version = hashlib.sha256(b"".join(path.read_bytes() for path in files)).digest()
    parser.__dict__["parse_idl_string"] = kept_on_disk(
        parser.parse_idl_string, DEFINITIONS, version
    )


def kept_on_disk(
    parse: Callable[..., Any], folder: Path, version: bytes
) -> Callable[[str, str | None], Any]:
    """Return `parse` with its results kept in files of `folder`, found by the text and `version`.

    Each call returns objects of its own, as a parse does. Several processes may use it at a time.
    Where the folder may not be written, nothing is kept.
    """

    def parse_idl_string(idl_string: str, png_file: str | None = None) -> Any:
        if png_file is not None:
            return parse(idl_string, png_file)
        target = folder / hashlib.sha256(version + idl_string.encode()).hexdigest()
        try:
            content = target.read_bytes()
        except OSError:
            content = pickle.dumps(parse(idl_string))
            with suppress(OSError):
                folder.mkdir(exist_ok=True)
                unfinished = target.with_suffix(f".{os.getpid()}")
                unfinished.write_bytes(content)
                unfinished.replace(target)
        return pickle.loads(content)

    return parse_idl_string
