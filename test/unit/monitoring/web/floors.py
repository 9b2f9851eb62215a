"""A floor that the test moves robots on."""

from dataclasses import replace

from execution_orchestrator.monitoring.web.floor import Grid, RobotPlace, Scene

PLACES = {"kitchen": {"x": 4.0, "y": 2.0, "yaw": 0.0}, "home": {"x": 0.0, "y": 0.0, "yaw": 0.0}}
CUP = {
    "id": "red_cup",
    "class": "cup",
    "confidence": 0.9,
    "age": 3.0,
    "x": 4.5,
    "y": 2.1,
    "yaw": 0.0,
}
FAILED = {
    "execution_id": "e1", "action_id": "go", "code": "NO_VALID_PATH", "message": "no way there",
    "time": 1e9, "x": 2.0, "y": 1.0,
}  # fmt: skip


class FlatFloor:
    """Five by four metres with a wall around them."""

    def __init__(self, robots=("",)):
        self.now = Scene(
            robots=tuple(RobotPlace(name, float(n), 1.0, 0.0) for n, name in enumerate(robots)),
            things={
                "places": [{"name": name, **pose} for name, pose in PLACES.items()],
                "objects": [CUP],
                "failures": [FAILED],
                "planned": {robots[0]: [(0.0, 1.0), (4.0, 2.0)]},
                "footprints": {robots[0]: [(0.3, 0.2), (-0.3, 0.2), (-0.3, -0.2), (0.3, -0.2)]},
                "layers": ["map", "global"],
                "grid": 1,
            },
            version=1,
            trails={robots[0]: ((-1.0, 1.0), (0.0, 1.0))},
        )

    def scene(self):
        return self.now

    def grid(self, layer):
        wall = 100 if layer == "map" else 60
        rows = [bytes([wall] * 50)] + [bytes([wall]) + bytes(48) + bytes([wall])] * 38
        cells = b"".join([*rows, bytes([wall] * 50)])
        return Grid("map", 0.1, 50, 40, -0.5, -0.5, 0.0, cells, 1)

    def locate(self, name):
        return PLACES.get(name)

    def move(self, *places):
        robots = tuple(
            replace(robot, x=x, y=y) for robot, (x, y) in zip(self.now.robots, places, strict=True)
        )
        self.now = replace(self.now, robots=robots)
