import os

from execution_orchestrator.storage.pictures import FOLDER, PictureFolder


def files(directory):
    return sorted(one.name for one in (directory / FOLDER).iterdir())


def test_a_picture_is_named_by_its_content_and_kept_once(tmp_path):
    folder = PictureFolder(tmp_path)
    name = folder.keep(b"one")
    assert folder.keep(b"one") == name
    assert folder.keep(b"two") != name
    assert folder.read(name) == b"one"
    assert len(files(tmp_path)) == 2  # and nothing half written beside them


def test_the_oldest_go_when_there_are_too_many(tmp_path):
    folder = PictureFolder(tmp_path, kept=3)
    names = []
    for number in range(5):
        names.append(folder.keep(b"%d" % number))
        os.utime(tmp_path / FOLDER / names[-1], (number, number))
    assert files(tmp_path) == sorted(names[2:])
    assert folder.read(names[0]) is None


def test_the_oldest_go_when_they_take_too_much(tmp_path):
    folder = PictureFolder(tmp_path, kept_bytes=250)
    names = []
    for number in range(4):
        names.append(folder.keep(bytes([number]) * 100))
        os.utime(tmp_path / FOLDER / names[-1], (number, number))
    assert files(tmp_path) == sorted(names[2:])


def test_one_that_is_too_large_is_kept_all_the_same_as_the_only_one(tmp_path):
    folder = PictureFolder(tmp_path, kept_bytes=10)
    assert folder.read(folder.keep(b"x" * 100)) == b"x" * 100


def test_only_pictures_are_read(tmp_path):
    folder = PictureFolder(tmp_path)
    (tmp_path / "journal.db").write_text("secret")
    for name in ("../journal.db", "", ".", "a" * 32, "/etc/hostname"):
        assert folder.read(name) is None
