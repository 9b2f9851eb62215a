import threading

import pytest

from execution_orchestrator.runtime.plan_folder import PlanFolder, PlanStandsError

PLAN = "version: 1\nactions:\n  - {id: say, action_type: speak, parameters: {text: hello}}\n"


@pytest.fixture
def folder(tmp_path):
    return PlanFolder(tmp_path / "plans", 1000, closed="")


def test_a_plan_is_saved_and_read_again(folder, tmp_path):
    version = folder.save("greet.yaml", PLAN)
    assert folder.names() == ["greet.yaml"]
    assert (folder.kept("greet.yaml").text, folder.kept("greet.yaml").version) == (PLAN, version)
    again = folder.save("greet.yaml", f"# better\n{PLAN}", version)
    assert again != version
    assert folder.read("greet.yaml").startswith("# better")
    assert [one.name for one in (tmp_path / "plans").iterdir()] == ["greet.yaml"]


def test_line_ends_are_kept_and_no_other_version(folder):
    text = PLAN.replace("\n", "\r\n")
    assert folder.save("greet.yaml", text) == folder.kept("greet.yaml").version
    assert folder.read("greet.yaml") == text


def test_nothing_is_replaced_that_was_not_seen(folder):
    first = folder.save("greet.yaml", PLAN)
    with pytest.raises(PlanStandsError, match="is there already") as refused:
        folder.save("greet.yaml", "other")
    assert refused.value.version == first
    second = folder.save("greet.yaml", "changed by somebody", first)
    with pytest.raises(PlanStandsError, match="was changed meanwhile") as refused:
        folder.save("greet.yaml", "other", first)
    assert refused.value.version == second
    assert folder.read("greet.yaml") == "changed by somebody"


def test_of_many_who_make_the_same_plan_one_does(tmp_path):
    saved = []

    def save(number):
        try:
            # A folder each, as other processes have.
            PlanFolder(tmp_path, 1000, closed="").save("one.yaml", f"number: {number}")
        except PlanStandsError:
            return
        saved.append(number)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PlanFolder(tmp_path, 1000).read("one.yaml") == f"number: {saved[0]}"
    assert len(saved) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["one.yaml"]


@pytest.mark.parametrize(
    "name", ["../away.yaml", "a/b.yaml", ".hidden.yaml", "plan.sh", "", "x" * 200 + ".yaml", "a\n.yaml"]
)  # fmt: skip
def test_a_name_is_one_of_a_plan_in_the_folder(folder, tmp_path, name):
    with pytest.raises(OSError, match="is no name of a plan"):
        folder.save(name, PLAN)
    assert list(tmp_path.iterdir()) == []


def test_a_link_leads_nowhere_else(folder, tmp_path):
    folder.save("greet.yaml", PLAN)
    outside = tmp_path / "outside.yaml"
    outside.write_text("kept")
    (tmp_path / "plans" / "link.yaml").symlink_to(outside)
    with pytest.raises(OSError, match="is outside of"):
        folder.save("link.yaml", PLAN)
    assert outside.read_text() == "kept"


def test_what_is_too_large_or_no_text_is_not_saved(folder):
    with pytest.raises(OSError, match="more than 1000 bytes"):
        folder.save("large.yaml", "ä" * 501)
    with pytest.raises(OSError, match="no UTF-8"):
        folder.save("odd.yaml", "\ud800")
    assert folder.names() == []


def test_a_folder_that_is_only_read_says_why(tmp_path):
    folder = PlanFolder(tmp_path, 1000, closed="set web_save_plans")
    with pytest.raises(OSError, match="set web_save_plans"):
        folder.save("greet.yaml", PLAN)
    assert folder.names() == []
