"""One shape for remapping rules."""

from collections.abc import Iterable

from launch.utilities import normalize_to_list_of_substitutions

from launch_ros.remap_rule_type import RemapRule, SomeRemapRule, SomeRemapRules


def normalize_remap_rule(remap_rule: SomeRemapRule) -> RemapRule:
    """Make substitutions of both sides. Raises TypeError unless there are two."""
    if not isinstance(remap_rule, tuple) or len(remap_rule) != 2:
        raise TypeError(f"a remapping is a tuple (from, to), got {remap_rule!r}")
    source, target = remap_rule
    return normalize_to_list_of_substitutions(source), normalize_to_list_of_substitutions(target)


def normalize_remap_rules(remap_rules: SomeRemapRules) -> Iterable[RemapRule]:
    """Make substitutions of both sides of each rule."""
    return [normalize_remap_rule(rule) for rule in remap_rules]
