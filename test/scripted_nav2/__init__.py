"""A Nav2 of scripts: the same servers, answers and failures as a real one, in a world of two rules.

`python -m test.scripted_nav2 --log FILE` is all of it in one process. `--parts` chooses servers, so
that one of them can be a process of its own, which can be killed. What the robot truly did stands
in the log: one JSON object a line, with ``t`` (seconds, monotonic), ``part`` and ``what``:

- `goal`, `refused` and `end` of an action: ``action``, ``id``, and of an end ``status``, ``code``
- `cancel`: a cancel request, and what was ``answered``
- `moves` and `stands` of the base: ``x``, ``y``, ``yaw``, and of `stands` ``way`` in metres
- `state`: the lifecycle state of a server
"""
