"""Options for the quality of service of a topic."""

from __future__ import annotations

import argparse
from typing import Any

_PRESETS = (
    "default",
    "system_default",
    "sensor_data",
    "services_default",
    "parameters",
    "parameter_events",
    "action_status_default",
    "best_available",
)
_POLICIES = {
    "history": ("system_default", "keep_last", "keep_all"),
    "reliability": ("system_default", "reliable", "best_effort", "best_available"),
    "durability": ("system_default", "transient_local", "volatile", "best_available"),
    "liveliness": ("system_default", "automatic", "manual_by_topic", "best_available"),
}


def add_qos_arguments(parser: argparse.ArgumentParser, verb: str, preset: str) -> None:
    """Add the options; `preset` is the profile without any."""
    parser.add_argument(
        "--qos-profile",
        choices=_PRESETS,
        default=preset,
        help=f"Quality of service preset profile to {verb} with (default: {preset})",
    )
    parser.add_argument(
        "--qos-depth",
        metavar="N",
        type=int,
        help=f"Queue size setting to {verb} with (overrides depth value of --qos-profile option)",
    )
    for policy, choices in _POLICIES.items():
        parser.add_argument(
            f"--qos-{policy}",
            choices=choices,
            help=f"Quality of service {policy} setting to {verb} with "
            f"(overrides {policy} value of --qos-profile option)",
        )
    parser.add_argument(
        "--qos-liveliness-lease-duration-seconds",
        type=float,
        help=f"Quality of service liveliness lease duration setting to {verb} with "
        "(overrides liveliness lease duration value of --qos-profile option)",
    )


def is_qos_given(args: argparse.Namespace) -> bool:
    """Tell whether any option but the preset was given."""
    names = [*_POLICIES, "depth", "liveliness_lease_duration_seconds"]
    return any(getattr(args, f"qos_{name}") is not None for name in names)


def qos_profile(args: argparse.Namespace) -> Any:
    """Make the profile the options describe."""
    from rclpy import qos
    from rclpy.duration import Duration

    profile = qos.QoSPresetProfiles.get_from_short_key(args.qos_profile)
    enumerations = {
        "history": qos.QoSHistoryPolicy,
        "reliability": qos.QoSReliabilityPolicy,
        "durability": qos.QoSDurabilityPolicy,
        "liveliness": qos.QoSLivelinessPolicy,
    }
    for policy, enumeration in enumerations.items():
        value = getattr(args, f"qos_{policy}")
        if value is not None:
            setattr(profile, policy, enumeration.get_from_short_key(value))
    lease = args.qos_liveliness_lease_duration_seconds
    if lease is not None and lease >= 0:
        profile.liveliness_lease_duration = Duration(seconds=lease)
    if args.qos_depth is not None and args.qos_depth >= 0:
        profile.depth = args.qos_depth
    elif profile.durability == qos.QoSDurabilityPolicy.TRANSIENT_LOCAL and profile.depth == 0:
        profile.depth = 1
    return profile
