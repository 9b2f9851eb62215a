"""One shape for substitutions given in several."""

from collections.abc import Iterable
from pathlib import Path

from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution


def normalize_to_list_of_substitutions(subs: SomeSubstitutionsType) -> list[Substitution]:
    """Return a list of substitutions whose texts, joined, are the value.

    Raises TypeError naming what is neither a text, a path nor a substitution.
    """
    if isinstance(subs, (str, Path, Substitution)):
        return [_normalize(subs)]
    if isinstance(subs, Iterable):
        return [_normalize(sub) for sub in subs]
    raise TypeError(
        f"expected a text, a path, a substitution or a list of them, got {subs!r} "
        f"of type '{type(subs).__name__}'"
    )


def _normalize(sub: object) -> Substitution:
    """Make a substitution of one part."""
    from launch.substitutions.text_substitution import TextSubstitution

    if isinstance(sub, Substitution):
        return sub
    if isinstance(sub, (str, Path)):
        return TextSubstitution(text=str(sub))
    raise TypeError(
        f"expected a text, a path or a substitution, got {sub!r} of type '{type(sub).__name__}'"
    )
