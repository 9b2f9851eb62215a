"""The reader takes what the worlds use and names what it cannot take."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from execution_orchestrator.simulation.geometry import transform
from execution_orchestrator.simulation.world.finding import load_world
from execution_orchestrator.simulation.world.sdf import WorldError, read_world
from execution_orchestrator.simulation.world.shapes import Box, Cylinder

ROOT = Path(__file__).parents[3]
BOX = "<collision name='c'><geometry><box><size>1 2 3</size></box></geometry></collision>"


def write(folder: Path, inner: str, version: str = "1.7") -> Path:
    path = folder / "w.sdf"
    path.write_text(f"<sdf version='{version}'><world name='w'>{inner}</world></sdf>")
    return path


@pytest.mark.parametrize("name", ["apartment", "warehouse", "tabletop"])
def test_the_worlds_of_the_package(name: str) -> None:
    world = load_world(name, ROOT)
    assert world.name == name
    assert {"robot_start", "dock"} <= set(world.frames)
    assert world.objects()
    # Every object lies on something or on the floor: nothing would fall in Gazebo.
    for model in world.objects().values():
        low, _ = model.local_bounds()
        bottom = model.pose[2, 3] + low[2]
        tops = [solid.bounds()[1][2] for solid in world.static_solids()]
        assert min(abs(bottom - top) for top in [*tops, 0.0]) < 0.011, model.name


def test_red_cup_is_on_the_kitchen_table() -> None:
    world = load_world("apartment", ROOT)
    cup = world.models["red_cup"]
    assert cup.class_id == "cup"
    assert cup.size == pytest.approx((0.07, 0.07, 0.1))
    assert isinstance(cup.solids[0].shape, Cylinder)
    low, high = world.models["kitchen_table"].placed()[0].bounds()
    assert (low[:2] <= cup.pose[:2, 3]).all()
    assert (cup.pose[:2, 3] <= high[:2]).all()


def test_poses_relative_to_models_and_frames(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "<model name='b'><pose relative_to='f' degrees='true'>1 0 0 0 0 90</pose>"
        f"<link name='l'><pose>0 0 1 0 0 0</pose>{BOX}</link></model>"
        "<frame name='f' attached_to='a'><pose>0 2 0 0 0 0</pose></frame>"
        "<model name='a'><static>true</static><pose>10 0 0 0 0 1.5707963</pose>"
        f"<link name='l'>{BOX}</link></model>",
    )
    world = read_world(path)
    expected = (
        transform((10, 0, 0), (0, 0, math.pi / 2))
        @ transform((0, 2, 0))
        @ transform((1, 0, 0), (0, 0, math.pi / 2))
    )
    assert np.allclose(world.models["b"].pose, expected, atol=1e-6)
    assert isinstance(world.models["b"].solids[0].shape, Box)
    assert world.models["b"].solids[0].pose[2, 3] == 1.0
    assert world.models["a"].static
    assert not world.models["b"].static


def test_include_overrides_pose_and_name(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "<include><uri>model://red_cup</uri><name>mine_2</name><pose>1 2 3 0 0 0</pose></include>",
    )
    world = read_world(path, [ROOT / "models"])
    assert world.models["mine_2"].pose[:3, 3].tolist() == [1.0, 2.0, 3.0]
    assert world.models["mine_2"].class_id == "mine"


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<model name='m'><link name='l'><collision name='c'><geometry><mesh><uri>x</uri></mesh>"
         "</geometry></collision></link></model>", "<mesh> is not simulated"),
        ("<model name='m'><pose>1 2 3</pose></model>", "needs 6 finite numbers"),
        ("<model name='m'><pose>nan 0 0 0 0 0</pose></model>", "needs 6 finite numbers"),
        ("<model name='m'/><model name='m'/>", "names are unique"),
        ("<model/>", "has no name"),
        ("<model name='m'><pose relative_to='x'>0 0 0 0 0 0</pose></model>", "'x', not one of"),
        ("<frame name='a'><pose relative_to='b'/></frame>"
         "<frame name='b'><pose relative_to='a'/></frame>", "in a circle"),
        ("<include><uri>model://nothing</uri></include>", "is not found in"),
        (f"<model name='m'><link name='l'>{BOX.replace('1 2 3', '1 0 3')}</link></model>",
         "greater than 0"),
        ("<model name='m'><link name='l'><collision name='c'><geometry/></collision></link>"
         "</model>", "exactly one shape"),
    ],
)  # fmt: skip
def test_bad_worlds_are_named(tmp_path: Path, inner: str, words: str) -> None:
    with pytest.raises(WorldError, match=r"w\.sdf") as caught:
        read_world(write(tmp_path, inner))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<sdf version='1.7'>", "not well-formed"),
        ("<robot/>", "not <sdf>"),
        ("<sdf version='1.4'><world name='w'/></sdf>", "use 1.7 or newer"),
        ("<sdf version='1.7'/>", "no <world>"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><sdf version='1.7'/>", "entity declarations"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.sdf"
    path.write_text(text)
    with pytest.raises(WorldError, match=words):
        read_world(path)


def test_unknown_world_lists_the_known_ones() -> None:
    with pytest.raises(WorldError, match="apartment, tabletop, warehouse"):
        load_world("moon", ROOT)
