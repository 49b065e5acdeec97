"""What the console shows and offers for kinds that are no workloads: told as the cluster is, changed as asked."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.console.conftest import NAMESPACE, PASSWORD, PROJECT, Installation
from tests.e2e.console.test_pages import NODE
from tests.harness.browser import Visitor, visiting
from tests.harness.cluster import Cluster, eventually

THINGS = Path(__file__).with_name("objects.yaml")
BACKUP = {
    "apiVersion": "example.org/v1",
    "kind": "Backup",
    "metadata": {"name": "nightly", "namespace": NAMESPACE},
    "spec": {"schedule": "0 3 * * *"},
}


@pytest.fixture(scope="module")
def cluster(installation: Installation) -> Cluster:
    found = installation.cluster
    found.apply(THINGS.read_text())
    found.kubectl("wait", "--for=condition=Established", "crd/backups.example.org", "--timeout=60s")
    found.apply(json.dumps(BACKUP))
    settled(found)
    return found


def settled(cluster: Cluster) -> None:
    """A browser gives up what it is loading while network interfaces come and go, as they do with pods."""
    for what in ("daemonset/agent", "deployment/storefront", "statefulset/cart"):
        cluster.kubectl("-n", NAMESPACE, "rollout", "status", what, "--timeout=90s", timeout=120)
    cluster.kubectl("-n", NAMESPACE, "wait", "--for=condition=Ready", "pod/uploader", "--timeout=90s", timeout=120)


def got(cluster: Cluster, *what: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(cluster.kubectl("-n", NAMESPACE, "get", *what, "-o", "json"))
    return answer


def choose(page: Page, action: str) -> None:
    """One of the actions that stand in the menu."""
    page.get_by_role("button", name="Actions", exact=True).click()
    page.get_by_role("menuitem", name=action).click()


def card(page: Page, title: str) -> Any:
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_a_node_is_labelled_tainted_and_cordoned(admin: Visitor, cluster: Cluster) -> None:
    page = admin.go(f"/c/host/nodes/{NODE}")
    expect(card(page, "Capacity").get_by_role("meter", name="Pods")).to_be_visible()
    expect(card(page, "Pods").get_by_role("link", name="uploader")).to_be_visible()
    page.get_by_role("button", name="Edit labels").click()
    page.get_by_role("button", name="Add a label").click()
    page.get_by_placeholder("Key").last.fill("disk type")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_placeholder("Key").last.fill("disk-type")
    page.get_by_placeholder("Value").last.fill("ssd")
    page.get_by_role("button", name="Save").click()
    expect(card(page, "Details").get_by_text("disk-type=ssd")).to_be_visible()
    choose(page, "Edit taints")
    page.get_by_role("button", name="Add a taint").click()
    page.get_by_placeholder("Key").fill("slow")
    assert not admin.violations()
    page.get_by_role("button", name="Save").click()
    expect(card(page, "Node").get_by_text("slow:NoSchedule")).to_be_visible()
    choose(page, "Edit taints")
    page.get_by_role("button", name="Remove slow").click()
    page.get_by_role("button", name="Save").click()
    eventually(lambda: not got(cluster, "node", NODE)["spec"].get("taints") or None, "the taint to go")
    page.get_by_role("button", name="Cordon", exact=True).click()
    expect(page.get_by_text("Scheduling", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Uncordon").click()
    eventually(lambda: not got(cluster, "node", NODE)["spec"].get("unschedulable") or None, "the node to be open")


def test_a_node_is_drained_and_budgets_are_kept_to(admin: Visitor, cluster: Cluster) -> None:
    agent = got(cluster, "pods", "-l", "app=agent")["items"][0]["metadata"]["uid"]
    page = admin.go(f"/c/host/nodes/{NODE}")
    page.get_by_role("button", name="Drain").click()
    dialog = page.get_by_role("dialog")
    row = dialog.get_by_role("row")
    expect(row.filter(has_text="agent")).to_contain_text("Stays: of a daemon set")
    expect(row.filter(has_text="uploader")).to_contain_text("is not made again")
    begin = dialog.get_by_role("button", name="Drain")
    expect(begin).to_be_disabled()
    dialog.get_by_role("checkbox", name="These may be lost").check()
    assert not admin.violations()
    begin.click()
    expect(row.filter(has_text="storefront").filter(has_text="Held back")).to_have_count(2)
    expect(row.filter(has_text="uploader")).to_contain_text("Gone")
    dialog.get_by_role("button", name="Stop").click()
    dialog.get_by_role("button", name="Let pods come again").click()
    expect(dialog).to_have_count(0)
    node = got(cluster, "node", NODE)
    assert not node["spec"].get("unschedulable")
    assert got(cluster, "pods", "-l", "app=agent")["items"][0]["metadata"]["uid"] == agent
    cluster.apply(THINGS.read_text())  # the lone pod again
    settled(cluster)


def test_a_service_says_where_it_answers_and_who_does(admin: Visitor, cluster: Cluster) -> None:
    page = admin.go(f"{PROJECT}/services/storefront")
    expect(card(page, "Addresses").get_by_text(f"storefront.{NAMESPACE}.svc:80")).to_be_visible()
    expect(card(page, "Endpoints").get_by_text("Ready", exact=True)).to_have_count(2)
    page = admin.go(f"{PROJECT}/services/lonely")
    expect(card(page, "Endpoints").get_by_text("Nobody answers")).to_be_visible()
    expect(page.get_by_text("selects app=nobody, which no pod has")).to_be_visible()
    port = got(cluster, "service", "lonely")["spec"]["ports"][0]["nodePort"]
    expect(card(page, "Addresses").get_by_role("link", name=f":{port}")).to_have_attribute("target", "_blank")
    cluster.kubectl("-n", NAMESPACE, "set", "selector", "service/lonely", "app=cart")
    expect(card(page, "Endpoints").get_by_role("link", name="cart-0")).to_be_visible()
    expect(page.get_by_text("Nobody answers")).to_have_count(0)
    cluster.kubectl("-n", NAMESPACE, "set", "selector", "service/lonely", "app=nobody")


ENCODED = "Y29ycmVjdCBob3JzZQ=="  # of the password in things.yaml


def test_a_secrets_values_are_shown_one_by_one(admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/secrets/database")
    values = card(page, "Values")
    expect(values.get_by_role("row")).to_have_count(3)
    assert "correct horse" not in page.content()
    page.get_by_role("button", name="Show password").click()
    expect(values.get_by_text("correct horse")).to_be_visible()
    expect(values.get_by_label("Hidden")).to_have_count(1)
    page.get_by_role("button", name="Hide password").click()
    expect(values.get_by_text("correct horse")).to_have_count(0)
    page = admin.go(f"{PROJECT}/secrets/database?tab=yaml")
    yaml = page.get_by_role("textbox", name="YAML of database")
    expect(yaml).to_contain_text("password: ••••••••")
    expect(yaml).not_to_contain_text(ENCODED)
    page.get_by_role("checkbox", name="With its values").check()
    expect(yaml).to_contain_text(f"password: {ENCODED}")
    page = admin.go(f"{PROJECT}/secrets/storefront-tls")
    expect(card(page, "Certificates")).to_contain_text("shop.example.org, *.example.org")


def test_files_of_config_maps_are_kept(admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/configmaps/settings")
    expect(page.get_by_text("never out of stock")).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Download motto").click()
    assert Path(kept.value.path()).read_text() == "never out of stock"


def test_a_claim_grows_if_its_class_lets_it(admin: Visitor, cluster: Cluster) -> None:
    page = admin.go(f"{PROJECT}/persistentvolumeclaims/uploads")
    expect(card(page, "Connected with").get_by_role("link", name="uploader")).to_be_visible()
    page.get_by_role("button", name="Expand").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Its class does not let volumes grow")).to_be_visible()
    page.keyboard.press("Escape")
    cluster.kubectl("patch", "storageclass", "local-path", "--type=merge", "-p", '{"allowVolumeExpansion": true}')
    page = admin.go(f"{PROJECT}/persistentvolumeclaims/uploads")
    page.get_by_role("button", name="Expand").click()
    size = dialog.get_by_role("textbox", name="Size")
    size.fill("500Mi")
    expect(dialog.get_by_text("Volumes can grow only")).to_be_visible()
    size.fill("2Gi")
    dialog.get_by_role("button", name="Expand").click()
    expect(page.get_by_text("growing to 2Gi")).to_be_visible()


def test_another_class_becomes_the_default(admin: Visitor, cluster: Cluster) -> None:
    mark = "storageclass.kubernetes.io/is-default-class"

    def defaults() -> list[str]:
        classes = got(cluster, "storageclasses")["items"]
        return [c["metadata"]["name"] for c in classes if c["metadata"].get("annotations", {}).get(mark) == "true"]

    for name in ("spare", "local-path"):
        page = admin.go(f"/c/host/storageclasses/{name}")
        page.get_by_role("button", name="Make it the default").click()
        page.get_by_role("dialog").get_by_role("button", name="Make it the default").click()
        expect(page.get_by_role("button", name="No longer the default")).to_be_visible()
        assert defaults() == [name]


def test_a_network_policy_is_told_in_words(browser: Browser, language: str) -> None:
    told = {
        "en": "They may be reached on TCP 8080 by pods here with app=cart and addresses in 10.0.0.0/8 but not in "
        "10.1.0.0/16.",
        "zh": "此处带有 app=cart 标签的容器组和10.0.0.0/8 中的地址（10.1.0.0/16 除外）可以通过 TCP 8080 访问它们。",
    }
    with visiting(browser, language=language) as visitor:
        visitor.sign_in("admin", PASSWORD)
        page = visitor.go(f"{PROJECT}/networkpolicies/ledger-only")
        expect(page.get_by_text(told[language])).to_be_visible()


def test_custom_resources_are_shown_by_their_definition(admin: Visitor, cluster: Cluster) -> None:
    page = admin.go(f"{PROJECT}/customresources")
    page.get_by_role("link", name="Backup", exact=True).click()
    expect(page.get_by_role("columnheader", name="Schedule")).to_be_visible()
    patch = json.dumps({"status": {"lastRun": "2020-01-01T00:00:00Z"}})
    cluster.kubectl("-n", NAMESPACE, "patch", "backup", "nightly", "--subresource=status", "--type=merge", "-p", patch)
    expect(page.get_by_role("row").filter(has_text="nightly")).to_contain_text("days")
    page = admin.go(f"{PROJECT}/backups.example.org/nightly")
    expect(page.get_by_text("When it is made, as cron has it.")).to_be_visible()
    assert not admin.violations()
    page = admin.go("/c/host/customresourcedefinitions/backups.example.org")
    expect(card(page, "Backup").get_by_role("link", name="nightly")).to_be_visible()


def test_deleting_tells_first_what_else_goes(admin: Visitor) -> None:
    page = admin.go(f"{PROJECT}/deployments/storefront")
    choose(page, "Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("3 other objects go with it: 1 × Replica set, 2 × Pod")).to_be_visible()
    assert not admin.violations()
    dialog.get_by_role("button", name="Cancel").click()
    page = admin.go(f"{PROJECT}/persistentvolumeclaims/uploads")
    page.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("Pod uploader")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()


def test_a_viewer_makes_no_tokens(browser: Browser) -> None:
    with visiting(browser) as vera:
        vera.sign_in("vera", PASSWORD)
        page = vera.go(f"{PROJECT}/serviceaccounts/default")
        expect(page.get_by_role("button", name="Make a token")).to_be_disabled()


def test_what_helps_is_shown_and_done(admin: Visitor, cluster: Cluster) -> None:
    cluster.kubectl("-n", NAMESPACE, "patch", "cronjob", "nightly", "-p", '{"spec": {"suspend": true}}')
    page = admin.go(f"{PROJECT}/cronjobs/nightly")
    page.get_by_role("button", name="Do this").click()
    expect(page.get_by_role("region", name="Difference")).to_contain_text("suspend: false")
    page.get_by_role("dialog").get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_role("button", name="Do this")).to_have_count(0)
    assert not got(cluster, "cronjob", "nightly")["spec"]["suspend"]
