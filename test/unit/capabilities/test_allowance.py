import pytest

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    convert,
)


def test_a_time_allowance_grows_with_the_timeout_of_the_action():
    assert convert("allowance", 4.0, ConversionContext()) == {"sec": 4, "nanosec": 0}
    longer = convert("allowance", 4.0, ConversionContext(stretch=2.5))
    assert longer == {"sec": 10, "nanosec": 0}


@pytest.mark.parametrize("value", ["soon", True, float("nan")])
def test_what_is_no_allowance_is_said(value):
    with pytest.raises(ConversionError):
        convert("allowance", value, ConversionContext(stretch=2.0))
