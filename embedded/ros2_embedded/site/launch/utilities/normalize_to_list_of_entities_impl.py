"""One shape for entities given in several."""

from collections.abc import Iterable

from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_entities_type import SomeEntitiesType


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
