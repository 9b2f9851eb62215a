"""Functions for those who write actions and substitutions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from launch.launch_context import LaunchContext
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_entities_type import SomeEntitiesType
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution


def normalize_to_list_of_entities(
    entities: SomeEntitiesType | Iterable[SomeEntitiesType],
) -> list[LaunchDescriptionEntity]:
    """Flatten entities and iterables of them, one level deep."""
    if isinstance(entities, LaunchDescriptionEntity):
        return [entities]
    flat: list[LaunchDescriptionEntity] = []
    for entity in entities:
        if isinstance(entity, LaunchDescriptionEntity):
            flat.append(entity)
        else:
            flat.extend(entity)
    return flat


def normalize_to_list_of_substitutions(subs: SomeSubstitutionsType) -> list[Substitution]:
    """Return a list of substitutions whose texts, joined, are the value.

    Raises TypeError naming what is neither a text, a path nor a substitution.
    """
    if isinstance(subs, (str, Path, Substitution)):
        return [_normalize(subs)]
    if isinstance(subs, Iterable):
        return [_normalize(sub) for sub in subs]
    raise TypeError(
        f"expected a text, a path, a substitution or a list of them, got {subs!r} "
        f"of type '{type(subs).__name__}'"
    )


def _normalize(sub: object) -> Substitution:
    """Make a substitution of one part."""
    from launch.substitutions import TextSubstitution

    if isinstance(sub, Substitution):
        return sub
    if isinstance(sub, (str, Path)):
        return TextSubstitution(text=str(sub))
    raise TypeError(
        f"expected a text, a path or a substitution, got {sub!r} of type '{type(sub).__name__}'"
    )


def perform_substitutions(context: LaunchContext, subs: Iterable[Substitution]) -> str:
    """Join the texts of substitutions."""
    return "".join(sub.perform(context) for sub in subs)


def visit_all_entities_and_collect_futures(
    entity: LaunchDescriptionEntity, context: LaunchContext
) -> list[tuple[LaunchDescriptionEntity, asyncio.Future[Any]]]:
    """Visit an entity and what it returns, depth first; return the work still going on."""
    pending: list[tuple[LaunchDescriptionEntity, asyncio.Future[Any]]] = []
    visit_into(pending, entity, context)
    return pending


def visit_into(
    pending: list[tuple[LaunchDescriptionEntity, asyncio.Future[Any]]],
    entity: LaunchDescriptionEntity,
    context: LaunchContext,
) -> None:
    """Do the same, into a list: if an entity fails, what began before it is in there."""
    sub_entities = entity.visit(context)
    future = entity.get_asyncio_future()
    if future is not None:
        pending.append((entity, future))
    for sub_entity in sub_entities or ():
        visit_into(pending, sub_entity, context)
    entity.leave(context)
