"""Random projects for the property tests."""

from hypothesis import strategies as st

from execution_orchestrator.plan.optimise.project import Activity, Project


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
