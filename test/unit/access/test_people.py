import os

import pytest

from execution_orchestrator.access.people import AccessError, People, PeopleFile
from execution_orchestrator.access.roles import Role
from execution_orchestrator.access.tokens import LONGEST


def test_a_role_may_what_those_before_it_may():
    assert [Role.OPERATE.may(one) for one in Role] == [True, True, False]
    assert all(Role.ADMINISTER.may(one) for one in Role)


def test_a_token_is_known_and_is_not_in_the_file(tmp_path):
    people, token = People().with_token("anna", Role.OPERATE)
    path = tmp_path / "folder" / "access.yaml"
    people.save(path)
    text = path.read_text()
    assert token not in text
    assert path.stat().st_mode & 0o777 == 0o600
    known = People.load(path)
    assert known.by_token(token).name == "anna"
    assert known.by_token(token).role is Role.OPERATE
    for wrong in ("", token[:-1], token + "x", "x" * (LONGEST + 1), token.swapcase()):
        assert known.by_token(wrong) is None


def test_two_files_do_not_show_that_a_token_is_the_same():
    one, token = People().with_token("anna", Role.WATCH)
    other, _ = People().with_token("anna", Role.WATCH)
    assert one.people["anna"].salt != other.people["anna"].salt
    assert other.by_token(token) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("people: {anna: {role: king}}", "people.anna.role"),
        ("people: {anna: {roles: watch}}", "Did you mean role"),
        ("peoples: {}", "Did you mean people"),
        ("people: {a b: {role: watch}}", "people"),
        ("{", "cannot be read"),
        ("[1]", "document"),
        ("version: 2", "version"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(tmp_path, text, told):
    path = tmp_path / "access.yaml"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(AccessError, match=told):
        People.load(path)


def test_a_file_that_others_may_write_is_not_believed(tmp_path):
    path = tmp_path / "access.yaml"
    People().save(path)
    path.chmod(0o620)
    with pytest.raises(AccessError, match=f"chmod 600 {path}"):
        People.load(path)


def test_a_file_that_is_not_there_says_how_it_is_made(tmp_path):
    with pytest.raises(AccessError, match="access add NAME"):
        People.load(tmp_path / "none.yaml")


def test_the_file_is_read_anew_when_it_changes_even_within_its_second(tmp_path):
    path = tmp_path / "access.yaml"
    file = PeopleFile(path)
    assert file.people().people == {}
    assert "not there" in file.problem
    people, token = People().with_token("anna", Role.WATCH)
    people.save(path)
    before = path.stat()
    assert file.people().by_token(token).role is Role.WATCH
    people.with_role("anna", Role.ADMINISTER).save(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.people().by_token(token).role is Role.ADMINISTER
    assert file.problem == ""


def test_while_the_file_is_broken_nobody_is_known(tmp_path):
    path = tmp_path / "access.yaml"
    people, token = People().with_token("anna", Role.WATCH)
    people.save(path)
    file = PeopleFile(path)
    assert file.people().by_token(token) is not None
    path.write_text("people: {anna: nonsense}")
    assert file.people().by_token(token) is None
    assert "people.anna" in file.problem
