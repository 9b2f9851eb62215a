"""models/robot/model.sdf has the measures and limits that the simulation has."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from execution_orchestrator.simulation.geometry import Array, rotation, transform
from execution_orchestrator.simulation.physics.arm import forward
from execution_orchestrator.simulation.physics.robot_model import (
    ARM_JOINTS,
    CAMERA_PITCH,
    CAMERA_POSITION,
    GRIPPER_JOINTS,
    GRIPPER_OPENING,
    JOINT_LIMITS,
    RADIUS,
    CameraModel,
)

MODEL = Path(__file__).parents[3] / "models" / "robot" / "model.sdf"


@pytest.fixture(scope="module")
def model() -> Xml.Element:
    found = Xml.parse(MODEL).getroot().find("model")
    assert found is not None
    return found


def named(model: Xml.Element, kind: str, name: str) -> Xml.Element:
    found = model.find(f"{kind}[@name='{name}']")
    assert found is not None, name
    return found


def link_pose(model: Xml.Element, link: str) -> Array:
    """Pose of a link relative to the link its pose names."""
    values = [float(part) for part in named(model, "link", link).findtext("pose", "").split()]
    return transform(values[:3], values[3:])


def test_limits(model: Xml.Element) -> None:
    for name, (low, high) in zip(ARM_JOINTS, JOINT_LIMITS, strict=True):
        limit = named(model, "joint", name).find("axis/limit")
        assert limit is not None
        assert float(limit.findtext("lower", "")) == low
        assert float(limit.findtext("upper", "")) == high
    for name in GRIPPER_JOINTS:
        upper = named(model, "joint", name).findtext("axis/limit/upper", "")
        assert float(upper) == GRIPPER_OPENING / 2
    base = named(model, "link", "base_link").findtext("collision/geometry/cylinder/radius", "")
    assert float(base) == RADIUS
    view = named(model, "link", "camera_link").findtext("sensor/camera/horizontal_fov", "")
    assert float(view) == CameraModel().horizontal_view


@pytest.mark.parametrize(
    "joints", [(0.0,) * 6, (0.4, -1.2, 2.0, -0.8, 0.3, -0.5), (-1.0, 0.3, 1.0, 0.2, -0.4, 1.0)]
)
def test_its_chain_is_the_arm(model: Xml.Element, joints: tuple[float, ...]) -> None:
    pose = np.eye(4)
    for name, value in zip(ARM_JOINTS, joints, strict=True):
        joint = named(model, "joint", name)
        x, y, z = (float(part) * value for part in joint.findtext("axis/xyz", "").split())
        turned = np.eye(4)
        turned[:3, :3] = rotation(x, y, z)
        pose = pose @ link_pose(model, joint.findtext("child", "")) @ turned
    pose = pose @ link_pose(model, "gripper_link")
    assert np.allclose(pose, forward(joints), atol=1e-9)


def test_its_camera_is_where_the_simulation_has_it(model: Xml.Element) -> None:
    pose = link_pose(model, "camera_mount") @ link_pose(model, "camera_link")
    assert np.allclose(pose, transform(CAMERA_POSITION, (0.0, CAMERA_PITCH, 0.0)))
