"""Files that are written whole or not at all."""

import os

import pytest

from execution_orchestrator.atomic_file import new_file, whole_file


@pytest.fixture
def usual_mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.mark.usefixtures("usual_mask")
@pytest.mark.parametrize("opened", [whole_file, new_file])
def test_others_may_read_a_new_file_as_any_other(tmp_path, opened):
    with opened(tmp_path / "a") as file:
        file.write(b"x")
    assert mode(tmp_path / "a") == 0o644


@pytest.mark.usefixtures("usual_mask")
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path):
    target = tmp_path / "a"
    target.write_text("old")
    target.chmod(0o640)
    with whole_file(target) as file:
        file.write(b"new")
    assert (mode(target), target.read_text()) == (0o640, "new")


@pytest.mark.parametrize("opened", [whole_file, new_file])
def test_what_fails_leaves_the_folder_as_it_was(tmp_path, opened):
    with pytest.raises(ValueError, match="half"), opened(tmp_path / "a") as file:
        file.write(b"x")
        raise ValueError("half")
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_never_replaces_one(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(FileExistsError), new_file(tmp_path / "a") as file:
        file.write(b"new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a", "old")]
