"""`ros2 pkg create`."""

import argparse
import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ros2_embedded.cli.pkg.new_package import NewPackage, steps

_LICENSES = Path(__file__).parent / "licenses"
_GIT_TIMEOUT = 10  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("package_name", help="The package name")
    parser.add_argument(
        "--package-format",
        "--package_format",
        type=int,
        default=3,
        choices=[2, 3],
        help="The package.xml format.",
    )
    parser.add_argument(
        "--description",
        default="TODO: Package description",
        help="The description given in the package.xml",
    )
    parser.add_argument(
        "--license",
        default="TODO: License declaration",
        help="The license attached to this package; this can be an arbitrary string, but a LICENSE "
        "file will only be generated if it is one of the supported licenses (pass '?' to get a "
        "list)",
    )
    parser.add_argument(
        "--destination-directory",
        default=os.curdir,
        help="Directory where to create the package directory",
    )
    parser.add_argument(
        "--build-type",
        default="ament_cmake",
        choices=["cmake", "ament_cmake", "ament_python"],
        help="The build type to process the package with",
    )
    parser.add_argument("--dependencies", nargs="+", default=[], help="list of dependencies")
    parser.add_argument(
        "--maintainer-email", help="email address of the maintainer of this package"
    )
    parser.add_argument(
        "--maintainer-name",
        default=getpass.getuser(),
        help="name of the maintainer of this package",
    )
    parser.add_argument("--node-name", help="name of the empty executable")
    parser.add_argument("--library-name", help="name of the empty library")


def run(args: argparse.Namespace) -> str | None:
    """Write a package; returns what went wrong."""
    licenses = {path.stem: path for path in sorted(_LICENSES.glob("*.txt"))}
    if args.license == "?":
        print("Supported licenses:", *licenses, sep="\n")
        return None
    node_name = args.node_name
    if node_name is not None and node_name == args.library_name:
        node_name += "_node"
        print("[WARNING] node name can not be equal to the library name", file=sys.stderr)
        print(f"[WARNING] renaming node to {node_name}", file=sys.stderr)
    if args.build_type == "ament_python" and args.package_name == "test":
        return (
            "Aborted since 'ament_python' packages can't be named 'test'. Please choose a "
            "different package name."
        )
    package = NewPackage(
        name=args.package_name,
        package_format=args.package_format,
        description=args.description,
        license=args.license,
        build_type=args.build_type,
        dependencies=tuple(args.dependencies),
        maintainer_name=args.maintainer_name,
        maintainer_email=args.maintainer_email or _email(args.maintainer_name),
        node_name=node_name,
        library_name=args.library_name,
    )
    target = os.path.join(args.destination_directory, package.name)  # noqa: PTH118 - keeps the ./
    if Path(target).exists():
        return (
            f"\nAborted!\nThe directory already exists: {target}\nEither remove the directory or "
            "choose a different destination directory or package name"
        )
    _tell(package, args.destination_directory)
    for said, path, text in steps(package, target):
        print(said)
        if path is not None and text is None:
            Path(path).mkdir(parents=True, exist_ok=True)
        elif path is not None:
            Path(path).write_text(text or "", encoding="utf-8")
    if package.license in licenses:
        shutil.copyfile(licenses[package.license], Path(target, "LICENSE"))
        return None
    print(
        f"\n[WARNING]: Unknown license '{package.license}'.  This has been set in the package.xml, "
        "but no LICENSE file has been created.\nIt is recommended to use one of the ament license "
        "identifiers:",
        *licenses,
        sep="\n",
    )
    return None


def _email(name: str) -> str:
    """Return the address git knows, or one that asks to be changed."""
    git = shutil.which("git")
    if git is not None:
        found = subprocess.run(
            [git, "config", "user.email"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_TIMEOUT,
        ).stdout.strip()
        if found:
            return found
    return f"{name}@todo.todo"


def _tell(package: NewPackage, destination: str) -> None:
    print("going to create a new package")
    print("package name:", package.name)
    print("destination directory:", Path(destination).absolute().resolve())
    print("package format:", package.package_format)
    print("version: 0.0.0")
    print("description:", package.description)
    print("maintainer:", [f"{package.maintainer_name} <{package.maintainer_email}>"])
    print("licenses:", [package.license])
    print("build type:", package.build_type)
    print("dependencies:", list(package.dependencies))
    if package.node_name:
        print("node_name:", package.node_name)
    if package.library_name:
        print("library_name:", package.library_name)
