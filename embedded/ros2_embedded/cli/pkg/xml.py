"""`ros2 pkg xml`."""

import argparse
from pathlib import Path
from xml.etree import ElementTree

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("package_name", help="The package name")
    parser.add_argument("-t", "--tag", help="The XML tag to output (e.g. 'version')")


def run(args: argparse.Namespace) -> str | None:
    """Print the manifest or the texts of a tag."""
    try:
        manifest = Path(get_package_share_directory(args.package_name), "package.xml")
    except (PackageNotFoundError, ValueError):
        return "Package not found"
    if not manifest.is_file():
        return "Package XML manifest not found"
    tree = ElementTree.parse(manifest)
    if args.tag is None:
        ElementTree.dump(tree)
        return None
    elements = tree.getroot().findall(args.tag)
    if not elements:
        return "XML tag not found"
    for element in elements:
        print(element.text)
    return None
