"""Projects for tests: random ones, and ones written with names instead of indices."""

from collections.abc import Iterable, Mapping, Sequence

from hypothesis import strategies as st

from execution_orchestrator.plan.optimise.project import Activity, Project, ProjectError


@st.composite
def projects(draw, most=12):
    capacities = tuple(draw(st.lists(st.integers(1, 6), min_size=0, max_size=3)))
    activities = []
    for index in range(draw(st.integers(1, most))):
        earlier = st.integers(0, index - 1) if index else st.nothing()
        after = draw(st.lists(earlier, max_size=3, unique=True)) if index else []
        demands = tuple(
            (resource, draw(st.integers(1, capacity)))
            for resource, capacity in enumerate(capacities)
            if draw(st.booleans())
        )
        activities.append(Activity(f"a{index}", draw(st.integers(0, 8)), tuple(after), demands))
    return Project(tuple(activities), capacities)


def project_of(
    names: Sequence[str],
    durations: Mapping[str, int],
    after: Mapping[str, Iterable[str]],
    demands: Mapping[str, Mapping[str, int]],
    capacities: Mapping[str, int],
) -> Project:
    """Return a project from names instead of indices.

    Raises:
        ProjectError: see `Project`; also for a name that is unknown.

    """
    places = {name: index for index, name in enumerate(names)}
    resources = {name: index for index, name in enumerate(capacities)}
    try:
        activities = tuple(
            Activity(
                name,
                durations[name],
                tuple(dict.fromkeys(places[other] for other in after.get(name, ()))),
                tuple((resources[r], amount) for r, amount in demands.get(name, {}).items()),
            )
            for name in names
        )
    except KeyError as failure:
        raise ProjectError(f"{failure.args[0]!r} is neither an activity nor a resource") from None
    return Project(activities, tuple(capacities.values()))
