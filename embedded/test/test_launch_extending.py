"""What programs that extend launch rely on: includes, typed values, failures."""

import sys

import pytest

from ros2_embedded import bootstrap

bootstrap.activate()

from launch.actions import (  # noqa: E402
    DeclareLaunchArgument,
    ExecuteProcess,
    IncludeLaunchDescription,
    OpaqueFunction,
    SetLaunchConfiguration,
)
from launch.utilities.type_utils import coerce_to_type, perform_typed_substitution  # noqa: E402

from launch import (  # noqa: E402
    LaunchContext,
    LaunchDescription,
    LaunchDescriptionSource,
    LaunchService,
)


def included(*entities, **arguments):
    source = LaunchDescriptionSource(LaunchDescription(list(entities)), "<inner>")
    return IncludeLaunchDescription(source, launch_arguments=arguments)


def run(*entities):
    service = LaunchService(noninteractive=True)
    service.include_launch_description(LaunchDescription(list(entities)))
    return service.run()


def test_after_an_include_the_including_file_is_the_current_one_again():
    seen = []

    def note(context):
        seen.append(context.get_locals_as_dict().get("current_launch_file_directory"))

    assert run(included(OpaqueFunction(function=note)), OpaqueFunction(function=note)) == 0
    assert seen == ["<inner>", None]


def test_an_include_returns_its_arguments_and_its_description_only():
    description = LaunchDescription()
    include = IncludeLaunchDescription(
        LaunchDescriptionSource(description), launch_arguments={"speed": "1"}
    )
    argument, found = include.visit(LaunchContext())
    assert isinstance(argument, SetLaunchConfiguration)
    assert found is description


def test_what_an_include_needs_has_to_be_given_to_it():
    needy = included(DeclareLaunchArgument("speed"))
    assert run(SetLaunchConfiguration("speed", "1"), needy) == 1
    assert run(included(needy, speed="1")) == 1
    assert run(included(included(DeclareLaunchArgument("speed"), speed="1"))) == 0


def test_lists_of_several_types_are_refused():
    with pytest.raises(ValueError, match="Cannot convert"):
        coerce_to_type("[1, 2.0]", list[float])
    with pytest.raises(ValueError, match="several types"):
        perform_typed_substitution(LaunchContext(), ["a", 1])
    with pytest.raises(TypeError, match="is not of type"):
        perform_typed_substitution(LaunchContext(), 1.5, int)


def test_what_began_before_an_entity_failed_is_ended(capsys):
    """Neither is the process left behind, nor does the launch wait for it for ever."""
    sleeper = ExecuteProcess(cmd=[sys.executable, "-c", "import time; time.sleep(300)"])

    def fail(context):
        raise ValueError("this one cannot be made")

    assert run(sleeper, OpaqueFunction(function=fail)) == 1
    assert "this one cannot be made" in capsys.readouterr().out
    assert sleeper.return_code != 0
