from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from web.sample import HOSTILE_NAME, HOSTILE_TEXT


def shown(page: Page) -> set[str]:
    return set(page.evaluate("explorer.data.nodes.map((n) => n.id)"))


def search(page: Page, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.wait_for_selector("#search-list .suggestion")


def until(page: Page, condition: str) -> None:
    """Wait for a JavaScript condition.

    Playwright's own wait_for_function evaluates strings in the page, which its policy forbids.
    """
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")


def settled(page: Page) -> None:
    until(page, "!document.body.classList.contains('busy')")


def click_node(page: Page, node: str) -> None:
    at = page.evaluate("(id) => explorer.graph.pagePosition(id)", node)
    page.mouse.click(at["x"], at["y"])


def test_the_start_shows_the_centre_and_example_questions(page):
    assert "nvidia" in shown(page)
    expect(page.locator("#panel-body h1")).to_have_text("AIインフラ知識グラフ")
    expect(page.locator(".rank-row").first).to_contain_text("NVIDIA")
    assert page.locator(".questions a").count() >= 8
    expect(page.locator("#status")).to_contain_text("/ 52")


@pytest.mark.parametrize("text", ["エヌビ", "nvid"])
def test_search_by_keyboard_in_both_languages(page, text):
    search(page, text)
    box = page.locator("#search")
    assert box.get_attribute("aria-expanded") == "true"
    assert box.get_attribute("aria-activedescendant") == "search-0"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text("NVIDIA")
    expect(page.locator(".root-name")).to_contain_text("30/44")
    assert "e=nvidia" in page.url


def test_search_without_a_match_says_so(page):
    page.keyboard.press("/")
    page.keyboard.type("qqqqqqqq")
    expect(page.locator(".suggestion-note")).to_have_text("該当なし")
    page.keyboard.press("Escape")
    expect(page.locator("#search-list")).to_be_hidden()


def test_a_click_expands_and_the_back_button_undoes_it(page):
    search(page, "aws")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text("AWS")
    settled(page)
    before = shown(page)
    assert "claude" not in before
    click_node(page, "trainium")
    expect(page.locator("#panel-body h1")).to_have_text("Trainium")
    settled(page)
    assert shown(page) == before | {"claude"}
    page.go_back()
    until(page, f"explorer.data.nodes.length === {len(before)}")
    assert shown(page) == before


def test_more_neighbours_are_a_click_away(page):
    search(page, "nvidia")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body .button.primary")).to_contain_text("30 / 44")
    page.locator("#panel-body .button.primary").click()
    expect(page.locator(".root-name")).to_contain_text("44/44")


def test_an_edge_shows_every_sentence_with_names_marked(page):
    search(page, "nvidia")
    page.keyboard.press("Enter")
    page.locator(".fact", has_text="NVIDIA H100").first.click()
    expect(page.locator(".claim")).to_have_count(2)
    first = page.locator(".claim").first
    expect(first.locator("blockquote")).to_have_text("NVIDIAはH100を開発した。")
    assert first.locator("mark").all_text_contents() == ["NVIDIA", "H100"]
    expect(first.locator("time")).to_have_text("2025-08-01")
    expect(first).to_contain_text("確信度 0.90")
    expect(first).to_contain_text("断定")
    page.locator(".back").click()
    expect(page.locator("#panel-body h1")).to_have_text("NVIDIA")


def test_a_click_on_a_line_selects_the_edge(page):
    search(page, "solo")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text("Solo")
    settled(page)
    a, b = (page.evaluate("(id) => explorer.graph.pagePosition(id)", n) for n in ("solo", "duo"))
    page.mouse.click((a["x"] + b["x"]) / 2, (a["y"] + b["y"]) / 2)
    expect(page.locator(".claim blockquote")).to_have_text("SoloはDuoと提携した。")
    expect(page.locator(".claim h3")).to_have_text("孤立した二社 <b>太字</b>")


def test_hostile_names_and_sentences_are_text(page):
    search(page, "<img")
    expect(page.locator(".suggestion-name").first).to_have_text(HOSTILE_NAME)
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text(HOSTILE_NAME)
    page.locator(".fact").first.click()
    expect(page.locator(".claim blockquote")).to_have_text(HOSTILE_TEXT)
    assert page.locator(".claim a, .claim img, .claim script").count() == 0
    page.locator("#view-table").click()
    expect(page.locator("#table")).to_contain_text(HOSTILE_NAME)
    assert page.locator("#table img").count() == 0


def test_the_legend_filters_by_class_property_and_modality(page):
    search(page, "nvidia")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text("NVIDIA")
    page.locator('.legend-row[data-name="Chip"] .legend-toggle').click()
    until(page, "explorer.data.nodes.every((n) => n.cls !== 'Chip')")
    assert {"nvidia", "aws", "amazon"} <= shown(page)
    page.locator('.legend-row[data-name="negated"] .legend-toggle').click()
    until(page, "!explorer.data.nodes.some((n) => n.id === 'amazon')")
    page.locator('.legend-row[data-name="competesWith"] .legend-toggle').click()
    until(page, "!explorer.data.nodes.some((n) => n.id === 'aws')")
    pressed = page.locator('.legend-row[data-name="Chip"] .legend-toggle')
    assert pressed.get_attribute("aria-pressed") == "false"
    page.locator(".legend .button.wide").click()
    until(page, "explorer.data.nodes.some((n) => n.id === 'aws')")
    assert "hc=" not in page.url


def test_a_url_restores_the_view(page, url, context):
    search(page, "aws")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text("AWS")
    settled(page)
    click_node(page, "trainium")
    expect(page.locator("#panel-body h1")).to_have_text("Trainium")
    page.locator('.legend-row[data-name="Company"] .legend-toggle').click()
    until(page, "explorer.data.nodes.every((n) => n.cls !== 'Company')")
    page.locator(".fact", has_text="Claude").click()
    expect(page.locator(".claim")).to_have_count(1)
    places = "Object.fromEntries(explorer.graph.positions)"
    other = context.new_page()
    other.goto(page.url)
    other.wait_for_selector("body.ready")
    assert shown(other) == shown(page)
    expect(other.locator(".claim blockquote")).to_have_text("ClaudeはTrainiumで動くだろう。")
    assert set(other.evaluate(places)) == set(page.evaluate(places))
    again = context.new_page()
    again.goto(page.url)
    again.wait_for_selector("body.ready")
    assert again.evaluate(places) == other.evaluate(places)


def test_the_graph_can_be_walked_by_keyboard(page):
    page.locator("#graph").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".panel-head .chip")).to_be_visible()
    for key in ("ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    until(page, "explorer.state.sel !== null")
    page.keyboard.press("Enter")
    until(page, "explorer.state.roots.length === 2")
    page.keyboard.press("Escape")
    until(page, "explorer.state.sel === null")


def test_the_table_mirrors_the_graph(page):
    rows = page.locator("#table tbody tr")
    assert rows.count() == page.evaluate("explorer.data.edges.length")
    page.locator("#view-table").click()
    expect(page.locator("#table table")).to_be_visible()
    page.locator("th button", has_text="関係").click()
    assert page.locator("th[aria-sort=ascending]").text_content() == "関係"
    page.locator("#table .edge-button").first.click()
    expect(page.locator(".claim").first).to_be_visible()


def test_words_in_english(page):
    page.locator("#lang").click()
    expect(page.locator("#panel-body h1")).to_have_text("AI Infrastructure Graph")
    expect(page.locator('.legend-row[data-name="develops"] .legend-label')).to_have_text("develops")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "lang=en" in page.url


def test_names_in_both_languages(page):
    search(page, "理研")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text("理化学研究所")
    page.locator("#lang").click()
    expect(page.locator("#panel-body h1")).to_have_text("RIKEN")


def test_a_path_between_two_entities(page):
    search(page, "claude")
    page.keyboard.press("Enter")
    box = page.locator("#path-search")
    box.fill("amazon")
    expect(page.locator("#path-search-list .suggestion").first).to_contain_text("Amazon")
    box.press("Enter")
    expect(page.locator(".hop").first).to_contain_text("Anthropic")
    assert {"claude", "anthropic", "amazon"} <= shown(page)
    page.locator(".back").click()
    expect(page.locator("#panel-body h1")).to_have_text("Claude")


def test_dark_and_light(page):
    read = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(read)
    page.locator("#theme").click()
    assert page.evaluate(read) != light
    page.reload()
    page.wait_for_selector("body.ready")
    assert page.evaluate(read) != light


def test_an_unknown_entity_in_the_url_gives_suggestions(context, url):
    page = context.new_page()
    page.goto(f"{url}/?e=NVIDEA")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("その名前のエンティティは見つかりません")
    expect(banner).to_contain_text("NVIDEA")
    expect(page.locator('.legend-row[data-name="Chip"]')).to_be_visible()
    expect(page.locator(".rank-row").first).to_be_visible()
    banner.locator(".button", has_text="NVIDIA").first.click()
    expect(page.locator("#panel-body h1")).to_have_text("NVIDIA")
    expect(banner).to_be_hidden()


def test_a_server_that_is_gone_is_said(context, url):
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("body.ready")
    page.route("**/api/**", lambda r: r.abort())
    page.locator(".rank-row").first.click()
    expect(page.locator("#banner")).to_contain_text("サーバーに接続できません")
    page.unroute("**/api/**")
    page.locator("#banner .button.primary").click()
    expect(page.locator("#banner")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    search(page, "nvidia")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-body h1")).to_have_text("NVIDIA")
    page.locator(".fact").first.click()
    expect(page.locator(".claim").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    panel = page.locator(".panel").bounding_box()
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= width + 1
    graph = page.locator("#graph").bounding_box()
    assert graph["height"] > 250


def test_the_legend_is_a_sheet_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#legend")).to_be_hidden()
    page.locator("#filters").click()
    expect(page.locator('.legend-row[data-name="Chip"]')).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#legend")).to_be_hidden()


def test_the_query_page_runs_an_example_and_links_entities(page, url):
    page.goto(f"{url}/query")
    page.locator("#examples button").first.click()
    expect(page.locator("#state")).to_have_text(re.compile(r"\d+ 行"))
    page.locator("#query").fill("SELECT ?who { ?who kg:develops ent:trainium }")
    page.locator("#query").press("Control+Enter")
    expect(page.locator("#state")).to_have_text("1 行")
    page.locator("#result a.iri", has_text="aws").click()
    expect(page.locator("#panel-body h1")).to_have_text("AWS")


def test_a_bad_query_says_where(context, url):
    page = context.new_page()
    page.goto(f"{url}/query")
    page.locator("#query").fill("SELECT ?a WHERE {\n  ?a foo:bar ?b\n}")
    page.locator("button[type=submit]").click()
    expect(page.locator("#result .error")).to_contain_text("line 2")


def test_the_api_documentation_is_ours(page, url):
    page.goto(f"{url}/api/docs")
    expect(page.locator(".opblock-summary-path", has_text="neighborhood")).to_be_visible()
