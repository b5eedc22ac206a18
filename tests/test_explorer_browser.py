"""The page to explore, in a headless Chromium: what people do on it, and its geometry against the package's."""

import csv
import shutil
import time

import numpy as np
import pytest

import hyperkit as hk
from hyperkit import hierarchy
from hyperkit.plot.explorer._page import script_of

pytestmark = pytest.mark.browser
pytest.importorskip("selenium")

# Only after it: without the extra this file is skipped, and no import may fail before (E402).
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

KINDS = ["stem", "left", "right"]


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads):
    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1200,850"):
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
        path = tmp_path / "page.html"
        hk.plot.explore(*args, **options, path=path)
        browser.get(path.as_uri())
        wait(browser, "document.documentElement.dataset.ready")
        return browser

    yield show
    assert browser.get_log("browser") == []


@pytest.fixture(scope="module")
def geometry(browser, tmp_path_factory):
    """A function that runs JavaScript with the geometry and the trees of the page."""
    path = tmp_path_factory.mktemp("geometry") / "geometry.html"
    names = "gapOf, place, placeAll, pointAt, moved, pull, distance, along, flight, arc, IDENTITY, hung, rerooted, "
    names += "medianNode, collapsed"
    script = f"{script_of(('geometry', 'tree'))}globalThis.geo = {{ {names} }};"
    path.write_text(f'<meta charset="utf-8"><script type="module">{script}</script>', encoding="utf-8")

    def call(script, *args):
        if browser.current_url != path.as_uri():
            browser.get(path.as_uri())
            wait(browser, "globalThis.geo")
        return browser.execute_script(f"const {{ {names} }} = geo; {script}", *args)

    return call


@pytest.fixture(scope="module")
def tree():
    points = hk.random_uniform_ball(60, radius=4.0, random_state=0)
    steiner = hk.HyperSteiner(method="greedy").fit(points)
    named = hierarchy.from_steiner(steiner.tree_, names=[f"cell {k}" for k in range(60)])
    # A row with branches: a root between rows would go when the tree is hung from another node.
    branches = np.bincount(named.parent[1:], minlength=len(named)) * (named.row >= 0)
    named = named.root_at(node=int(np.argmax(branches)))
    support = np.where(named.is_leaf | (named.parent < 0), np.nan, np.linspace(0.1, 1.0, len(named)))
    return hierarchy.Hierarchy(
        named.parent, named.length, named.row, named.names, support=support, points=named.points, model="poincare"
    )


def labels(tree):
    return [KINDS[row % 3] for row in tree.rows]


def wait(browser, condition):
    WebDriverWait(browser, 20, 0.05).until(lambda _: browser.execute_script(f"return {condition}"))


def settle(browser):
    """Wait until nothing flies or waits for its frame."""
    wait(browser, "explorer.flying === 0 && explorer.frame === 0")


def ask(browser, script, *args):
    return browser.execute_script(f"return {script}", *args)


def click(browser, name):
    browser.find_element(By.ID, name).click()


def pointer_at(browser, node):
    """Actions with the pointer over a node of the picture."""
    script = "[explorer.scene.x[arguments[0]], explorer.scene.y[arguments[0]]].map((v) => v / explorer.scene.ratio)"
    x, y = ask(browser, script, int(node))
    area = browser.find_element(By.ID, "overlay")
    width, height = ask(browser, "[explorer.scene.overlay.clientWidth, explorer.scene.overlay.clientHeight]")
    return ActionChains(browser, 20).move_to_element_with_offset(area, round(x - width / 2), round(y - height / 2))


def facts(browser):
    """Title and facts of the node that has the focus."""
    names = [name.text for name in browser.find_elements(By.CSS_SELECTOR, "#details-list dt")]
    values = [value.text for value in browser.find_elements(By.CSS_SELECTOR, "#details-list dd")]
    return {"": browser.find_element(By.ID, "details-title").text, **dict(zip(names, values, strict=True))}


def press(browser, *keys):
    browser.find_element(By.ID, "overlay").send_keys(*keys)
    settle(browser)


