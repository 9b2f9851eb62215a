"""Files the servers keep, and their formats."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from execution_orchestrator.simulation.work.keeping import KeepError, kept_path, write
from execution_orchestrator.simulation.work.picture_formats import avi, ppm


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "."])
def test_names_do_not_lead_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeepError, match="leads out"):
        kept_path(tmp_path / "kept", name)


def test_files_are_whole_and_leave_nothing_beside(tmp_path: Path) -> None:
    path = kept_path(tmp_path, "a/b.bin")
    write(path, b"one")
    write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["b.bin"]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeepError, match="cannot be written"):
        write(tmp_path / "file" / "x", b"")


def test_ppm_holds_every_pixel() -> None:
    picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert ppm(picture) == b"P6 4 2 255\n" + bytes(range(24))


def test_avi_lists_every_frame() -> None:
    frames = [np.full((3, 5, 3), value, np.uint8) for value in (1, 2, 3)]
    data = avi(frames, 10.0)
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"AVI "
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    index = data.index(b"idx1")
    assert struct.unpack("<I", data[index + 4 : index + 8])[0] == 16 * 3
    movie = data.index(b"movi")
    for entry in range(3):
        at = index + 8 + 16 * entry
        offset, size = struct.unpack("<II", data[at + 8 : at + 16])
        chunk = data[movie + offset : movie + offset + 8]
        assert chunk == b"00db" + struct.pack("<I", size)
        assert data[movie + offset + 8] == entry + 1


def test_room_noise_is_a_wave_file() -> None:
    speech = pytest.importorskip("execution_orchestrator.simulation.work.speech")
    with wave.open(io.BytesIO(speech.room_noise(0.5, 8000))) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (4000, 8000, 1)
