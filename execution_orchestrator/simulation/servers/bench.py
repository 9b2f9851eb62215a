"""What can be changed in the simulated world while a plan runs in it, to see what the plan does."""

from __future__ import annotations

import math

from execution_orchestrator.simulation.geometry import transform
from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.world.shapes import Box
from execution_orchestrator.simulation.world.simulated_world import Solid
from execution_orchestrator.srv import SimChange

OBSTACLE_COLOR = (0.55, 0.35, 0.2)  # red, green, blue


def refusal(rate: float | None, charge: float | None, drain: float | None) -> str:
    """Return what is wrong with values of the world's parameters, empty if nothing is."""
    if rate is not None and not 0.0 < rate < math.inf:
        return "real_time_factor has to be above 0"
    if charge is not None and not 0.0 <= charge <= 1.0:
        return "battery_charge is from 0 to 1"
    if drain is not None and not 0.0 <= drain < math.inf:
        return "battery_drain must not be negative"
    return ""


def change(simulation: Simulation, request: SimChange.Request) -> str:
    """Do what a request asks for and return what was done, in a sentence.

    Raises:
        ValueError: it cannot be done; the message says why.

    """
    name = request.name
    if not name:
        raise ValueError("name is empty: say which object, or how the obstacle is called")
    if request.remove:
        simulation.lose(name)
        return f"{name} is gone"
    where = (request.x, request.y, request.z, request.yaw)
    size = (request.length, request.width, request.height)
    if not all(math.isfinite(value) for value in (*where, *size)):
        raise ValueError("a place and a size are finite numbers")
    if not any(size):
        if name not in simulation.objects and name in simulation.obstacles:
            raise ValueError(f"the obstacle {name} needs length, width and height")
        model = simulation.objects.get(name)
        lowest = float(model.local_bounds()[0][2]) if model is not None else 0.0
        at = (request.x, request.y, request.z - lowest)
        simulation.put(name, transform(at, (0.0, 0.0, request.yaw)))
        return f"{name} is at {request.x:g}, {request.y:g}, {request.z:g}"
    if min(size) <= 0.0:
        raise ValueError("length, width and height of an obstacle are all above 0")
    middle = (request.x, request.y, request.z + request.height / 2)
    box = Solid(Box(size), transform(middle, (0.0, 0.0, request.yaw)), OBSTACLE_COLOR)
    simulation.obstruct(name, box)
    return f"{name} is at {request.x:g}, {request.y:g}"
