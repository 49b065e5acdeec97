"""Ways into the console: by a provider of one's own, and with a first password that has to be changed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.console.conftest import Installation
from tests.harness.browser import ORIGIN, visiting
from tests.harness.oidc import CLIENT, CLIENT_SECRET, oidc_beside

ELSEWHERE = re.compile(r"https?://(?!127\.0\.0\.1)")
LASTING = "a-password-of-my-own"


@pytest.fixture
def sso(installation: Installation, data_dirs: Path, language: str) -> Iterator[str]:
    """The name of an OpenID Connect provider that makes accounts for whom it vouches for."""
    name = f"sso-{language}"
    callback = f"{ORIGIN}/oauth/callback/{name}"
    with oidc_beside(installation.cluster, data_dirs / name, callback) as (issuer, ca):
        authority = data_dirs / name / "ca.pem"
        authority.write_text(ca)
        words = ("provider", "create", "oidc", name, "--issuer", issuer, "--client-id", CLIENT, "--ca", str(authority))
        installation.admin(*words, "--just-in-time", stdin=CLIENT_SECRET)
        yield name
        installation.admin("provider", "delete", name, "--yes")


def test_by_a_provider_of_ones_own(browser: Browser, sso: str, language: str) -> None:
    with visiting(browser, language=language) as visitor:
        visitor.open("/oauth/login?next=/home")
        page = visitor.page
        assert visitor.violations() == []
        page.route(ELSEWHERE, lambda route: route.fulfill(body=""))  # the provider's pages want fonts from there
        page.get_by_role("link", name=sso).click()
        page.locator("input[name=login]").fill("bob")
        page.locator("input[name=password]").fill("any will do")
        page.locator("button[type=submit]").click()
        page.locator("button[type=submit]").click()  # what the platform may know
        page.wait_for_url(f"{ORIGIN}/home")
        visitor.settle()
        expect(page.get_by_role("button", name="Bob Example")).to_be_visible()


def test_a_first_password_has_to_be_changed(browser: Browser, installation: Installation, language: str) -> None:
    name = f"newcomer-{language}"
    told = json.loads(installation.admin("user", "create", name, "-o", "json"))
    with visiting(browser, language=language) as visitor:
        visitor.open("/oauth/login?next=/home")
        page = visitor.page
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", told["password"])
        page.click("button")
        expect(page.locator("input[name=again]")).to_be_visible()
        assert visitor.violations() == []
        for again in ("something-else-than-that", LASTING):
            page.fill("input[name=password]", LASTING)
            page.fill("input[name=again]", again)
            page.click("button")
            if again != LASTING:
                expect(page.get_by_role("alert")).to_be_visible()
        page.wait_for_url(f"{ORIGIN}/home")
        visitor.settle()
    installation.admin("user", "delete", name, "--yes")
