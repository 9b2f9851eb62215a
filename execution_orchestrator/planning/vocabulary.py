"""The words a robot knows: places and objects of config/places.yaml, and what it has seen."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from execution_orchestrator.plan.file_errors import raised_as
from execution_orchestrator.plan.yaml_reader import read_yaml

AT_A_PLACE = 1.2  # metres from the pose of a place, or from where objects are put down there
NAME = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")


class Pose2D(BaseModel):
    """A pose on the floor: metres and radians in ``frame`` (REP 103, 105)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    x: float
    y: float
    z: float | None = None
    yaw: float = 0.0
    frame: str | None = None


class Place(BaseModel):
    """A place by name; ``put_down`` is where objects are put there, if they can be.

    Several poses there are used one after the other, those where nothing is known to stand first.
    ``surface`` is the height in metres of what things stand on there, for tall ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    pose: Pose2D
    aliases: tuple[str, ...] = ()
    put_down: Pose2D | tuple[Pose2D, ...] | None = None
    surface: float | None = None

    @property
    def spots(self) -> tuple[Pose2D, ...]:
        """Where objects are put down, in the order in which that is used."""
        if self.put_down is None:
            return ()
        return (self.put_down,) if isinstance(self.put_down, Pose2D) else self.put_down

    def flat(self) -> dict[str, Any]:
        """Return the pose as plain data, with the place where objects are put down."""
        flat = self.pose.model_dump(exclude_none=True)
        if self.spots:
            flat["put_down"] = [spot.model_dump(exclude_none=True) for spot in self.spots]
        if self.surface is not None:
            flat["surface"] = self.surface
        return flat

    def described(self) -> dict[str, Any]:
        """Return {pose, also_called, put_down, surface} as plain data, for models and agents."""
        return {
            "pose": self.pose.model_dump(exclude_none=True),
            "also_called": list(self.aliases),
            "put_down": [spot.model_dump(exclude_none=True) for spot in self.spots],
            **({"surface": self.surface} if self.surface is not None else {}),
        }


class KnownObject(BaseModel):
    """An object by its id, where it usually is, and where else to look for it, in that order."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    aliases: tuple[str, ...] = ()
    usually_at: str | None = None
    also_at: tuple[str, ...] = ()


class Vocabulary(BaseModel):
    """Places and objects; ids are written with underscores, spoken with spaces."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    version: int = Field(default=1, ge=1, le=1)
    user: str = Field(description="place where the person who gives the commands is")
    home: str = Field(description="place the robot goes to when it is done")
    places: Mapping[str, Place]
    objects: Mapping[str, KnownObject] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read config/places.yaml.

        Raises:
            VocabularyError: the file cannot be read, or something in it is wrong; the message names
                every wrong place.

        """
        with raised_as(VocabularyError, path, cls):
            return cls.model_validate(read_yaml(path.read_text(encoding="utf-8"))).checked()

    def checked(self) -> Self:
        """Return self if every place that is named exists.

        Raises:
            VocabularyError: one does not.

        """
        named = {"user": self.user, "home": self.home} | {
            f"objects.{name}.usually_at": item.usually_at
            for name, item in self.objects.items()
            if item.usually_at is not None
        }
        named |= {
            f"objects.{name}.also_at.{index}": place
            for name, item in self.objects.items()
            for index, place in enumerate(item.also_at)
        }
        wrong = [
            f"{where} names {place!r}" for where, place in named.items() if place not in self.places
        ]
        if wrong:
            raise VocabularyError(
                f"{'; '.join(wrong)}; the places are {', '.join(sorted(self.places))}"
            )
        return self

    def with_objects(self, object_ids: Iterable[str]) -> Self:
        """Return a vocabulary that also knows these objects, for example those just detected.

        They are looked for where objects of their kind are.
        """
        more = {name: self._like(name) for name in object_ids if name not in self.objects}
        return self.model_copy(update={"objects": {**self.objects, **more}}) if more else self

    def without_objects(self, object_ids: Iterable[str]) -> Self:
        """Return a vocabulary without some objects; others of the same name take their place."""
        gone = set(object_ids)
        left = {name: item for name, item in self.objects.items() if name not in gone}
        return self.model_copy(update={"objects": left})

    def namesakes(self, spoken: str) -> list[str]:
        """Return the ids of all objects that a spoken name may mean."""
        return [
            name
            for name, item in self.objects.items()
            if spoken in (name.replace("_", " "), kind_of(name))
            or spoken in map(str.lower, item.aliases)
        ]

    def _like(self, name: str) -> KnownObject:
        kin = [self.objects[one] for one in self.namesakes(kind_of(name))]
        places = [place for one in kin for place in (one.usually_at, *one.also_at) if place]
        usual, *others = dict.fromkeys(places) or [None]
        return KnownObject(usually_at=usual, also_at=tuple(place for place in others if place))

    def place_near(self, pose: object) -> str | None:
        """Return the place that a pose {x, y} in the map belongs to, None if it is at none."""
        if not isinstance(pose, Mapping):
            return None
        x, y = pose.get("x"), pose.get("y")
        if not isinstance(x, int | float) or not isinstance(y, int | float):
            return None
        distances = {
            name: min(math.hypot(one.x - x, one.y - y) for one in (place.pose, *place.spots))
            for name, place in self.places.items()
        }
        nearest_one = min(distances, key=lambda name: distances[name], default=None)
        return nearest_one if nearest_one and distances[nearest_one] <= AT_A_PLACE else None

    def place_names(self) -> dict[str, str]:
        """Map every spoken name of a place to its id."""
        return _spoken({name: place.aliases for name, place in self.places.items()})

    def object_names(self) -> dict[str, str]:
        """Map every spoken name of an object to its id."""
        names = _spoken({name: item.aliases for name, item in self.objects.items()})
        for name in self.objects:
            names.setdefault(kind_of(name), name)
        return names


class VocabularyError(ValueError):
    """The file of places and objects is wrong."""


def kind_of(object_id: str) -> str:
    """Return what sort of thing an object is, the last word of its id: red_cup is a cup."""
    words = [word for word in object_id.lower().split("_") if word.isalpha()]
    return words[-1] if words else object_id.lower().replace("_", " ")


def nearest(word: str, known: Iterable[str], *, count: int = 3) -> list[str]:
    """Return up to ``count`` known words that look like ``word``, the likeliest first."""
    return difflib.get_close_matches(word, list(known), n=count, cutoff=0.6)


def _spoken(names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    spoken: dict[str, str] = {}
    for identifier, aliases in names.items():
        for text in (identifier.replace("_", " "), *aliases):
            found: Any = NAME.fullmatch(text.lower())
            if found:
                spoken.setdefault(text.lower(), identifier)
    return spoken
