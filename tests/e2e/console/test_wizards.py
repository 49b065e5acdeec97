"""Objects are created and edited by forms beside their YAML, after the server was asked what it says."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.console.conftest import NAMESPACE, PASSWORD, PROJECT, Installation
from tests.harness.browser import Visitor, visiting
from tests.harness.cluster import Cluster

IMAGE = "library/nginx:latest"


def found(cluster: Cluster, *what: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(cluster.kubectl("-n", NAMESPACE, "get", *what, "-o", "json"))
    return answer


def step(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Steps").get_by_role("button", name=name).click()


def yaml(page: Page) -> Any:
    return page.get_by_role("textbox", name="YAML of what is made")


def begin(visitor: Visitor, name: str) -> Page:
    page = visitor.go(f"{PROJECT}/deployments/create")
    page.get_by_role("textbox", name="Name").first.fill(name)
    step(page, "Containers")
    page.get_by_role("combobox", name="Image").fill(IMAGE)
    page.keyboard.press("Escape")
    return page


def test_a_deployment_with_its_service_and_route(admin: Visitor, installation: Installation) -> None:
    page = begin(admin, "made")
    expect(page.get_by_text("Runs as root.")).to_be_visible()
    page.get_by_text("Ports", exact=True).click()
    page.get_by_role("button", name="Add a port").click()
    page.get_by_role("button", name="Next: Network").click()
    page.get_by_role("switch", name="Also create a service").click(force=True)
    page.get_by_role("switch", name="Also create a route").click(force=True)
    page.get_by_role("textbox", name="Host").fill("made.example.org")
    step(page, "Review")
    expect(page.get_by_text("Will be created")).to_have_count(3)
    expect(page.locator("pre").filter(has_text="kubectl create -f -")).to_be_visible()
    assert not admin.violations()
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url(re.compile(f"{PROJECT}/deployments/made"))
    items = found(installation.cluster, "deployment/made", "service/made", "ingress/made")["items"]
    workload, service, route = (item["spec"] for item in items)
    assert service["selector"] == workload["selector"]["matchLabels"]
    assert service["ports"][0]["targetPort"] == workload["template"]["spec"]["containers"][0]["ports"][0]["name"]
    assert route["rules"][0]["http"]["paths"][0]["backend"]["service"] == {"name": "made", "port": {"number": 8080}}


def test_form_and_text_say_the_same(admin: Visitor) -> None:
    page = begin(admin, "both")
    expect(yaml(page)).to_contain_text("image: library/nginx:latest")
    text = "\n".join(yaml(page).locator(".cm-line").all_inner_texts())
    text = text.replace("replicas: 1", "replicas: 4 # for the sale")
    yaml(page).fill(text)
    step(page, "Placement")
    replicas = page.get_by_role("textbox", name="Replicas")
    expect(replicas).to_have_value("4")
    replicas.fill("5")
    expect(yaml(page)).to_contain_text("replicas: 5 # for the sale")
    yaml(page).fill("kind: [")
    expect(page.get_by_role("alert")).to_contain_text("cannot be read")
    yaml(page).fill(text)
    expect(replicas).to_have_value("4")


def test_what_the_server_refuses_stands_at_its_field(admin: Visitor) -> None:
    page = begin(admin, "refused")
    page.get_by_role("textbox", name="Container name").fill("Not A Name")
    expect(page.get_by_text("The server objects")).to_be_visible()
    expect(page.get_by_role("textbox", name="Container name")).to_have_attribute("aria-invalid", "true")
    step(page, "Review")
    expect(page.get_by_role("button", name="Create", exact=True)).to_be_disabled()
    page.get_by_role("button", name="spec.template.spec.containers[0].name").click()
    expect(page.get_by_role("heading", name="Containers", level=2)).to_be_visible()


def test_leaving_asks_and_a_draft_is_kept(admin: Visitor) -> None:
    page = begin(admin, "draft")
    page.get_by_role("link", name="Services", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Keep the draft").click()
    page.wait_for_url(re.compile(f"{PROJECT}/services"))
    page = admin.go(f"{PROJECT}/deployments/create")
    expect(page.get_by_role("textbox", name="Name").first).to_have_value("draft")
    page.get_by_role("button", name="Start anew").click()
    expect(page.get_by_role("textbox", name="Name").first).to_have_value("")


def test_a_secret_is_not_left_in_the_browser(admin: Visitor, installation: Installation) -> None:
    page = admin.go(f"{PROJECT}/secrets/create")
    page.get_by_role("textbox", name="Name").first.fill("login")
    step(page, "Values")
    page.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="User name and password").click()
    page.get_by_role("textbox", name="User name").fill("ann")
    page.get_by_role("textbox", name="Password").fill("hush")
    assert "hush" not in page.evaluate("() => JSON.stringify({ ...sessionStorage, ...localStorage })")
    step(page, "Review")
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url(re.compile(f"{PROJECT}/secrets/login"))
    secret = found(installation.cluster, "secret/login")
    assert (secret["type"], secret["data"]["password"]) == ("kubernetes.io/basic-auth", "aHVzaA==")


def test_an_edit_is_not_written_over_anothers(admin: Visitor, installation: Installation) -> None:
    page = admin.go(f"{PROJECT}/configmaps/create")
    page.get_by_role("textbox", name="Name").first.fill("edited")
    step(page, "Review")
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url(re.compile(f"{PROJECT}/configmaps/edited"))
    page.get_by_role("button", name="Edit settings").click()
    page.wait_for_url(re.compile(f"{PROJECT}/configmaps/edited/edit"))
    step(page, "Data")
    page.get_by_role("button", name="Add an entry").click()
    page.get_by_role("textbox", name="Key").fill("mine")
    page.get_by_role("textbox", name="Value").fill("1")
    step(page, "Review")
    expect(page.get_by_role("region", name="Difference")).to_contain_text("mine")
    theirs = json.dumps({"data": {"theirs": "2"}})
    installation.cluster.kubectl("-n", NAMESPACE, "patch", "configmap", "edited", "--type=merge", "-p", theirs)
    page.get_by_role("button", name="Save").click()
    told = page.get_by_role("alert", name="It has been changed meanwhile")
    expect(told).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(told).to_have_count(0)
    expect(page.get_by_role("region", name="Difference")).to_contain_text("theirs")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(f"{PROJECT}/configmaps/edited$"))
    assert found(installation.cluster, "configmap/edited")["data"] == {"mine": "1", "theirs": "2"}


@pytest.mark.parametrize("kind", ["services", "ingresses", "persistentvolumeclaims", "networkpolicies", "limitranges"])
def test_forms_keep_the_accessibility_rules(kind: str, admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/{kind}/create")
    page.get_by_role("textbox", name="Name").first.fill("accessible")
    page.get_by_role("button", name="Next").click()
    assert not admin.violations()
    assert not admin.overflow()


def test_a_viewer_is_told_why_nothing_can_be_created(browser: Browser) -> None:
    with visiting(browser) as vera:
        vera.sign_in("vera", PASSWORD)
        page = begin(vera, "forbidden")
        step(page, "Review")
        expect(page.get_by_role("button", name="Create", exact=True)).to_be_disabled()
