"""What a request to a Kubernetes API is about."""

import pytest

from armillary.base.errors import BadRequest, NotFound
from armillary.platform.frame.kube_path import Subject, split, subject_of


@pytest.mark.parametrize(
    ("method", "path", "query", "wanted"),
    [
        ("GET", "/api/v1/pods", "", Subject("list", "", "pods")),
        ("GET", "/api/v1/pods", "watch=1", Subject("watch", "", "pods", is_stream=True)),
        ("GET", "/api/v1/pods", "watch", Subject("watch", "", "pods", is_stream=True)),
        ("GET", "/api/v1/pods", "watch=false", Subject("list", "", "pods")),
        ("HEAD", "/api/v1/namespaces/a/pods/b", "", Subject("get", "", "pods", "", "a", "b")),
        ("POST", "/apis/apps/v1/namespaces/a/deployments", "", Subject("create", "apps", "deployments", "", "a")),
        ("PUT", "/api/v1/nodes/n/status", "", Subject("update", "", "nodes", "status", "", "n")),
        ("PATCH", "/api/v1/namespaces/a", "", Subject("patch", "", "namespaces", "", "a", "a")),
        ("PUT", "/api/v1/namespaces/a/finalize", "", Subject("update", "", "namespaces", "finalize", "a", "a")),
        ("DELETE", "/api/v1/namespaces/a/pods", "", Subject("deletecollection", "", "pods", "", "a")),
        ("POST", "/api/v1/namespaces/a/pods", "dryRun=All", Subject("create", "", "pods", "", "a", is_dry=True)),
        ("GET", "/api/v1/namespaces/a/pods/b/log", "follow=true",
         Subject("get", "", "pods", "log", "a", "b", is_stream=True)),
        ("POST", "/api/v1/namespaces/a/pods/b/exec", "command=a",
         Subject("create", "", "pods", "exec", "a", "b", is_stream=True)),
        ("GET", "/api/v1/namespaces/a/services/b/proxy/x/y", "", Subject("get", "", "services", "proxy", "a", "b")),
        ("GET", "/api/v1/proxy/namespaces/a/services/b/x", "", Subject("get", "", "services", "proxy", "a", "b")),
        ("GET", "/api/v1/watch/namespaces/a/pods", "", Subject("watch", "", "pods", "", "a", is_stream=True)),
        ("GET", "/version", "", Subject("get")),
        ("GET", "/apis/apps", "", Subject("get")),
        ("GET", "/api/v1", "", Subject("list")),
        ("POST", "/healthz", "", Subject("post")),
    ],
)  # fmt: skip
def test_subjects(method: str, path: str, query: str, wanted: Subject) -> None:
    assert subject_of(method, path, query.encode()) == wanted


@pytest.mark.parametrize(
    ("method", "path", "is_noted"),
    [
        ("POST", "/api/v1/namespaces/a/pods", True),
        ("GET", "/api/v1/namespaces/a/pods/b/exec", True),
        ("GET", "/api/v1/namespaces/a/pods/b/attach", True),
        ("GET", "/api/v1/namespaces/a/pods/b/portforward", True),
        ("POST", "/api/v1/namespaces/a/services/b/proxy/", True),
        ("GET", "/api/v1/namespaces/a/services/b/proxy/", False),
        ("GET", "/api/v1/namespaces/a/pods/b/log", False),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", False),
        ("POST", "/apis/authentication.k8s.io/v1/tokenreviews", False),
        ("POST", "/version", False),
        ("DELETE", "/api/v1/nodes/a", True),
    ],
)
def test_deeds(method: str, path: str, is_noted: bool) -> None:
    assert subject_of(method, path, b"").is_noted is is_noted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/clusters/host/api", ("host", "/api")),
        ("/clusters/a-1/apis/a.io/v1/things/system:y", ("a-1", "/apis/a.io/v1/things/system:y")),
        ("/clusters/host/api/v1/namespaces/x/services/https:web:/proxy/", (
            "host", "/api/v1/namespaces/x/services/https:web:/proxy/",
        )),
        ("/clusters/host/api/v1/namespaces/x/services/web/proxy/a%20b...c", (
            "host", "/api/v1/namespaces/x/services/web/proxy/a%20b...c",
        )),
    ],
)  # fmt: skip
def test_paths(path: str, wanted: tuple[str, str]) -> None:
    assert split(path) == wanted


@pytest.mark.parametrize("path", ["/clusters/", "/clusters/x", "/clusters/x/", "/clusters/x/debug", "/clusters/-/api"])
def test_paths_that_are_not_there(path: str) -> None:
    with pytest.raises(NotFound):
        split(path)


@pytest.mark.parametrize(
    "rest",
    ["..", "%2e.", "%2E%2e", ".", "a/../b", "a//b", "a%2Fb", "a%5cb", "a\\b", "a b", "a%00", "%252e%252e", "a%252f",
     "a?b", "a#b", "\xff"],
)  # fmt: skip
def test_paths_that_lead_elsewhere(rest: str) -> None:
    with pytest.raises(BadRequest):
        split(f"/clusters/x/api/{rest}/pods")
