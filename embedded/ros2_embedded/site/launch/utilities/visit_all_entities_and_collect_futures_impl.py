"""Visits entities recursively."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from launch.launch_description_entity import LaunchDescriptionEntity

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


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
