"""Reads the part of SDF 1.7 to 1.11 that the simulation needs (http://sdformat.org/spec).

Understood: models with links and box, cylinder, sphere and plane collisions, ``<static>``,
``<pose>`` with ``relative_to`` and ``degrees``, ``<frame>``, and ``<include>`` of ``model://`` or
relative folders. Lights, physics, plugins, sensors and joints are for Gazebo and passed over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from execution_orchestrator.simulation.geometry import Array, transform
from execution_orchestrator.simulation.world.shapes import Box, Cylinder, Plane, Shape, Sphere
from execution_orchestrator.simulation.world.simulated_world import Model, Solid, World

MAX_BYTES = 10_000_000
MAX_INCLUDES = 16  # models within models
GREY = (0.7, 0.7, 0.7)


class WorldError(ValueError):
    """A world file that cannot be used; the message names the file, the place and the cure."""


def read_world(path: Path, model_folders: Sequence[Path] = ()) -> World:
    """Read a world file; ``model://name`` is looked up in ``model_folders``.

    Raises:
        WorldError: the file is missing, no SDF, or uses something the simulation cannot hold.

    """
    return _Reader(path, tuple(model_folders)).world()


class _Frames:
    """Named poses of one scope, resolved when asked, so that the order in the file is free."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._given: dict[str, tuple[Array, str]] = {}

    def add(self, name: str, pose: Array, relative_to: str) -> None:
        if name in self._given:
            raise WorldError(f"{self.place}: two things are called {name!r}; names are unique")
        self._given[name] = (pose, relative_to)

    def resolve(self, pose: Array, relative_to: str, seen: tuple[str, ...] = ()) -> Array:
        if relative_to in ("", "world", "__model__"):
            return pose
        if relative_to in seen:
            chain = " -> ".join((*seen, relative_to))
            raise WorldError(f"{self.place}: poses are relative to each other in a circle: {chain}")
        if relative_to not in self._given:
            known = ", ".join(sorted(self._given)) or "none"
            raise WorldError(
                f"{self.place}: relative_to names {relative_to!r}, not one of: {known}"
            )
        own, further = self._given[relative_to]
        return self.resolve(own, further, (*seen, relative_to)) @ pose

    def named(self) -> Iterator[tuple[str, Array]]:
        for name, (pose, relative_to) in self._given.items():
            yield name, self.resolve(pose, relative_to, (name,))


class _Reader:
    def __init__(self, path: Path, folders: tuple[Path, ...]) -> None:
        self._path = path
        self._folders = folders

    def world(self) -> World:
        element = _root(self._path).find("world")
        if element is None:
            raise WorldError(f"{self._path}: no <world> in <sdf>; a model file goes into models/")
        name = element.get("name", self._path.stem)
        frames = _Frames(f"{self._path}, world {name!r}")
        found: list[tuple[Xml.Element, Path, str]] = []
        for child in element:
            if child.tag == "model":
                found.append((child, self._path, _name(child, self._path)))
            elif child.tag == "include":
                found.append(self._included(child, self._path))
            elif child.tag == "frame":
                pose, relative = _pose(child, self._path)
                relative = relative or child.get("attached_to", "")
                frames.add(_name(child, self._path), pose, relative)
        for model, path, model_name in found:
            frames.add(model_name, *_pose(model, path))
        poses = dict(frames.named())
        models = {n: self._model(model, path, n, poses[n]) for model, path, n in found}
        return World(name, models, {n: p for n, p in poses.items() if n not in models})

    def _included(
        self, include: Xml.Element, path: Path, depth: int = 0
    ) -> tuple[Xml.Element, Path, str]:
        uri = (include.findtext("uri") or "").strip()
        if depth >= MAX_INCLUDES:
            raise WorldError(f"{path}: <include> of {uri!r} is nested too deeply, or in a circle")
        file = self._model_file(uri, path)
        model = _root(file).find("model")
        if model is None:
            raise WorldError(f"{file}: no <model> in <sdf>")
        # What the include says goes before what the model says of itself, as in Gazebo.
        for tag in ("pose", "static"):
            override = include.find(tag)
            own = model.find(tag)
            if override is not None:
                if own is not None:
                    model.remove(own)
                model.append(override)
        return model, file, (include.findtext("name") or _name(model, file)).strip()

    def _model_file(self, uri: str, path: Path) -> Path:
        name = uri.removeprefix("model://")
        folders = self._folders if name != uri else (path.parent,)
        for folder in folders:
            for file in (folder / name, folder / name / "model.sdf"):
                if file.is_file():
                    return file
        searched = ", ".join(str(folder) for folder in folders) or "no folder"
        raise WorldError(f"{path}: <include> of {uri!r} is not found in {searched}")

    def _model(
        self, element: Xml.Element, path: Path, name: str, pose: Array, depth: int = 0
    ) -> Model:
        place = f"{path}, model {name!r}"
        frames = _Frames(place)
        inner: list[tuple[Xml.Element, Path, str]] = []
        for child in element:
            if child.tag in ("link", "frame"):
                own, relative = _pose(child, path)
                frames.add(_name(child, path), own, relative or child.get("attached_to", ""))
            elif child.tag == "model":
                inner.append((child, path, _name(child, path)))
            elif child.tag == "include":
                inner.append(self._included(child, path, depth))
        for model, file, model_name in inner:
            frames.add(model_name, *_pose(model, file))
        poses = dict(frames.named())
        solids: list[Solid] = []
        for link in element.findall("link"):
            solids += _solids(link, poses[link.get("name", "")], place)
        for model, file, model_name in inner:
            solids += self._model(model, file, model_name, poses[model_name], depth + 1).placed()
        static = (element.findtext("static") or "false").strip() in ("true", "1")
        return Model(name, pose, static, tuple(solids))


