"""The frame around all pages: signing in and out, the two languages, themes, the palette, keys."""

from playwright.sync_api import Browser, expect
from tests.e2e.console.conftest import PASSWORD
from tests.harness.browser import ORIGIN, Visitor, visiting


def test_a_page_asks_to_sign_in_and_comes_back(browser: Browser) -> None:
    with visiting(browser) as visitor:
        page = visitor.page
        page.goto(f"{ORIGIN}/c/host/pods?sort=-created")
        page.fill("input[name=name]", "ann")
        page.fill("input[name=password]", PASSWORD)
        page.click("button")
        page.wait_for_url(f"{ORIGIN}/c/host/pods?sort=-created")


def test_the_session_is_out_of_reach_of_scripts(admin: Visitor) -> None:
    admin.go("/home")
    cookies = admin.context.cookies()
    assert [(c["httpOnly"], c["secure"], c["sameSite"]) for c in cookies if "armillary" in c["name"]] == [
        (True, True, "Lax")
    ]
    kept = admin.page.evaluate("() => [document.cookie, ...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert not [item for item in kept if "token" in item.lower() or "session" in item.lower()]


def test_signing_out_ends_the_session(browser: Browser) -> None:
    with visiting(browser) as visitor:
        visitor.sign_in("ann", PASSWORD)
        page = visitor.page
        page.get_by_role("button", name="Your account, ann").click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page.locator("input[name=password]")).to_be_visible()
        page.goto(f"{ORIGIN}/home")
        expect(page.locator("input[name=password]")).to_be_visible()


def test_the_language_changes_without_a_reload(admin: Visitor) -> None:
    page = admin.go("/c/host/pods")
    page.evaluate("() => { window.stayed = true }")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("menuitem", name="简体中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("容器组")
    assert page.evaluate("() => document.documentElement.lang") == "zh-CN"
    assert page.evaluate("() => window.stayed") is True
    admin.go("/c/host/nodes")
    expect(page.get_by_role("heading", level=1)).to_have_text("节点")


def test_objects_are_opened_by_keyboard_alone(admin: Visitor) -> None:
    page = admin.go("/home")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("storefront")
    expect(page.get_by_role("option").filter(has_text="Deployment").first).to_be_visible()
    page.get_by_role("combobox").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("storefront")


def test_the_palette_knows_the_words_of_both_languages_and_short_names(admin: Visitor) -> None:
    page = admin.go("/c/host/pods")
    for words, title in (("deploy", "Deployments"), ("命名空间", "Namespaces"), ("sts", "Stateful sets")):
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.type(words)
        expect(page.get_by_role("option").first).to_contain_text(title)
        page.keyboard.press("Escape")
        expect(page.get_by_role("combobox")).to_have_count(0)
