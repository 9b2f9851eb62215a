"""Installs the package with pip where there is no ROS 2; colcon uses CMakeLists.txt instead.

The shared files land where the ament index looks for them, so that `ros2 launch` and
`get_package_share_directory` find the same layout as after `colcon build`.
"""

from pathlib import Path

from setuptools import find_packages, setup

PACKAGE = "execution_orchestrator"
ROOT = Path(__file__).parent
SHARED_FOLDERS = (
    *("msg", "srv", "action", "launch", "config", "worlds", "models", "rviz", "plans", "missions"),
    "grafana",
    "foxglove",
    "completion",
)


def shared_files() -> list[tuple[str, list[str]]]:
    """List what goes below the installation prefix, folder by folder."""
    scripts = [str(p.relative_to(ROOT)) for p in sorted((ROOT / "scripts").iterdir())]
    entries = [
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
        (f"share/{PACKAGE}/docs", ["docs/plan_reference.md"]),  # agents read it
        (f"lib/{PACKAGE}", scripts),
    ]
    for folder in SHARED_FOLDERS:
        for directory in sorted({p.parent for p in (ROOT / folder).rglob("*") if p.is_file()}):
            files = [str(p.relative_to(ROOT)) for p in sorted(directory.iterdir()) if p.is_file()]
            files = [f for f in files if "__pycache__" not in f]
            if files:
                entries.append((f"share/{PACKAGE}/{directory.relative_to(ROOT)}", files))
    return entries


setup(
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={
        PACKAGE: [
            "py.typed",
            "**/*.mako",
            "**/*.j2",
            "**/*.ini",
            "**/*.lark",
            "**/*.txt",
            "**/static/**",
        ]
    },
    data_files=shared_files(),
)
