"""Debian's Chromium beside a cluster, driven by Playwright; and people who use the console in it."""

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright
from tests.harness.cluster import ROOT, Cluster

ORIGIN = "https://127.0.0.1:9443"
CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "console/node_modules/axe-core/axe.min.js"
# WCAG 2.2, levels A and AA.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"  # Chromium gives up what it loads when any interface comes or goes
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
expect.set_options(timeout=15_000)


@contextmanager
def running_browser(cluster: Cluster, scratch: Path) -> Iterator[Browser]:
    """Chromium in the cluster's network namespace."""
    if not CHROMIUM.exists():
        raise FileNotFoundError(f"{CHROMIUM} is missing; `make setup-test` brings it")
    script = scratch / "chromium"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(cluster.command(str(CHROMIUM)))} "$@"\n')
    script.chmod(0o755)
    driver: Playwright
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(script), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """One person in a browser of their own. What went wrong in it is in `faults`."""

    context: BrowserContext
    page: Page
    language: str
    faults: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)  # addresses that Chromium gave up, for no fault of anybody's

    def go(self, path: str) -> Page:
        """Open a page of the console, and wait until it has its data."""
        self.open(path)
        try:
            self.settle()
        except AssertionError:
            if not self.given_up:
                raise
            self.open(path)
            self.settle()
        return self.page

    def open(self, path: str) -> None:
        """Again, where Chromium gives a load up because a pod's interface came or went."""
        for last in (False, False, True):
            self.given_up.clear()
            try:
                self.page.goto(ORIGIN + path)
            except Error as exc:
                if last or NETWORK_CHANGED not in exc.message:
                    raise
            else:
                return

    def settle(self) -> None:
        """Until nothing is loading any more."""
        expect(self.page.locator("main")).to_be_visible()
        expect(
            self.page.locator('[role="status"][aria-label="Loading"], [role="status"][aria-label="加载中"]')
        ).to_have_count(0)
        expect(self.page.locator('[aria-busy="true"]')).to_have_count(0)

    def sign_in(self, name: str, password: str) -> None:
        self.open("/oauth/login?next=/home")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("button")
        self.page.wait_for_url(f"{ORIGIN}/home")

    def violations(self) -> list[str]:
        """Of accessibility rules, on the page as it is now: the rule and the elements."""
        self.page.evaluate(AXE.read_text())
        options = {"runOnly": {"type": "tag", "values": list(RULES)}}
        found: Mapping[str, Any] = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {' | '.join(node['html'][:160] for node in violation['nodes'][:4])}"
            for violation in found["violations"]
        ]

    def overflow(self) -> list[str]:
        """Elements that stick out of the window, which nothing scrolls."""
        return list(self.page.evaluate(_OVERFLOW))


_OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  const scrolled = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.overflowX !== "visible" || style.position === "fixed") return true;
    }
    return false;
  };
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > wide + 1 && !scrolled(each))
    .slice(0, 5)
    .map((each) => each.outerHTML.slice(0, 160));
}"""

# Chromium says these of answers that a page asks for and expects (a refusal, an absence), and of requests that it gives
# up when a pod's interface comes or goes; what is shown is asked for again.
_EXPECTED = (
    "Failed to load resource: the server responded with a status of",
    f"Failed to load resource: net::{NETWORK_CHANGED}",
)


@contextmanager
def visiting(
    browser: Browser, *, language: str = "en", theme: str = "light", width: int = 1440, height: int = 900
) -> Iterator[Visitor]:
    """A visitor who is not signed in. Fails at the end if the page threw, or broke the content security policy."""
    context = browser.new_context(
        ignore_https_errors=True,
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale=LANGUAGES[language],
    )
    page = context.new_page()
    visitor = Visitor(context, page, language)
    page.on(
        "requestfailed",
        lambda request: visitor.given_up.append(request.url) if NETWORK_CHANGED in (request.failure or "") else None,
    )
    page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    page.on(
        "console",
        lambda said: (
            visitor.faults.append(said.text) if said.type == "error" and not said.text.startswith(_EXPECTED) else None
        ),
    )
    try:
        yield visitor
        assert not visitor.faults, visitor.faults
    finally:
        context.close()


def screenshots_dir() -> Path | None:
    """Where pictures of pages are wanted; None if nowhere."""
    wanted = os.environ.get("ARMILLARY_SCREENSHOTS", "")
    return Path(wanted) if wanted else None
