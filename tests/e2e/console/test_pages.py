"""Every page, in both languages, light and dark, narrow and wide: nothing fails, sticks out or keeps anybody out.

With ARMILLARY_SCREENSHOTS=DIR a picture of each is kept there (`make screenshots`).
"""

import pytest
from playwright.sync_api import Browser
from tests.e2e.console.conftest import NAMESPACE, PASSWORD, PROJECT
from tests.harness.browser import Visitor, screenshots_dir, visiting

NODE = "node-1"  # as the tests' clusters name it
KINDS = (
    "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs", "pods", "services", "ingresses", "configmaps",
    "secrets", "serviceaccounts", "persistentvolumeclaims", "networkpolicies", "horizontalpodautoscalers", "events",
)  # fmt: skip
CLUSTER_KINDS = (
    "nodes", "namespaces", "persistentvolumes", "storageclasses", "customresourcedefinitions", "resourcequotas", "pods",
)  # fmt: skip
WORKSPACE_PAGES = (
    "projects", "devops", "members", "roles", "roles/create", "departments", "quota", "network", "audit", "settings",
)  # fmt: skip
PROJECT_PAGES = (
    "topology",
    "topology?view=list",
    "members",
    "roles",
    "quota",
    "network",
    "audit",
    "recyclebin",
    "settings",
)
PLATFORM_PAGES = (
    "workspaces", "clusters", "users", "users/ann", "identity", "identity/create", "roles", "roles/create", "members",
    "audit",
)  # fmt: skip
MY_TABS = ("password", "sessions", "tokens", "applications", "kubeconfig", "logins")
TABS = ("events", "yaml", "revisions", "environment", "history")
STEPS = ("containers", "storage", "network", "placement", "review")
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
    **{f"deployment-{tab}": f"{PROJECT}/deployments/storefront?tab={tab}" for tab in TABS},
    "deployment-edit": f"{PROJECT}/deployments/storefront/edit",
    "workspace": "/w/shop",
    **{f"workspace-{page}": f"/w/shop/{page}" for page in WORKSPACE_PAGES},
    "project": PROJECT,
    **{f"project-{page}": f"{PROJECT}/{page}" for page in PROJECT_PAGES},
    "cluster": "/c/host",
    **{f"cluster-{page}": f"/c/host/{page}" for page in ("topology", "members", "roles", "recyclebin")},
    **{f"platform-{page}": f"/platform/{page}" for page in PLATFORM_PAGES},
    "me": "/me",
    **{f"me-{tab}": f"/me?tab={tab}" for tab in MY_TABS},
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
    **{f"create-deployment-{step}": f"{PROJECT}/deployments/create?step={step}" for step in STEPS},
    "missing": "/no/such/page",
}
# Contrast is the theme's, lengths are the language's: two looks show both. Pictures are taken of all four.
LOOKS = [("en", "light"), ("zh", "dark")]
if screenshots_dir() is not None:
    LOOKS += [("en", "dark"), ("zh", "light")]
WIDTHS = (390, 1280, 1920, 2560, 1440)  # the last one is where the next page begins
HEIGHT = 900


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
        page.screenshot(path=directory / f"{name.replace('/', '-')}-{'-'.join(look)}.png")
    assert not visitor.violations()
    assert not visitor.overflow()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert not visitor.overflow(), width
