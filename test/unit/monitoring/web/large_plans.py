"""Plans of many actions, as an operator may meet them."""

import json


def lanes(count, width):
    """Actions that speak, in lanes beside each other: each waits for the one before it."""
    actions = [
        {
            "id": f"say_{number:04}",
            "action_type": "speak",
            "parameters": {"text": f"this is number {number}"},
            "depends_on": [f"say_{number - width:04}"] if number >= width else [],
        }
        for number in range(count)
    ]
    return json.dumps({"version": 1, "command": f"say {count} things", "actions": actions})


def rounds(count, each):
    """Blocks of actions, one behind the other."""
    blocks = [
        {
            "id": f"round_{number:03}",
            "action_type": "sequence",
            "actions": [
                {
                    "id": f"say_{number:03}_{step:02}",
                    "action_type": "speak",
                    "parameters": {"text": f"step {step}"},
                }
                for step in range(each)
            ],
        }
        for number in range(count)
    ]
    return json.dumps({"version": 1, "command": f"{count} rounds", "actions": blocks})