def downloaded(downloads, name):
    path = downloads / name
    for _ in range(200):
        if path.exists() and path.stat().st_size:
            return path
        time.sleep(0.05)
    raise AssertionError(f"{name} was not saved")


# Geometry


def far_points(radius, n=40):
    """Points around one at this distance from the middle, 1 or so apart."""
    near = hk.random_uniform_ball(n, radius=1.5, random_state=1)
    away = hk.convert([[radius * np.cos(1.0), radius * np.sin(1.0)]], "tangent", "poincare")[0]
    return away, hk.translate(near, -away)


@pytest.mark.parametrize("radius", [0.0, 2.0, 10.0, 20.0, 28.0])
def test_views_move_points_as_translate_does(geometry, radius):
    away, points = far_points(radius)
    found = geometry(
        "const [a, points] = arguments; const view = { x: a[0], y: a[1], gap: gapOf(...a), cos: 1, sin: 0 };"
        "return points.map(([x, y]) => place(view, x, y).slice(0, 2));",
        away.tolist(),
        points.tolist(),
    )
    np.testing.assert_allclose(found, hk.translate(points, away), rtol=0, atol=1e-12)


@pytest.mark.parametrize("radius", [0.0, 10.0, 20.0, 34.0])
def test_gaps_have_all_their_digits(geometry, radius):
    _, points = far_points(radius)
    points = points[np.linalg.norm(points, axis=1) < 1]
    gaps = geometry("return arguments[0].map(([x, y]) => gapOf(x, y));", points.tolist())
    np.testing.assert_allclose(gaps, hk.models.ball_gap(points), rtol=1e-15, atol=0)


def test_distances_and_ways_are_those_of_the_package(geometry):
    points = hk.random_uniform_ball(50, radius=8.0, random_state=2)
    gaps = hk.models.ball_gap(points)
    rows = np.column_stack([points, gaps]).tolist()
    found = geometry("const p = arguments[0]; return p.slice(1).map((q, k) => distance(p[k], q));", rows)
    np.testing.assert_allclose(found, hk.distance(points[:-1], points[1:]), rtol=1e-12)
    found = geometry("return arguments[0].map(([x, y, gap]) => along(x, y, gap, 0.3).slice(0, 2));", rows)
    expected = [hk.geodesic([0.0, 0.0], point, 0.3) for point in points]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_arcs_run_along_geodesics_as_closely_as_asked(geometry):
    points = hk.random_uniform_ball(60, radius=4.0, random_state=3)
    pairs = np.column_stack([points[:30], points[30:]])
    lines = geometry(
        "return arguments[0].map(([a, b, c, d]) => { const way = [[a, b]];"
        "arc(a, b, c, d, 1e-4, (x, y) => way.push([x, y])); return way; });",
        pairs.tolist(),
    )
    for line, pair in zip(lines, pairs, strict=True):
        line, start, end = np.array(line), pair[:2], pair[2:]
        np.testing.assert_array_equal(line[[0, -1]], [start, end])
        way = hk.distance(start, line) + hk.distance(line, end)
        np.testing.assert_allclose(way, hk.distance(start, end), rtol=1e-12)
        dense = hk.geodesic(start, end, np.linspace(0, 1, 400))
        a, step = line[:-1], np.diff(line, axis=0)
        t = np.clip(((dense[:, None] - a) * step).sum(-1) / (step**2).sum(-1), 0, 1)
        off = np.linalg.norm(dense[:, None] - a - t[..., None] * step, axis=-1).min(axis=1)
        assert off.max() < 1.05e-4


