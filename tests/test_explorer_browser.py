"""The page to explore, in a headless Chromium: what people do on it, and its geometry against the package's."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import hyperkit as hk

pytestmark = pytest.mark.browser
pytest.importorskip("selenium")

from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads):
    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1200,800"):
        options.add_argument(f"--{argument}")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = shutil.which("chromium") or ""
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a page; no test may leave an error in the browser's console."""

    def show(*args, **options):
        path = Path(tmp_path / "page.html")
        hk.plot.explore(*args, **options, path=path)
        browser.get(path.as_uri())
        WebDriverWait(browser, 20).until(lambda _: run(browser, "return document.documentElement.dataset.ready"))
        return browser

    yield show
    assert browser.get_log("browser") == []


def run(browser, script, *args):
    return browser.execute_script(script, *args)


def settled(browser):
    """Wait until nothing flies any more."""
    WebDriverWait(browser, 20).until(lambda _: run(browser, "return explorer.flying === 0 && explorer.frame === 0"))


@pytest.fixture(scope="module")
def tree():
    points = hk.random_uniform_ball(60, radius=4.0, random_state=0)
    return hk.HyperSteiner(method="greedy").fit(points).tree_


def test_what_is_dragged_to_the_middle_grows(opened, tree):
    page = opened(tree)
    before = run(page, "return Array.from(explorer.scene.placed.gap)")
    node = int(np.argmin(before))
    x, y = run(page, "return [explorer.scene.x[arguments[0]], explorer.scene.y[arguments[0]]]", node)
    area = page.find_element(By.ID, "overlay")
    dx, dy = area.size["width"] / 2 - x, area.size["height"] / 2 - y
    pull = ActionChains(page).move_to_element_with_offset(area, -round(dx), -round(dy)).click_and_hold()
    for _ in range(10):
        pull.move_by_offset(round(dx / 10), round(dy / 10))
    pull.release().perform()
    settled(page)
    after = run(page, "return Array.from(explorer.scene.placed.gap)")
    assert before[node] < 0.1 < 0.5 < after[node]