def _root(path: Path) -> Xml.Element:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise WorldError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB; split the world")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise WorldError(f"{path}: cannot be read: {failure}") from None
    if "<!ENTITY" in text:
        raise WorldError(f"{path}: entity declarations are refused; write the text out")
    try:
        root = Xml.fromstring(text)
    except Xml.ParseError as failure:
        raise WorldError(f"{path}: not well-formed XML: {failure}") from None
    if root.tag != "sdf":
        raise WorldError(f"{path}: the root is <{root.tag}>, not <sdf>")
    version = root.get("version", "")
    if version not in {f"1.{minor}" for minor in range(7, 13)}:
        raise WorldError(f"{path}: SDF version {version or 'missing'}; use 1.7 or newer")
    return root


def _solids(link: Xml.Element, pose: Array, place: str) -> list[Solid]:
    colors = [_color(visual) for visual in link.findall("visual")]
    color = next((found for found in colors if found is not None), GREY)
    solids: list[Solid] = []
    for collision in link.findall("collision"):
        where = f"{place}, collision {collision.get('name', '')!r}"
        own, relative = _pose(collision, where)
        if relative not in ("", link.get("name", "")):
            raise WorldError(f"{where}: relative_to of a collision has to be its link")
        shape, extra = _shape(collision.find("geometry"), where)
        solids.append(Solid(shape, pose @ own @ extra, color))
    return solids


def _shape(geometry: Xml.Element | None, where: str) -> tuple[Shape, Array]:
    kinds = list(geometry) if geometry is not None else []
    if len(kinds) != 1:
        raise WorldError(f"{where}: <geometry> needs exactly one shape")
    kind, same = kinds[0], transform((0.0, 0.0, 0.0))
    if kind.tag == "box":
        x, y, z = _positive(kind, "size", 3, where)
        return Box((x, y, z)), same
    if kind.tag == "sphere":
        return Sphere(_positive(kind, "radius", 1, where)[0]), same
    if kind.tag == "cylinder":
        radius = _positive(kind, "radius", 1, where)[0]
        return Cylinder(radius, _positive(kind, "length", 1, where)[0]), same
    if kind.tag == "plane":
        normal = _numbers(kind.findtext("normal") or "0 0 1", 3, f"{where}, <normal>")
        if abs(normal[0]) > 1e-9 or abs(normal[1]) > 1e-9 or normal[2] <= 0:
            raise WorldError(f"{where}: only the plane with normal 0 0 1 is simulated; use a box")
        return Plane(), same
    raise WorldError(
        f"{where}: <{kind.tag}> is not simulated; give a box, cylinder, sphere or plane as the "
        "collision and keep the mesh as the visual"
    )


def _color(visual: Xml.Element) -> tuple[float, float, float] | None:
    text = visual.findtext("material/diffuse") or visual.findtext("material/ambient")
    if text is None:
        return None
    parts = text.split()
    try:
        red, green, blue = (min(max(float(part), 0.0), 1.0) for part in parts[:3])
    except ValueError:
        raise WorldError(f"visual {visual.get('name', '')!r}: bad colour {text!r}") from None
    return red, green, blue


def _pose(element: Xml.Element, place: object) -> tuple[Array, str]:
    pose = element.find("pose")
    if pose is None:
        return transform((0.0, 0.0, 0.0)), ""
    where = f"{place}, <pose> of {element.get('name', element.tag)!r}"
    values = _numbers(pose.text or "0 0 0 0 0 0", 6, where)
    angles = values[3:]
    if pose.get("degrees") in ("true", "1"):
        angles = [math.radians(angle) for angle in angles]
    return transform(values[:3], angles), pose.get("relative_to", "")


def _numbers(text: str, count: int, where: str) -> list[float]:
    try:
        values = [float(part) for part in text.split()]
    except ValueError:
        values = []
    if len(values) != count or not all(map(math.isfinite, values)):
        raise WorldError(f"{where}: needs {count} finite numbers, has {text.strip()!r}")
    return values


def _positive(kind: Xml.Element, tag: str, count: int, where: str) -> list[float]:
    values = _numbers(kind.findtext(tag) or "", count, f"{where}, <{tag}>")
    if min(values) <= 0.0:
        raise WorldError(f"{where}: <{tag}> has to be greater than 0, in metres")
    return values


def _name(element: Xml.Element, path: Path) -> str:
    name = element.get("name", "")
    if not name:
        raise WorldError(f"{path}: a <{element.tag}> has no name")
    return name
