"""The worlds and models are SDF for SDF's own parser, wherever that is installed.

Debian: apt install libsdformat-dev. It reads versions up to 1.9; the files are of 1.7, which
Gazebo 11 reads too (test/gazebo loads them there).
"""

import ctypes
import ctypes.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = [*(ROOT / "worlds").glob("*.sdf"), *(ROOT / "models").glob("*/model.sdf")]
LIBRARY = next(
    (
        found
        for name in ("sdformat14", "sdformat13", "sdformat12")
        if (found := ctypes.util.find_library(name))
    ),
    None,
)


@pytest.mark.skipif(LIBRARY is None, reason="libsdformat is not installed")
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_sdformat_finds_nothing_wrong(file, monkeypatch):
    monkeypatch.setenv("SDF_PATH", str(ROOT / "models"))
    assert ctypes.CDLL(LIBRARY).cmdCheck(str(file).encode()) == 0


def test_there_are_worlds():
    assert {file.stem for file in FILES} >= {"apartment", "warehouse", "tabletop"}
