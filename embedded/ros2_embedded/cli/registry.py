"""All commands and verbs, with what `-h` says about them."""

from __future__ import annotations

#: Commands with the verbs they have; a command without verbs is a verb itself.
COMMANDS: dict[str, tuple[str, dict[str, str]]] = {
    "action": (
        "Various action related sub-commands",
        {
            "info": "Print information about an action",
            "list": "Output a list of action names",
            "send_goal": "Send an action goal",
            "type": "Print a action's type",
        },
    ),
    "interface": (
        "Show information about ROS interfaces",
        {"list": "List all interface types available", "show": "Output the interface definition"},
    ),
    "launch": ("Run a launch file", {}),
    "lifecycle": (
        "Various lifecycle related sub-commands",
        {
            "get": "Get lifecycle state for one or more nodes",
            "nodes": "Output a list of nodes with lifecycle",
            "set": "Trigger lifecycle state transition",
        },
    ),
    "node": (
        "Various node related sub-commands",
        {"info": "Output information about a node", "list": "Output a list of available nodes"},
    ),
    "param": (
        "Various param related sub-commands",
        {
            "describe": "Show descriptive information about declared parameters",
            "dump": "Show all of the parameters of a node in a YAML file format",
            "get": "Get parameter",
            "list": "Output a list of available parameters",
            "load": "Load parameter file for a node",
            "set": "Set parameter",
        },
    ),
    "pkg": (
        "Various package related sub-commands",
        {
            "executables": "Output a list of package specific executables",
            "list": "Output a list of available packages",
            "prefix": "Output the prefix path of a package",
        },
    ),
    "run": ("Run a package specific executable", {}),
    "service": (
        "Various service related sub-commands",
        {
            "call": "Call a service",
            "info": "Print information about a service",
            "list": "Output a list of available services",
            "type": "Output a service's type",
        },
    ),
    "topic": (
        "Various topic related sub-commands",
        {
            "echo": "Output messages from a topic",
            "hz": "Print the average publishing rate to screen",
            "info": "Print information about a topic",
            "list": "Output a list of available topics",
            "pub": "Publish a message to a topic",
            "type": "Print a topic's type",
        },
    ),
}