def test_drags_are_isometries_that_carry_what_is_grasped(geometry):
    points = hk.random_uniform_ball(30, radius=5.0, random_state=4)
    moves = np.random.default_rng(0).uniform(-0.35, 0.35, (20, 4))
    placed, errors, back = geometry(
        "const [points, moves] = arguments; let view = IDENTITY; const errors = [];"
        "for (const [a, b, c, d] of moves) { const [x, y] = pointAt(view, a, b);"
        "  view = moved(view, ...pull(a, b, c, d)); const [u, v] = place(view, x, y);"
        "  errors.push(Math.hypot(u - c, v - d)); }"
        "return [points.map(([x, y]) => place(view, x, y)), errors,"
        "  points.map(([x, y]) => pointAt(view, ...place(view, x, y)).slice(0, 2))];",
        points.tolist(),
        moves.tolist(),
    )
    placed = np.array(placed)
    assert max(errors) < 1e-12
    np.testing.assert_allclose(back, points, rtol=0, atol=1e-11)
    # The gaps that come with the places are theirs, and lengths are those before.
    half_chord = np.linalg.norm(placed[:-1, :2] - placed[1:, :2], axis=1) / np.sqrt(placed[:-1, 2] * placed[1:, 2])
    np.testing.assert_allclose(2 * np.arcsinh(half_chord), hk.distance(points[:-1], points[1:]), rtol=1e-10)


def test_flights_go_straight_and_end_where_they_should(geometry):
    points = hk.random_uniform_ball(2, radius=6.0, random_state=5)
    gaps = hk.models.ball_gap(points)
    middles, cosines = geometry(
        "const [p, q] = arguments[0]; const start = { x: p[0], y: p[1], gap: p[2], cos: 0.6, sin: 0.8 };"
        "const path = flight(start, q, IDENTITY); const views = [0, 0.25, 0.5, 0.75, 1].map(path);"
        "return [views.map((v) => [v.x, v.y]), views.map((v) => v.cos)];",
        np.column_stack([points, gaps]).tolist(),
    )
    np.testing.assert_allclose(middles, hk.geodesic(*points, np.linspace(0, 1, 5)), rtol=0, atol=1e-12)
    assert cosines[-1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("row", [0, 17, 42])
def test_trees_hang_from_any_node_as_root_at_hangs_them(geometry, tree, row):
    node = int(tree.node_of(row))
    distance, depth, support, sizes, middle = geometry(
        "const [parent, length, support, root, nodes] = arguments;"
        "const tree = rerooted(hung(Int32Array.from(parent), Float64Array.from(length),"
        "  Float64Array.from(support, (s) => s ?? NaN)), root);"
        "const sizes = Array.from(tree.last, (last, i) => last - tree.position[i]);"
        "const clean = (values) => Array.from(values, (v) => (Number.isNaN(v) ? null : v));"
        "return [...[tree.distance, tree.depth, tree.support].map(clean), sizes, medianNode(tree, nodes)];",
        tree.parent.tolist(),
        tree.length.tolist(),
        [None if np.isnan(s) else s for s in tree.support],
        node,
        tree.node_of([3, 9, 30, 44]).tolist(),
    )
    other = tree.root_at(node=node)
    for one in tree.rows:
        here, there = int(tree.node_of(one)), int(other.node_of(one))
        assert distance[here] == pytest.approx(float(other.distance_from_root[there]), rel=1e-12, abs=1e-12)
        assert sizes[here] == other.size[there]
        assert depth[here] == other.depth[there]
        np.testing.assert_equal(np.nan if support[here] is None else support[here], other.support[there])
    known = sorted(value for value in support if value is not None)
    np.testing.assert_array_equal(known, np.sort(other.support[~np.isnan(other.support)]))
    assert other.row[other.median([3, 9, 30, 44])] == tree.row[middle]


# The page


def test_what_is_dragged_to_the_middle_grows(opened, tree):
    page = opened(tree)
    before = np.array(ask(page, "Array.from(explorer.scene.placed.gap)"))
    node = int(np.argsort(before)[5])
    x, y = ask(page, "[explorer.scene.x[arguments[0]], explorer.scene.y[arguments[0]]]", node)
    width, height = ask(page, "[explorer.scene.overlay.width, explorer.scene.overlay.height]")
    pull = pointer_at(page, node).click_and_hold()
    for _ in range(10):
        pull.move_by_offset(round((width / 2 - x) / 10), round((height / 2 - y) / 10))
    pull.release().perform()
    settle(page)
    after = ask(page, "Array.from(explorer.scene.placed.gap)")
    assert before[node] < 0.1 < 0.5 < after[node]
    assert ask(page, "explorer.selection") is None  # no click
    click(page, "home")
    settle(page)
    np.testing.assert_allclose(ask(page, "Array.from(explorer.scene.placed.gap)"), before, rtol=1e-9)


def test_the_wheel_magnifies_about_the_pointer_and_home_undoes_it(opened, tree):
    page = opened(tree)
    node = int(tree.node_of(5))
    place = "[explorer.scene.x[arguments[0]], explorer.scene.y[arguments[0]]]"
    before = ask(page, place, node)
    pointer_at(page, node).perform()
    area = page.find_element(By.ID, "overlay")
    width, height = ask(page, "[explorer.scene.overlay.clientWidth, explorer.scene.overlay.clientHeight]")
    origin = webdriver.common.actions.wheel_input.ScrollOrigin.from_element(
        area, round(before[0] - width / 2), round(before[1] - height / 2)
    )
    ActionChains(page).scroll_from_origin(origin, 0, -240).perform()
    settle(page)
    assert ask(page, "explorer.scene.zoom.scale") > 1.5
    np.testing.assert_allclose(ask(page, place, node), before, atol=2)
    click(page, "home")
    settle(page)
    assert ask(page, "explorer.scene.zoom") == {"scale": 1, "x": 0, "y": 0}


def test_two_fingers_pinch(opened, tree):
    page = opened(tree)
    for kind, places in (
        ("touchStart", [(300, 300), (500, 300)]),
        ("touchMove", [(250, 300), (550, 300)]),
        ("touchMove", [(200, 300), (600, 300)]),
        ("touchEnd", []),
    ):
        points = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(places)]
        page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    settle(page)
    assert ask(page, "explorer.scene.zoom.scale") == pytest.approx(2.0, rel=0.05)
    assert ask(page, "explorer.selection") is None


