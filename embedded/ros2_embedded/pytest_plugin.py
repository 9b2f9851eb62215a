"""The pytest plugin pip registers: hooks only for those packages that no real ROS 2 brings."""

from ros2_embedded import bootstrap

bootstrap.activate()
pytest_plugins = [
    f"ros2_embedded.{hooks}"
    for package, hooks in (
        ("launch_testing", "launch_test_hooks"),
        ("launch_pytest", "launch_pytest_hooks"),
    )
    if not bootstrap.is_real(package)
]
