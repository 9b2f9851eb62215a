"""Makes the pictures of README and documents from a demonstration that runs: ``make pictures``.

Needs Chromium. Everything runs on loopback, in a ROS domain of its own.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from rich.console import Console
from rich.text import Text

from execution_orchestrator.cli.demo import free_domain, launched

PACKAGE = "execution_orchestrator"
FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
WIDE: ViewportSize = {"width": 1360, "height": 900}
COLUMNS = 100  # letters of a terminal
LIGHT = ["--headless=new", "--no-sandbox", "--hide-scrollbars"]
COLOURS = 128
GAP = 12  # pixels between the pictures of the strip
PATIENCE = 120_000  # milliseconds for anything that has to happen on the page
DEMO_TIMEOUT = 300.0  # seconds
FAULT = "navigation:abort:207"  # the planner times out once, so that there is a recovery to see
PLAN, WORDS = "fetch_red_cup.yaml", "bring me the red cup"


def main() -> None:
    """Write every picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("chromium is not installed: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    os.environ["ROS_DOMAIN_ID"] = str(free_domain())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=LIGHT)
        of_the_page(browser, Path(folder))
        browser.close()
        of_the_terminal(Path(folder))


def of_the_page(browser: Browser, folder: Path) -> None:
    """Say what to do on the page, let it run with a failure, look at what was recovered."""
    port = free_port()
    settings = Path(get_package_share_directory(PACKAGE)) / "config" / "orchestrator.yaml"
    robot = ["launch", PACKAGE, "simulation.launch.py", f"fault:={FAULT}", "real_time_factor:=2.0"]
    node = ["run", PACKAGE, "orchestrator", "--ros-args", "--params-file", str(settings)]
    node += ["-p", f"web_port:={port}", "-p", f"state_directory:={folder}"]
    with ExitStack() as running:
        for name, arguments in (("robot", robot), ("node", node)):
            running.enter_context(launched(["ros2", *arguments], folder / f"{name}.log"))
        page = browser.new_page(viewport=WIDE, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        connect(page, f"http://127.0.0.1:{port}/")
        page.wait_for_selector("#map img.floor")
        page.fill("#say-words", WORDS)
        page.click("#say-form button")
        page.wait_for_selector("#say-run:visible")
        save(page, "say")
        frames = [shot(page)]
        page.click("#say-run")
        page.wait_for_selector("#timeline .vis-item.recovery")
        frames.append(shot(page))
        page.wait_for_selector("#detail-progress[aria-valuenow^='5']")  # some 50 %
        frames.append(shot(page))
        save(page, "page", full=True)
        page.wait_for_selector("#detail-status.ok")
        frames.append(shot(page))
        write(strip(frames), "strip")
        page.wait_for_selector("#pictures img")
        save(page, "seen", part="#cameras-card")
        page.click("#actions a >> nth=0")
        page.wait_for_selector("#action-attempts tbody tr")
        save(page, "action")
        page.click("#action-close")
        two_more_runs(page)
        report = page.url.partition("#")[0] + report_of(page)
        of_the_editor(page)
        page.goto(report)
        save(page, "report")
        save(page, "where", part="svg.map")
        page.close()


def two_more_runs(page: Page) -> None:
    """Go home, fetch the cup once more, and look at all runs, and at two side by side."""
    for words in ("go home", WORDS):
        page.click("#show-executions")
        page.fill("#say-words", words)
        page.click("#say-form button")
        page.wait_for_selector("#say-run:visible")
        page.click("#say-run")
        page.wait_for_selector("#detail-status.run")
        page.wait_for_selector("#detail-status.ok")
    page.click("#show-runs")
    page.wait_for_selector("#runs tbody tr >> nth=2")
    page.click("#statistics-read")
    page.wait_for_selector("#runs-view svg")
    save(page, "runs", full=True)
    for row in (0, 2):
        page.check(f"#runs tbody tr >> nth={row} >> input")
    page.click("#runs-compare")
    page.wait_for_selector("#compared-runs > *")
    save(page, "compared")
    page.click("#runs-back")
    first = page.locator("#runs a >> nth=2")
    run = str(first.get_attribute("href")).rpartition("/")[2]
    first.click()
    page.wait_for_selector(f"#paper-html[href*='{run}']")  # its report, not that of the run before


def of_the_editor(page: Page) -> None:
    """Open the plan of the demonstration and put its cursor into an action."""
    page.goto(page.url.partition("#")[0] + f"#/edit?plan={PLAN}")
    page.wait_for_selector("#edit-verdict.ok")
    page.fill("#edit-graph-find", "pick")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-graph[data-chosen='pick']:not([aria-busy])")
    save(page, "edit")


def connect(page: Page, address: str) -> None:
    """Open the page as soon as the node serves it."""
    deadline = PATIENCE
    while deadline > 0:
        try:
            page.goto(address, timeout=2000)
        except Exception as failure:
            last = failure
            page.wait_for_timeout(500)
            deadline -= 500
        else:
            page.wait_for_selector("#connection.up")
            return
    raise RuntimeError(f"the node does not serve its page: {last}")


def report_of(page: Page) -> str:
    """Return the path of the report of the execution that is shown."""
    return str(page.get_attribute("#paper-html", "href")).lstrip("/")


def save(page: Page, name: str, *, full: bool = False, part: str = "") -> None:
    """Write what the page shows.

    ``part`` is a selector: only that element is written.
    """
    write(shot(page, full=full, part=part), name)


def shot(page: Page, *, full: bool = False, part: str = "") -> Image.Image:
    """Return what the page shows."""
    page.wait_for_timeout(300)  # milliseconds until the last drawing is on the screen
    data = page.locator(part).screenshot() if part else page.screenshot(full_page=full)
    return Image.open(BytesIO(data)).convert("RGB")


def strip(frames: list[Image.Image]) -> Image.Image:
    """Put pictures of one size side by side, two in a row, at half their size."""
    width, height = (side // 2 for side in frames[0].size)
    whole = Image.new(
        "RGB", (2 * width + GAP, -(-len(frames) // 2) * (height + GAP) - GAP), "white"
    )
    for number, frame in enumerate(frames):
        row, column = divmod(number, 2)
        small = frame.resize((width, height), Image.Resampling.LANCZOS)
        whole.paste(small, (column * (width + GAP), row * (height + GAP)))
    return whole


def write(picture: Image.Image, name: str) -> None:
    """Write a PNG of few colours, which is a quarter as large."""
    picture.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)


def of_the_terminal(folder: Path) -> None:
    """Run the demonstration as a person would and keep what it prints, as SVG."""
    command = [
        *("ros2", "run", PACKAGE, "demo", "--fault", FAULT),
        *("--output", str(folder / "demo")),
    ]
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=DEMO_TIMEOUT, env=environment, check=True
    )
    printed = Text.from_ansi(done.stdout.replace(str(folder / "demo"), "output/demo")).split("\n")
    # The progress is printed anew for each change: the last one is what is left on a terminal.
    frames = [number for number, line in enumerate(printed) if line.plain.startswith(PLAN)]
    console = Console(record=True, width=COLUMNS, file=sys.stderr)
    for line in (*printed[: frames[0]], *printed[frames[-1] :]):
        console.print(line)
    console.save_svg(str(FOLDER / "demo.svg"), title=f"make demo FAULT={FAULT}")


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