def test_the_card_beside_the_pointer_tells_name_labels_distance_and_support(opened, tree):
    page = opened(tree, {"kind": labels(tree)}, values={"score": np.arange(60) / 8})
    node = int(tree.node_of(4))
    pointer_at(page, node).perform()
    wait(page, "!document.getElementById('tip').hidden")
    told = page.find_element(By.ID, "tip").text.split("\n")
    distance = f"{tree.distance_from_root[node]:.4g}"
    assert told[:7] == ["cell 4", "Row", "4", "kind", "left", "score", "0.5"]
    assert float(told[told.index("Distance from the root") + 1]) == pytest.approx(float(distance), rel=1e-3)
    inner = int(np.flatnonzero(~np.isnan(tree.support) & (tree.row < 0))[3])
    assert dict(ask(page, "explorer.factsOf(arguments[0])[1]", inner))["Support"] == f"{tree.support[inner]:.4g}"


def test_search_completes_and_flies_to_a_cell_and_to_a_group(opened, tree):
    page = opened(tree, {"kind": labels(tree)})
    field = page.find_element(By.ID, "search")
    field.send_keys("cell 4")
    options = page.find_elements(By.CSS_SELECTOR, "#found [role=option]")
    assert [option.text.split("\n")[0] for option in options][:2] == ["cell 4", "cell 40"]
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    settle(page)
    assert facts(page)[""] == "cell 40"
    node = int(tree.node_of(40))
    assert ask(page, "explorer.scene.placed.gap[arguments[0]]", node) == pytest.approx(1.0)
    field.clear()
    field.send_keys("RIGHT", Keys.ENTER)
    settle(page)
    assert page.find_element(By.ID, "chosen-title").text == "20 rows selected"
    assert ask(page, "Array.from(explorer.rows, (node) => explorer.data.row[node] % 3)") == [2] * 20
    field.clear()
    assert ask(page, "explorer.focus") == -1  # the cell before is not spoken of any more
    field.clear()
    field.send_keys("nothing of that name")
    assert field.get_attribute("aria-expanded") == "false"
    nothing = page.find_element(By.ID, "nothing")
    assert nothing.is_displayed()
    assert page.find_element(By.ID, "said").get_attribute("textContent") == nothing.text == "Nothing found"
    field.send_keys(Keys.ESCAPE)
    assert not nothing.is_displayed()
    assert len(ask(page, "explorer.rows")) == 20
    field.clear()
    field.send_keys("cell 40", Keys.ENTER)
    assert ask(page, "[explorer.focus, explorer.selection]") == [node, None]


