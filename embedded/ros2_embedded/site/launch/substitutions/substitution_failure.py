"""The error of a substitution that cannot be computed."""


class SubstitutionFailure(RuntimeError):
    """The context lacks what a substitution needs."""
