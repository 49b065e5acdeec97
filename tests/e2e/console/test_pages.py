"""Every page, in both languages, light and dark: nothing fails, sticks out or keeps anybody out.

With ARMILLARY_SCREENSHOTS=DIR a picture of each is kept there (`make screenshots`).
"""

import pytest
from playwright.sync_api import Browser
from tests.e2e.console.conftest import NAMESPACE, PASSWORD
from tests.harness.browser import Visitor, screenshots_dir, visiting

NODE = "node-1"  # as the tests' clusters name it
PROJECT = "/w/shop/c/host/p/web"
KINDS = (
    "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs", "pods", "services", "ingresses", "configmaps",
    "secrets", "serviceaccounts", "persistentvolumeclaims", "networkpolicies", "horizontalpodautoscalers", "events",
)  # fmt: skip
CLUSTER_KINDS = (
    "nodes", "namespaces", "persistentvolumes", "storageclasses", "customresourcedefinitions", "resourcequotas", "pods",
)  # fmt: skip
WORKSPACE_PAGES = ("projects", "devops", "members", "roles", "quota", "network", "audit", "settings")
PROJECT_PAGES = ("members", "roles", "quota", "network", "audit", "recyclebin", "settings")
PLATFORM_PAGES = ("workspaces", "clusters", "users", "roles", "members", "audit")
FORMS = (
    "deployments", "statefulsets", "cronjobs", "services", "ingresses", "configmaps", "secrets",
    "persistentvolumeclaims", "networkpolicies",
)  # fmt: skip
PAGES = {
    "home": "/home",
    **{f"project-{kind}": f"{PROJECT}/{kind}" for kind in KINDS},
    **{f"cluster-{kind}": f"/c/host/{kind}" for kind in CLUSTER_KINDS},
    "panel": f"{PROJECT}/deployments?open={NAMESPACE}/storefront",
    "deployment": f"{PROJECT}/deployments/storefront",
    "deployment-broken": f"{PROJECT}/deployments/typo",
    "deployment-events": f"{PROJECT}/deployments/storefront?tab=events",
    "deployment-yaml": f"{PROJECT}/deployments/storefront?tab=yaml",
    "workspace": "/w/shop",
    **{f"workspace-{page}": f"/w/shop/{page}" for page in WORKSPACE_PAGES},
    "project": PROJECT,
    **{f"project-{page}": f"{PROJECT}/{page}" for page in PROJECT_PAGES},
    "cluster": "/c/host",
    **{f"cluster-{page}": f"/c/host/{page}" for page in ("members", "roles", "recyclebin")},
    **{f"platform-{page}": f"/platform/{page}" for page in PLATFORM_PAGES},
    "me": "/me",
    "deployment-revisions": f"{PROJECT}/deployments/storefront?tab=revisions",
    "deployment-environment": f"{PROJECT}/deployments/storefront?tab=environment",
    "pod": f"{PROJECT}/pods/cart-0",
    **{f"create-{kind}": f"{PROJECT}/{kind}/create" for kind in FORMS},
    "service": f"{PROJECT}/services/storefront",
    "service-silent": f"{PROJECT}/services/lonely",
    "route": f"{PROJECT}/ingresses/storefront",
    "secret": f"{PROJECT}/secrets/storefront-tls",
    "configmap": f"{PROJECT}/configmaps/settings",
    "serviceaccount": f"{PROJECT}/serviceaccounts/default",
    "claim": f"{PROJECT}/persistentvolumeclaims/uploads",
    "networkpolicy": f"{PROJECT}/networkpolicies/ledger-only",
    "project-customresources": f"{PROJECT}/customresources",
    "node": f"/c/host/nodes/{NODE}",
    "storageclass": "/c/host/storageclasses/local-path",
    "namespace": f"/c/host/namespaces/{NAMESPACE}",
    "cluster-customresources": "/c/host/customresources",
    "definition": "/c/host/customresourcedefinitions/projects.tenancy.armillary.io",
    "missing": "/no/such/page",
}
LOOKS = [(language, theme) for language in ("en", "zh") for theme in ("light", "dark")]


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: "-".join(look))
def visitor(request: pytest.FixtureRequest, browser: Browser):  # type: ignore[no-untyped-def]
    language, theme = request.param
    with visiting(browser, language=language, theme=theme) as found:
        found.sign_in("admin", PASSWORD)
        yield found


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, visitor: Visitor, request: pytest.FixtureRequest) -> None:
    page = visitor.go(PAGES[name])
    assert not visitor.faults, visitor.faults
    if (directory := screenshots_dir()) is not None:
        look = request.node.callspec.params["visitor"]
        page.screenshot(path=directory / f"{name}-{'-'.join(look)}.png")
    assert not visitor.violations()
    assert not visitor.overflow()


@pytest.mark.parametrize("width", [390, 1280, 1920, 2560])
def test_pages_hold_at_every_width(width: int, browser: Browser) -> None:
    with visiting(browser, language="zh", width=width) as visitor:
        visitor.sign_in("admin", PASSWORD)
        for path in PAGES.values():
            visitor.go(path)
            assert not visitor.overflow(), path
