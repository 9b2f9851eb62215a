"""The pytest plugin pip registers: hooks for launch_testing, if no real ROS 2 brings it."""

from ros2_embedded import bootstrap

bootstrap.activate()
pytest_plugins = [] if bootstrap.is_real("launch_testing") else ["ros2_embedded.launch_test_hooks"]
