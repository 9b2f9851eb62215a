"""The ament index finds packages in prefixes, in the environment and in editable sources."""

import json
import sys

import pytest

from ros2_embedded import bootstrap, editable

bootstrap.activate()

import ament_index_python as index  # noqa: E402


@pytest.fixture
def prefix(tmp_path, monkeypatch):
    for kind, name, text in (("packages", "my_pkg", ""), ("things", "a", "content")):
        path = tmp_path / "share/ament_index/resource_index" / kind / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    return tmp_path


def test_search_paths_begin_with_the_environment(prefix):
    paths = index.get_search_paths()
    assert paths[:2] == [str(prefix), sys.prefix]


def test_package_of_a_prefix(prefix, capsys):
    assert index.get_package_prefix("my_pkg") == str(prefix)
    assert index.get_packages_with_prefixes()["my_pkg"] == str(prefix)
    assert index.get_package_share_directory("my_pkg") == f"{prefix}/share/my_pkg"
    assert "does not exist" in capsys.readouterr().err


def test_shipped_packages_are_there():
    assert index.get_package_share_path("std_msgs").joinpath("msg/String.msg").is_file()
    assert index.get_package_share_path("rclpy").joinpath("package.xml").is_file()


def test_editable_source_is_the_share_directory(tmp_path, monkeypatch):
    source, site = tmp_path / "my source", tmp_path / "site"
    record = site / "edited-1.0.dist-info/direct_url.json"
    record.parent.mkdir(parents=True)
    source.mkdir()
    (source / "package.xml").write_text("<package><name> edited_pkg </name></package>")
    url = source.as_uri()
    record.write_text(json.dumps({"url": url, "dir_info": {"editable": True}}))
    monkeypatch.syspath_prepend(str(site))
    editable.editable_packages.cache_clear()
    try:
        assert index.get_package_share_directory("edited_pkg") == str(source)
        assert index.get_package_prefix("edited_pkg") == sys.prefix
    finally:
        editable.editable_packages.cache_clear()


@pytest.mark.parametrize(
    ("name", "error"),
    [("", ValueError), ("a/b", ValueError), ("no_such_pkg", index.PackageNotFoundError)],
)
def test_names_that_are_no_packages(name, error):
    for look_up in (index.get_package_prefix, index.get_package_share_directory):
        with pytest.raises(error, match=name or "empty"):
            look_up(name)


def test_resources(prefix):
    assert index.get_resource("things", "a") == ("content", str(prefix))
    assert index.has_resource("things", "b") is False
    assert index.get_resources("things") == {"a": str(prefix)}
    assert {"things", "packages"} <= index.get_resource_types()
    with pytest.raises(LookupError, match="'b' of type 'things'"):
        index.get_resource("things", "b")
    with pytest.raises(index.InvalidResourceTypeNameError):
        index.get_resources("a/b")
    with pytest.raises(index.InvalidResourceNameError):
        index.has_resource("things", "../a")