def test_a_double_click_recentres_and_with_shift_hangs_the_tree_elsewhere(opened, tree):
    page = opened(tree)
    node = int(tree.node_of(7))
    pointer_at(page, node).double_click().perform()
    settle(page)
    assert ask(page, "explorer.scene.placed.gap[arguments[0]]", node) == pytest.approx(1.0)
    assert ask(page, "explorer.tree.root") == 0
    assert ask(page, "[explorer.focus, explorer.selection]") == [-1, None]  # nothing is selected by the first click
    page.execute_script("explorer.selectBranch(arguments[0])", int(tree.node_of(9)))
    before = ask(page, "Array.from(explorer.selection)")
    pointer_at(page, node).key_down(Keys.SHIFT).double_click().key_up(Keys.SHIFT).perform()
    settle(page)
    assert ask(page, "explorer.tree.root") == node
    assert ask(page, "Array.from(explorer.selection)") == before
    assert facts(page)["Distance from the root"] == "0"
    assert not page.find_element(By.ID, "up").is_enabled()
    other = tree.root_at(7)
    end = int(tree.node_of(30))
    expected = float(other.distance_from_root[other.node_of(30)])
    assert ask(page, "explorer.tree.distance[arguments[0]]", end) == pytest.approx(expected, rel=1e-6)


def test_home_brings_the_first_root_back(opened, tree):
    page = opened(tree)
    reach = "document.getElementById('reach').textContent"
    first, distances = ask(page, f"[{reach}, Array.from(explorer.tree.distance)]")
    page.execute_script("explorer.reroot(arguments[0])", int(tree.node_of(7)))
    other = tree.root_at(7)
    height = f"{other.distance_from_root.max():.4g}"
    assert f"{other.depth.max()} edges and a distance of {height} away" in ask(page, reach)
    assert f"has {np.count_nonzero(other.is_leaf)} leaves" in ask(page, reach)
    click(page, "home")
    settle(page)
    assert ask(page, f"[explorer.tree.root, {reach}, Array.from(explorer.tree.distance)]") == [0, first, distances]
    assert ask(page, "[explorer.view.x, explorer.view.y]") == pytest.approx([0, 0], abs=1e-12)


def test_a_ball_is_not_called_by_the_one_group_of_several_in_it(opened, tree):
    inner = np.flatnonzero((tree.row < 0) & (tree.size > 6) & (tree.parent > 0))
    node = int(inner[np.argmin(tree.size[inner])])
    rows = [row for row in tree.row[node : node + tree.size[node]] if row >= 0]
    page = opened(tree, {"kind": ["near" if row in rows else "far" for row in tree.rows]})
    page.execute_script("const { column } = explorer; explorer.goTo({ column, code: column.classes.indexOf('near') });")
    signs = "explorer.signs.filter((sign) => sign.isGroup).map((sign) => sign.text)"
    assert ask(page, signs) == ["near"]
    page.execute_script("const s = document.getElementById('fold'); s.value = 0; s.dispatchEvent(new Event('input'));")
    assert ask(page, signs) == [f"near ({len(rows)} of 59 rows)"]  # the root is a row, too


def test_escape_and_the_help_work_wherever_the_focus_is(opened, tree):
    page = opened(tree, {"kind": labels(tree)})
    page.execute_script("document.activeElement.blur()")
    ActionChains(page).send_keys("/").perform()
    assert ask(page, "[document.activeElement.id, document.activeElement.value]") == ["search", ""]
    help_is_closed = "document.getElementById('keys').hidden"
    for name in ("home", "fold", "search"):
        page.execute_script("explorer.selectBranch(0)")
        click(page, "help")
        assert not ask(page, help_is_closed)
        page.find_element(By.ID, name).send_keys(Keys.ESCAPE)
        assert ask(page, f"[{help_is_closed}, explorer.selection === null]") == [True, False]
        page.find_element(By.ID, name).send_keys(Keys.ESCAPE)
        assert ask(page, "explorer.selection") is None
    click(page, "help")
    pointer_at(page, 0).click().perform()
    assert ask(page, f"[{help_is_closed}, explorer.selection]") == [True, None]


