"""The console in Chromium: what is loaded, how soon it can be used, and how it holds with 30,000 live pods.

`ARMILLARY_BENCH_WATCH_SECONDS` is how long it watches for the growth of its memory; an hour is 3600.
"""

import asyncio
import base64
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright
from tests.harness.browser import CHROMIUM, FLAGS, ORIGIN

from armillary.kube.kinds.core import POD
from benchmarks.direct import Direct, own_namespace
from benchmarks.lists import fill
from benchmarks.platform import PODS, user_without_first_password
from benchmarks.report import Figure, percentile

RUNS = 5
UPDATES_A_SECOND = 50
WATCH_SECONDS = float(os.environ.get("ARMILLARY_BENCH_WATCH_SECONDS", "60"))
KIB, MIB = 1024, 1 << 20

# From the click to the frame in which rows are drawn.
OPEN_PODS = """() => new Promise((done) => {
  const link = [...document.querySelectorAll("nav a")].find((each) => each.pathname.endsWith("/pods"));
  const began = performance.now();
  const look = () => document.querySelectorAll('[role=row] a').length > 5
    ? requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look);
  link.click();
  look();
})"""
WATCH_TASKS = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
  }).observe({ type: "longtask" });
}"""


def measure(kubeconfig: Path) -> list[Figure]:
    direct = Direct(kubeconfig)
    kept = direct.call("GET", "/api/v1/namespaces/armillary-system/secrets/initial-admin-password")
    password = base64.b64decode(kept["data"]["password"]).decode()
    user_without_first_password(direct)
    with own_namespace(direct) as namespace:
        asyncio.run(fill(kubeconfig, namespace, 0, PODS))
        return _in_a_browser(kubeconfig, namespace, password)


def _in_a_browser(kubeconfig: Path, namespace: str, password: str) -> list[Figure]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, "--enable-precise-memory-info"])
        figures = _first_load(browser, password)
        with _signed_in(browser, password) as page:
            figures += _lists(page)
            figures += _watching(page, kubeconfig, namespace)
        browser.close()
    return figures


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def _signed_in(browser: Browser, password: str) -> Iterator[Page]:
    with _page(browser) as page:
        _sign_in(page, password)
        yield page


def _sign_in(page: Page, password: str) -> float:
    """Milliseconds from sending the password to a page that can be used."""
    page.goto(f"{ORIGIN}/oauth/login?next=/home")
    page.fill("input[name=name]", "admin")
    page.fill("input[name=password]", password)
    began = time.perf_counter()
    page.click("button")
    page.locator("main h1").wait_for()
    return (time.perf_counter() - began) * 1000


def _first_load(browser: Browser, password: str) -> list[Figure]:
    sizes = {"script": 0, "stylesheet": 0}
    loaded: list[Request] = []
    times = []
    for run in range(RUNS):
        with _page(browser) as page:
            if run == 0:
                page.on("requestfinished", lambda request: loaded.append(request))
            times.append(_sign_in(page, password))
            page.wait_for_load_state("networkidle")
            for request in loaded:
                if request.resource_type in sizes and "/assets/" in request.url:
                    sizes[request.resource_type] += request.sizes()["responseBodySize"]
            loaded.clear()
    return [
        Figure("JavaScript of the first page, compressed", sizes["script"] / KIB, "KiB", "less", 0, 270),
        Figure("style sheets of the first page, compressed", sizes["stylesheet"] / KIB, "KiB", "less", 0, 48),
        Figure("from the password to the workbench, p50", percentile(times, 0.5), "ms", "less", 0, 1500),
    ]


def _lists(page: Page) -> list[Figure]:
    page.goto(f"{ORIGIN}/c/host/pods")  # the first of all makes the server read the list
    page.wait_for_function(f"() => document.querySelector('[role=table]')?.ariaRowCount >= {PODS}", timeout=120_000)
    times = []
    for _ in range(RUNS):
        page.goto(f"{ORIGIN}/c/host/nodes")
        page.locator("[role=row] a").first.wait_for()
        times.append(page.evaluate(OPEN_PODS))
    return [Figure("click to the first of 30,000 pods, p50", percentile(times, 0.5), "ms", "less", 0, 300)]


def _watching(page: Page, kubeconfig: Path, namespace: str) -> list[Figure]:
    """The rows in view change all the time."""
    page.goto(f"{ORIGIN}/c/host/pods")
    page.locator("[role=row] a").first.wait_for()
    page.evaluate(WATCH_TASKS)
    stop = threading.Event()
    changing = threading.Thread(target=_change, args=(kubeconfig, namespace, stop))
    changing.start()
    try:
        page.wait_for_timeout(5_000)  # what is loaded late is loaded
        before = _heap(page)
        page.wait_for_timeout(WATCH_SECONDS * 1000)
        grown = _heap(page) - before
    finally:
        stop.set()
        changing.join()
    longest = float(page.evaluate("() => window.longest"))
    return [
        Figure(f"longest task at {UPDATES_A_SECOND} updates a second", longest, "ms", "less", 0, 200),
        Figure(f"memory grown in {WATCH_SECONDS:.0f} s of them", max(grown, 0) / MIB, "MiB", "less", 0, 5),
    ]


def _heap(page: Page) -> float:
    """Bytes of the JavaScript heap, after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used)


def _change(kubeconfig: Path, namespace: str, stop: threading.Event) -> None:
    direct, number = Direct(kubeconfig), 0
    began = time.monotonic()
    while not stop.is_set():
        path = f"{POD.path(namespace)}/p{number % 40:05}/status"
        status = {"phase": "Pending", "reason": f"Turn{number}"}
        direct.call("PATCH", path, {"status": status}, "application/merge-patch+json")
        number += 1
        stop.wait(max(0.0, began + number / UPDATES_A_SECOND - time.monotonic()))
