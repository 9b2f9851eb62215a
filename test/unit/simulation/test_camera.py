"""Field of view, range, occlusion and the picture."""

from __future__ import annotations

import numpy as np
import pytest

from execution_orchestrator.simulation.geometry import Array, planar, transform
from execution_orchestrator.simulation.physics.camera import camera_link, first_hits, look, render
from execution_orchestrator.simulation.physics.robot_model import CameraModel
from execution_orchestrator.simulation.world.shapes import Box, Sphere
from execution_orchestrator.simulation.world.simulated_world import Model, Solid, World

CAMERA = CameraModel()
BALL = Model("ball", np.eye(4), False, (Solid(Sphere(0.05), np.eye(4), (1.0, 0.0, 0.0)),))


def seen(at: tuple[float, float, float], solids: list[Solid] | None = None) -> float:
    """Visible part of a ball, for a camera at the origin that looks along x."""
    found = look(CAMERA, np.eye(4), solids or [], {"ball": (BALL, transform(at))})
    return found[0].visible if found else 0.0


def wall(x: float, shift: float = 0.0) -> Solid:
    return Solid(Box((0.02, 1.0, 1.0)), transform((x, shift, 0.0)), (0.0, 0.0, 1.0))


def test_field_of_view_and_range() -> None:
    assert seen((1.0, 0.0, 0.0)) > 0.3
    assert seen((-1.0, 0.0, 0.0)) == 0.0
    assert seen((1.0, 0.9, 0.0)) == 0.0
    assert seen((1.0, 0.0, 0.7)) == 0.0
    assert seen((0.1, 0.0, 0.0)) == 0.0
    assert seen((4.2, 0.0, 0.0)) == 0.0
    assert seen((3.8, 0.0, 0.0)) > 0.3


def test_occlusion() -> None:
    free = seen((2.0, 0.0, 0.0))
    assert seen((2.0, 0.0, 0.0), [wall(1.0)]) == 0.0
    assert seen((2.0, 0.0, 0.0), [wall(3.0)]) == free
    assert 0.0 < seen((2.0, 0.0, 0.0), [wall(1.0, 0.5)]) < free


def kitchen(apartment: World) -> dict[str, tuple[Model, Array]]:
    return {name: (model, model.pose) for name, model in apartment.objects().items()}


def test_red_cup_is_seen_from_the_kitchen_and_not_from_the_start(apartment: World) -> None:
    statics, objects = apartment.static_solids(), kitchen(apartment)
    near = look(CAMERA, planar(4.0, 2.0, 0.0) @ camera_link(0.0), statics, objects)
    assert near[0].name == "red_cup"
    assert [s.distance for s in near] == sorted(s.distance for s in near)
    assert not look(CAMERA, planar(0.0, 0.0, 0.0) @ camera_link(0.0), statics, objects)
    away = look(CAMERA, planar(4.0, 2.0, np.pi) @ camera_link(0.0), statics, objects)
    assert "red_cup" not in [s.name for s in away]
    assert "red_cup" in [
        s.name for s in look(CAMERA, planar(4.0, 2.0, np.pi) @ camera_link(np.pi), statics, objects)
    ]


@pytest.mark.parametrize("yaw", [0.0, 1.0, 2.5, -2.0])
@pytest.mark.parametrize("width", [0.02, 0.6, 3.0])
def test_what_no_ray_comes_near_to_is_left_out_without_a_difference(
    apartment: World, yaw: float, width: float
) -> None:
    rng = np.random.default_rng(1)
    rays = planar(0.0, 0.0, yaw)[:3, 0] + width * rng.normal(size=(500, 3))
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    solids = [*apartment.static_solids(), *kitchen(apartment)["red_cup"][0].placed()]
    at = np.array([3.2, 1.1, 0.9])
    reaches = np.array([solid.hits(at, rays) for solid in solids])
    nearest, which = first_hits(solids, at, rays)
    # Products of fewer rays are rounded otherwise in the last digit.
    assert np.allclose(nearest, reaches.min(axis=0), rtol=1e-12)
    hit = which >= 0
    assert np.array_equal(hit, np.isfinite(nearest))
    assert np.allclose(reaches[which[hit], hit], nearest[hit], rtol=1e-12)


def test_the_picture_shows_the_red_cup_where_it_is(apartment: World) -> None:
    pose = planar(4.0, 2.0, 0.0) @ camera_link(0.0)
    solids = apartment.static_solids()
    for model, where in kitchen(apartment).values():
        solids += model.placed(where)
    picture = render(CameraModel(width=160, height=120), pose, solids).astype(int)
    red = (picture[..., 0] > 90) & (picture[..., 1] < 40) & (picture[..., 2] < 40)
    rows, columns = np.nonzero(red)
    assert len(rows) > 30
    back = np.linalg.inv(pose)
    cup = (back @ apartment.models["red_cup"].pose)[:3, 3]
    focal = CameraModel(width=160, height=120).focal
    assert columns.mean() == pytest.approx(80 - cup[1] / cup[0] * focal, abs=3)
    assert rows.mean() == pytest.approx(60 - cup[2] / cup[0] * focal, abs=4)