def test_a_narrow_page_has_its_tools_above_the_disk(opened, browser, tree):
    size = {"width": 420, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page = opened(tree, {"kind": labels(tree)})
        boxes = "['.tools', '#overlay'].map((one) => document.querySelector(one).getBoundingClientRect())"
        tools, disk = ask(page, boxes)
        assert tools["bottom"] <= disk["top"]
        assert disk["height"] > 250
        node = int(tree.node_of(4))
        pointer_at(page, node).click().perform()
        assert ask(page, "explorer.focus") == node
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_branch_is_selected_by_its_edge_and_saved_as_csv(opened, tree, downloads):
    kinds = labels(tree)
    kinds[5] = 'a "quoted", label'
    score = np.where(np.arange(60) == 5, np.nan, np.arange(60))
    page = opened(tree, {"kind": kinds}, values={"score": score, "patient": 1_700_000_000 + np.arange(60)})
    inner = np.flatnonzero((tree.row < 0) & (tree.size > 6) & (tree.parent >= 0))
    node = int(inner[np.argmin(tree.size[inner])])
    middle = "0.5 * (explorer.scene.{0}[arguments[0]] + explorer.scene.{0}[explorer.tree.parent[arguments[0]]])"
    found = ask(page, f"explorer.scene.edgeAt(explorer, {middle.format('x')}, {middle.format('y')}, 30)", node)
    assert found == node
    pointer_at(page, node).click().perform()
    settle(page)
    rows = sorted(row for row in tree.row[node : node + tree.size[node]] if row >= 0)
    assert page.find_element(By.ID, "chosen-title").text == f"{len(rows)} rows selected"
    page.execute_script("explorer.select([arguments[0]], true)", int(tree.node_of(5)))
    click(page, "save-csv")
    with downloaded(downloads, "rows.csv").open(newline="", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    assert [int(line["row"]) for line in table] == sorted({*rows, 5})
    line = next(line for line in table if line["row"] == "5")
    assert (line["name"], line["kind"], line["score"]) == ("cell 5", 'a "quoted", label', "")
    assert line["patient"] == "1700000005"
    height = float(tree.distance_from_root[tree.node_of(5)])
    assert float(line["distance_from_root"]) == pytest.approx(height, rel=1e-6)
    click(page, "clear")
    assert ask(page, "explorer.selection") is None


def test_folding_keeps_every_row_in_a_bundle(opened, tree):
    page = opened(tree, {"kind": labels(tree)})
    counts = "[explorer.paint.dots.length, explorer.paint.bundles.reduce((sum, b) => sum + b.count, 0)]"
    slide = "const s = document.getElementById('fold'); s.value = arguments[0]; s.dispatchEvent(new Event('input'));"
    assert ask(page, counts) == [60, 0]
    for value in (700, 300, 0):
        page.execute_script(slide, value)
        open_rows, folded = ask(page, counts)
        limit = tree.distance_from_root.max() * value / 1000
        assert open_rows == np.count_nonzero(tree.distance_from_root[tree.node_of_rows] <= limit * (1 + 1e-7))
        assert open_rows + folded == 60
    assert page.find_element(By.ID, "fold-value").text.startswith("beyond")
    select = webdriver.support.select.Select(page.find_element(By.ID, "fold-by"))
    select.select_by_value("support")
    assert ask(page, counts) == [60, 0]
    page.execute_script(slide, 400)
    opened_nodes = ask(page, "Array.from(explorer.fold.open)")
    np.testing.assert_array_equal(np.array(opened_nodes) == 1, ~(tree.support.astype(np.float32) < 0.6))
    page.execute_script(slide, 1000)
    assert ask(page, counts) == [60, 0]


def test_the_legend_hides_and_colours_change(opened, tree):
    page = opened(tree, {"kind": labels(tree)}, values={"score": np.arange(60)})
    page.find_elements(By.CSS_SELECTOR, ".legend .show")[0].click()
    assert ask(page, "explorer.paint.dots.length") == 40
    assert page.find_element(By.ID, "legend-count").text == "2 of 3 shown"
    only = page.find_elements(By.CSS_SELECTOR, ".legend .only")[0]
    only.send_keys(Keys.ENTER)
    assert ask(page, "explorer.paint.dots.length") == 20
    click(page, "show-all")
    assert ask(page, "explorer.paint.dots.length") == 60
    select = webdriver.support.select.Select(page.find_element(By.ID, "color-by"))
    select.select_by_visible_text("score")
    assert page.find_element(By.ID, "scale-high").text == "59"
    inks = ask(page, "Array.from(explorer.data.nodes, (node) => explorer.paint.ink[node])")
    assert len(set(inks)) > 50
    select.select_by_visible_text("Support of the edge above")
    select.select_by_visible_text("One colour")
    assert len(set(ask(page, "Array.from(explorer.paint.dots, (node) => explorer.paint.ink[node])"))) == 1


def test_the_legend_has_classes_without_a_colour_of_their_own_last(opened, tree):
    kinds = [f"{k:02}" for k in range(60)]
    page = opened(tree, {"kind": kinds})
    assert page.find_elements(By.CSS_SELECTOR, ".legend .why") == []
    kinds = ["- few", "- one", "- other", *np.repeat([f"{k:02}" for k in range(60)], 2)]
    points = hk.random_uniform_ball(len(kinds), radius=3.0, random_state=1)
    page = opened(hk.HyperSteiner(method="greedy").fit(points).tree_, {"kind": sorted(kinds)})
    lines = [line.text.split("\n")[0] for line in page.find_elements(By.CSS_SELECTOR, ".legend li")]
    assert lines[:60] == [f"{k:02}" for k in range(60)]
    assert lines[60].startswith("More classes than colours")
    assert lines[61:] == ["- few", "- one", "- other"]


def test_everything_is_reached_by_keys(opened, tree):
    page = opened(tree, {"kind": labels(tree)})
    assert page.execute_script("document.body.focus(); return document.activeElement.tagName") == "BODY"
    ActionChains(page).send_keys(Keys.TAB).perform()
    assert ask(page, "document.activeElement.id") == "overlay"
    press(page, Keys.ARROW_DOWN)  # the root has the focus first
    assert ask(page, "explorer.focus") == 0
    press(page, Keys.ARROW_DOWN)
    assert ask(page, "explorer.focus") == 1
    press(page, Keys.ARROW_RIGHT)
    assert ask(page, "explorer.focus") == 1 + tree.size[1]
    assert page.find_element(By.ID, "said").get_attribute("textContent").startswith(facts(page)[""])
    press(page, " ")
    second = 1 + tree.size[1]
    rows = np.count_nonzero(tree.row[second : second + tree.size[second]] >= 0)
    assert page.find_element(By.ID, "chosen-title").text.startswith(f"{rows} row")
    press(page, Keys.ENTER)
    assert ask(page, "explorer.scene.placed.gap[explorer.focus]") == pytest.approx(1.0)
    press(page, "r")
    assert ask(page, "explorer.tree.root") == second
    press(page, Keys.ESCAPE, "0", "+")
    assert ask(page, "[explorer.focus, explorer.selection]") == [-1, None]
    press(page, "n", "?")
    assert ask(page, "[explorer.showsNames, document.getElementById('keys').hidden]") == [False, False]
    press(page, "/")
    assert ask(page, "document.activeElement.id") == "search"
    order = ask(
        page,
        "[...document.querySelectorAll('button, input, select, [tabindex]')]"
        ".filter((one) => one.checkVisibility()).map((one) => one.ariaLabel || one.textContent.trim() || one.id)",
    )
    assert all(order)
    assert order[1:4] == ["Home", "Root", "Closer"]


def test_long_names_that_differ_in_their_middles_are_written_apart(opened, tree, downloads):
    """In the picture, and in the legend that is saved with it."""
    many = [f"{'x' * 30} {a} {'y' * 30} {b} {'z' * 30}" for a in ("one", "two", "three") for b in ("one", "two")]
    page = opened(tree, np.resize(many, tree.n_rows))
    record = "const fill = CanvasRenderingContext2D.prototype.fillText; globalThis.written = [];"
    record += "CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {"
    record += "written.push([this.font, text]); fill.call(this, text, ...at); };"
    page.execute_script(record)
    click(page, "save-png")
    downloaded(downloads, "hierarchy.png").unlink()
    written = {(font, text) for font, text in page.execute_script("return written") if text.startswith("xxx")}
    listed = [text for font, text in written if font.startswith("24px")]
    assert len(listed) == len(many)
    assert max(map(len, listed)) < 50
    assert len(written) > len(listed)  # some have room in the disk


def test_the_picture_is_saved_as_png(opened, tree, downloads):
    page = opened(tree, {"kind": labels(tree)})
    click(page, "save-png")
    image = downloaded(downloads, "hierarchy.png").read_bytes()
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")
    assert height >= 1600
    assert width > height


def test_light_and_dark_follow_the_system_and_the_switch(opened, browser, tree):
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [dark]})
    try:
        page = opened(tree, {"kind": labels(tree)})
        assert ask(page, "document.documentElement.dataset.theme") == "dark"
        theme = "explorer.scene.raster.pixels[0] & 0xff"
        assert ask(page, theme) < 50
        click(page, "theme")
        settle(page)
        assert ask(page, theme) > 200
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_markup_in_names_and_labels_stays_text(opened, tree):
    hostile = ["</script><script>document.title='cracked'</script>", "<img src=x onerror=\"document.title='cracked'\">"]
    kinds = np.resize(np.array([*hostile, "W" * 3000, None], dtype=object), 60)
    named = hierarchy.Hierarchy(
        tree.parent, tree.length, tree.row, np.resize(hostile, len(tree)), points=tree.points, model="poincare"
    )
    page = opened(named, {hostile[1]: kinds}, title=hostile[0])
    field = page.find_element(By.ID, "search")
    field.send_keys("<img", Keys.ENTER)
    settle(page)
    pointer_at(page, int(tree.node_of(3))).click().perform()
    settle(page)
    assert page.title == hostile[0]
    assert page.find_elements(By.CSS_SELECTOR, "img, iframe, script:not([type])") == []
    assert page.find_element(By.ID, "title").text == hostile[0]
    legend = [one.text.split("\n")[0] for one in page.find_elements(By.CSS_SELECTOR, ".legend .show .name")]
    assert set(hostile) < set(legend)
    assert "(no label)" in legend


