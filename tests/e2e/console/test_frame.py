"""The frame around all pages: signing in and out, the two languages, themes, the palette, keys."""

import re

from playwright.sync_api import Browser, Response, expect
from tests.e2e.console.conftest import PASSWORD, PROJECT
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


def test_the_language_changes_without_a_reload_and_goes_with_the_account(browser: Browser) -> None:
    with visiting(browser) as visitor:
        visitor.sign_in("olga", PASSWORD)
        page = visitor.go(f"{PROJECT}/pods")
        page.evaluate("() => { window.stayed = true }")
        page.get_by_role("button", name="Language").click()
        with page.expect_response("**/platform/v1/me"):
            page.get_by_role("menuitem", name="简体中文").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("容器组")
        assert page.evaluate("() => document.documentElement.lang") == "zh-CN"
        assert page.evaluate("() => window.stayed") is True
    with visiting(browser, language="en") as elsewhere:
        elsewhere.sign_in("olga", PASSWORD)
        expect(elsewhere.go(f"{PROJECT}/services").get_by_role("heading", level=1)).to_have_text("服务")


def _kept(response: Response) -> bool:
    return response.request.method == "PUT" and response.url.endswith("/me/preferences")


def test_pages_are_pinned_and_remembered_wherever_one_signs_in(browser: Browser) -> None:
    with visiting(browser) as visitor:
        visitor.sign_in("ann", PASSWORD)
        page = visitor.go(f"{PROJECT}/deployments/storefront")
        with page.expect_response(_kept):
            page.get_by_role("button", name="Pin this page").click()
        expect(page.get_by_role("button", name="Unpin this page")).to_be_visible()
        with page.expect_response(_kept):
            visitor.go(f"{PROJECT}/pods/cart-0")
    with visiting(browser) as elsewhere:
        elsewhere.sign_in("ann", PASSWORD)
        page = elsewhere.go("/home")
        pinned = page.locator("section").filter(has=page.get_by_role("heading", name="Pinned"))
        expect(pinned.get_by_role("link", name="storefront")).to_be_visible()
        recent = page.locator("section").filter(has=page.get_by_role("heading", name="Recent"))
        expect(recent.get_by_role("link", name="cart-0")).to_be_visible()
        page = elsewhere.go("/me")
        with page.expect_response(_kept):
            page.get_by_role("combobox", name="First page").click()
            page.get_by_role("option", name="storefront").click()
        page.goto(f"{ORIGIN}/")
        page.wait_for_url(f"{ORIGIN}{PROJECT}/deployments/storefront")


def test_news_is_new_until_it_has_been_looked_at(browser: Browser) -> None:
    with visiting(browser) as visitor:
        visitor.sign_in("vera", PASSWORD)
        page = visitor.go("/home")
        bell = page.get_by_role("button", name=re.compile("Notifications, [0-9]+ new"))
        with page.expect_response(_kept):
            bell.click()
        news = page.get_by_role("region", name="Notifications")
        expect(news.get_by_role("link", name="typo", exact=True)).to_be_visible()
        expect(news).to_contain_text("no-such-version")
        assert not visitor.violations()
        expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()


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
