"""Turns a command or a plan into a dependable robot execution."""

from pkgutil import extend_path

# The generated interfaces (msg, srv, action) are a part of this package. Where it is run from its
# sources beside a colcon workspace, they are in the installed part.
__path__ = extend_path(__path__, __name__)