def test_a_notebook_shows_the_page_in_a_frame(browser, tmp_path, tree, downloads):
    shown = hk.plot.explore(tree, labels(tree))._repr_html_()
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset='utf-8'><body>{shown}</body>", encoding="utf-8")
    browser.get(path.as_uri())
    browser.switch_to.frame(0)
    wait(browser, "document.documentElement.dataset.ready")
    assert ask(browser, "[explorer.paint.dots.length, origin]") == [60, "null"]
    (downloads / "rows.csv").unlink(missing_ok=True)
    browser.execute_script("explorer.selectBranch(explorer.tree.root)")
    click(browser, "save-csv")
    assert len(downloaded(downloads, "rows.csv").read_text(encoding="utf-8").splitlines()) == 61
    (downloads / "rows.csv").unlink()
    browser.switch_to.default_content()
    assert browser.get_log("browser") == []


def test_a_far_cluster_opens_with_all_its_digits(opened):
    _, points = far_points(20.0)
    steiner = hk.HyperSteiner(method="greedy").fit(np.vstack([points, [[0.0, 0.0]]]))
    page = opened(steiner.tree_)
    node = ask(page, "explorer.data.nodes[0]")
    page.execute_script("explorer.flyTo(arguments[0])", node)
    settle(page)
    placed = "Array.from(explorer.data.nodes, (node) => ['x', 'y'].map((axis) => explorer.scene.placed[axis][node]))"
    places = np.array(ask(page, placed))
    # At polar radius 20 the given doubles are 1e-16 / gap = 1e-8 apart.
    found = hk.pairwise_distances(places[:40])
    np.testing.assert_allclose(found, hk.pairwise_distances(points), rtol=0, atol=1e-6)
