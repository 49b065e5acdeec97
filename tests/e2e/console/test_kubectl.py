"""kubectl in the browser and by the command line: with one's own rights, confined, gone with the session."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.console.conftest import NAMESPACE, PASSWORD, PROJECT, Installation
from tests.harness.browser import Visitor, visiting
from tests.harness.cluster import Cluster, eventually
from tests.harness.terminal import at_terminal

SHELLS = "armillary-shells"
STARTS = 60_000  # milliseconds, for an image of a hundred megabytes to be unpacked
EVERYTHING_ELSE = "https://10.244.0.1:6443/livez https://10.96.0.1/livez http://10.244.0.1:5000/v2/"


@pytest.fixture
def ann(browser: Browser) -> Iterator[Visitor]:
    with visiting(browser) as visitor:
        visitor.sign_in("ann", PASSWORD)
        yield visitor


def screen(page: Page) -> Locator:
    return page.locator(".xterm-rows")


def opened(visitor: Visitor) -> Page:
    page = visitor.go(f"{PROJECT}/deployments")
    page.get_by_role("banner").get_by_role("button", name="kubectl").click()
    expect(screen(page)).to_contain_text("kubectl:", timeout=STARTS)
    return page


def shells(cluster: Cluster) -> list[str]:
    return cluster.kubectl("-n", SHELLS, "get", "pods", "-o", "name").split()


def test_it_begins_where_one_looks_with_ones_own_rights_and_nothing_more(
    ann: Visitor, installation: Installation
) -> None:
    page = opened(ann)
    page.keyboard.type("kubectl get deployments -o name\n")
    expect(screen(page)).to_contain_text("deployment.apps/storefront")
    page.keyboard.type("clear; kubectl get pods -n bank-ledger\n")
    expect(screen(page)).to_contain_text('User "armillary:ann" cannot list resource "pods"')
    page.keyboard.type("clear; helm version --short; kubectl auth can-i create deployments\n")
    expect(screen(page)).to_contain_text("yes")
    tries = f"for u in {EVERYTHING_ELSE}; do curl -ksm 2 -o /dev/null $u && echo in$((1+1)); done; echo tr$((1+1))ied"
    page.keyboard.type(f"clear; {tries}\n")
    expect(screen(page)).to_contain_text("tr2ied")
    expect(screen(page)).not_to_contain_text("in2")
    assert ann.violations() == []
    page.get_by_role("button", name="End kubectl").click()
    expect(screen(page)).to_have_count(0)
    eventually(lambda: not shells(installation.cluster), "the shell's end")


def test_it_comes_back_after_its_pod_was_lost_and_ends_with_the_session(
    ann: Visitor, installation: Installation
) -> None:
    cluster = installation.cluster
    page = opened(ann)
    (pod,) = shells(cluster)
    cluster.kubectl("-n", SHELLS, "delete", pod, "--wait=true")
    expect(page.get_by_text("The terminal ended")).to_be_visible()
    page.get_by_role("button", name="Connect again").click()
    expect(screen(page)).to_contain_text("kubectl:", timeout=STARTS)
    page.keyboard.type("echo $((40+2))\n")
    expect(screen(page)).to_contain_text("42")
    page.evaluate("fetch('/platform/v1/logout', {method: 'POST'})")
    eventually(lambda: not shells(cluster), "the shell's end with its session")


def test_one_that_cannot_start_says_why(ann: Visitor, installation: Installation) -> None:
    """With the answer of a cluster whose registry lacks the image: here it is there."""
    message = "the image kubectl:1.36 can't be pulled (ErrImagePull)"
    ann.page.route("**/me/shell", lambda route: route.fulfill(json={"state": "Starting", "message": message}))
    page = ann.go(f"{PROJECT}/deployments")
    page.keyboard.press("Control+k")
    page.keyboard.type("kubectl")
    page.get_by_role("option", name="kubectl Terminal").click()
    expect(page.get_by_text(message)).to_be_visible()


@pytest.fixture
def olga(installation: Installation, data_dirs: Path) -> Cluster:
    """The command line of an operator of the project."""
    config = data_dirs / "home-console-olga/config.json"
    return replace(installation.cluster, environment={"ARMILLARY_CONFIG": str(config)})


def test_by_the_command_line_what_is_piped_in_is_run(olga: Cluster) -> None:
    given = "kubectl get deployments -o name; ls /no/such; exit 7\n"
    done = olga.run("armillary", "shell", "open", "-n", NAMESPACE, stdin=given, check=False)
    assert done.returncode == 7, done.stderr
    assert "deployment.apps/storefront" in done.stdout
    assert "/no/such" in done.stderr
    assert "Ready" in olga.armillary("shell", "show").stdout
    refused = olga.armillary("shell", "open", "--cluster", "nowhere", check=False)
    assert refused.returncode == 2
    assert "nowhere" in refused.stderr
    olga.armillary("shell", "end")
    assert "Absent" in olga.armillary("shell", "show").stdout


def test_by_the_command_line_it_is_a_terminal(olga: Cluster) -> None:
    """On a pseudo-terminal, as a person has one."""
    types = "stty size; kubectl config view --minify -o 'jsonpath={..namespace}'; exit 5\n"
    code, said = at_terminal(olga, "armillary", "shell", "open", "-n", NAMESPACE, types=[("", types)])
    assert code == 5, said
    assert NAMESPACE in said
    olga.armillary("shell", "end")
