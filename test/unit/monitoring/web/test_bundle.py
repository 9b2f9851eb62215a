"""The page that is committed is what its sources build to."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
STATIC = ROOT / "execution_orchestrator" / "monitoring" / "web" / "static"
WEB = ROOT / "web"


@pytest.mark.skipif(
    shutil.which("node") is None or not (WEB / "node_modules" / "esbuild").is_dir(),
    reason="node or the page's packages are not installed: make page",
)
def test_the_bundle_is_what_the_sources_build_to(tmp_path):
    subprocess.run(["node", "build.mjs", "--into", str(tmp_path)], cwd=WEB, check=True, timeout=120)
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (STATIC / made.name).read_bytes(), f"{made.name}: make page"


def test_every_package_in_the_bundle_has_its_licence_beside_it():
    told = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    for name in ("leaflet", "cytoscape", "vis-timeline"):
        assert f"\n{name} " in f"\n{told}"
