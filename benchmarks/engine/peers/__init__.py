"""Others that run chains of steps, from PyPI (``pip install '.[bench]'``)."""
