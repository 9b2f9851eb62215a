"""The pytest plugin pip registers; it brings no hooks where a real ROS 2 brings its own."""

from ros2_embedded import bootstrap

if bootstrap.activate():
    pytest_plugins = ["ros2_embedded.launch_test_hooks", "ros2_embedded.launch_pytest_hooks"]
