"""The map of a project: what leads to what, kept up to date, usable with five hundred things and without a mouse."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.e2e.console.conftest import NAMESPACE, PROJECT, Installation
from tests.harness.browser import Visitor

CROWD = "crowd"
APPLICATIONS = 100
APPLICATION = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{n:03}, namespace: crowd}}
spec:
  replicas: 0
  selector: {{matchLabels: {{app: app-{n:03}}}}}
  template:
    metadata: {{labels: {{app: app-{n:03}}}}}
    spec:
      containers: [{{name: app, image: "busybox:1.35", envFrom: [{{configMapRef: {{name: app-{n:03}}}}}]}}]
      volumes: [{{name: keys, secret: {{secretName: app-{n:03}}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: app-{n:03}, namespace: crowd}}
spec: {{selector: {{app: app-{n:03}}}, ports: [{{port: 80}}]}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: app-{n:03}, namespace: crowd}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Mi}}}}}}
"""


@pytest.fixture(scope="module")
def crowd(installation: Installation) -> Iterator[str]:
    """A namespace of five hundred things; the config maps and secrets are named and missing."""
    cluster = installation.cluster
    cluster.kubectl("create", "namespace", CROWD)
    cluster.apply("---".join(APPLICATION.format(n=n) for n in range(APPLICATIONS)))
    yield CROWD
    cluster.kubectl("delete", "namespace", CROWD, "--wait=false")


def test_what_leads_to_what_is_drawn_and_opens(admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/topology")
    expect(page.get_by_role("button", name="storefront shop.example · Route")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^typo 0.1 · Deployment Failing"))).to_be_visible()
    page.get_by_role("button", name="storefront 2/2 · Deployment Healthy").click()
    panel = page.get_by_role("complementary", name="storefront")
    expect(panel).to_contain_text("nginx:stable")
    panel.get_by_role("button", name="Close", exact=True).click()
    expect(panel).to_have_count(0)


def test_pods_fold_into_their_workload(admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/topology")
    pods = page.get_by_role("button", name=re.compile("^storefront-.*Pod"))
    expect(pods).to_have_count(2)
    page.get_by_role("button", name="Pods of storefront: 2 pods").click()
    expect(pods).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^cart-0 .*Pod"))).to_be_visible()
    page.get_by_role("button", name="Pods of storefront: 2 pods").click()
    expect(pods).to_have_count(2)


def test_filters_leave_what_fits_and_its_neighbours(admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/topology?kinds=services")
    expect(page.get_by_role("button", name="storefront ClusterIP · Service")).to_be_visible()
    expect(page.get_by_role("button", name="storefront shop.example · Route")).to_be_visible()
    expect(page.get_by_role("button", name="· Pod")).to_have_count(0)
    page = admin.go(f"{PROJECT}/topology")
    page.get_by_role("button", name="Failing", exact=False).first.click()
    expect(page.get_by_role("button", name=re.compile("^typo .*Deployment"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^cart .*Stateful set"))).to_have_count(0)
    page.get_by_role("textbox", name="Filter").fill("nothing of the kind")
    page.get_by_role("button", name="Clear the filter").click()
    expect(page.get_by_role("button", name=re.compile("^cart .*Stateful set"))).to_be_visible()


def test_the_list_tells_the_same(admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/topology")
    page.get_by_text("List", exact=True).click()
    row = page.get_by_role("row").filter(has_text="shop.example")
    expect(row).to_contain_text("Service storefront")
    assert admin.violations() == []


def test_the_map_follows_what_happens(admin: Visitor, installation: Installation) -> None:
    page = admin.go(f"{PROJECT}/topology")
    cluster = installation.cluster
    cluster.kubectl("-n", NAMESPACE, "create", "service", "clusterip", "newcomer", "--tcp=80")
    expect(page.get_by_role("button", name=re.compile("^newcomer .*Service"))).to_be_visible()
    cluster.kubectl("-n", NAMESPACE, "delete", "service", "newcomer")
    expect(page.get_by_role("button", name=re.compile("^newcomer .*Service"))).to_have_count(0)


def test_five_hundred_things_fit_and_are_found_by_keyboard(admin: Visitor, crowd: str) -> None:
    page = admin.go(f"/c/host/topology?ns={crowd}")
    things = page.locator(".react-flow__node")
    expect(things).to_have_count(5 * APPLICATIONS)
    viewport = page.locator(".react-flow__viewport")
    before = viewport.get_attribute("style")
    page.get_by_role("region", name="Map").focus()
    page.keyboard.press("ArrowRight")
    expect(viewport).not_to_have_attribute("style", before or "")
    page.keyboard.press("0")
    expect(viewport).to_have_attribute("style", before or "")
    page.get_by_role("textbox", name="Filter").fill("app-042")
    expect(things).to_have_count(5)
    found = page.get_by_role("button", name=re.compile("^app-042 .*Service"))
    found.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="app-042")).to_be_visible()
