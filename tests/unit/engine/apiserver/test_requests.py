"""Paths, queries, media types and selectors: what a request asks for."""

from typing import Any

import pytest

from armillary.base.errors import BadRequest, Invalid, NotAcceptable
from armillary.engine.apiserver.negotiation import Shape, Wanted, wanted
from armillary.engine.apiserver.options import delete_options, list_options, write_options
from armillary.engine.apiserver.registry import table_of, version_rank
from armillary.engine.apiserver.routes import Target, query_of, target_of, verb_of
from armillary.engine.apiserver.selection import selection_of
from armillary.engine.kinds.registry import BUILT_IN
from armillary.engine.kinds.resource import Resource
from armillary.engine.store.port import Entry, Key


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/pods", Target("", "v1", "pods")),
        ("/api/v1/namespaces/x/pods/p", Target("", "v1", "pods", "x", "p")),
        ("/api/v1/namespaces/x/pods/p/log", Target("", "v1", "pods", "x", "p", "log")),
        ("/api/v1/namespaces/x/services/s:80/proxy/a/b/", Target("", "v1", "services", "x", "s:80", "proxy", "a/b/")),
        ("/api/v1/namespaces", Target("", "v1", "namespaces")),
        ("/api/v1/namespaces/x", Target("", "v1", "namespaces", "x", "x")),
        ("/api/v1/namespaces/x/finalize", Target("", "v1", "namespaces", "x", "x", "finalize")),
        ("/apis/apps/v1/namespaces/x/deployments/a%3Ab", Target("apps", "v1", "deployments", "x", "a:b")),
        ("/apis/apps/v1/watch/deployments", Target("apps", "v1", "deployments", watch=True)),
        ("/api/v1", None),
        ("/apis/apps", None),
        ("/healthz", None),
        ("/api/v1/watch", None),
    ],
)
def test_paths_name_resources(path: str, target: Target | None) -> None:
    assert target_of(path) == target


@pytest.mark.parametrize(
    ("method", "path", "query", "verb"),
    [
        ("GET", "/api/v1/pods", b"", "list"),
        ("GET", "/api/v1/pods", b"watch=true", "watch"),
        ("GET", "/api/v1/pods", b"watch=0", "list"),
        ("GET", "/api/v1/watch/pods", b"", "watch"),
        ("HEAD", "/api/v1/namespaces/x/pods/p", b"", "get"),
        ("GET", "/api/v1/namespaces/x/pods/p", b"watch=1", "watch"),
        ("GET", "/api/v1/namespaces/x/pods/p/log", b"watch=1", "get"),
        ("DELETE", "/api/v1/namespaces/x/pods", b"", "deletecollection"),
        ("DELETE", "/api/v1/namespaces/x/pods/p", b"", "delete"),
        ("POST", "/api/v1/namespaces/x/pods", b"", "create"),
        ("PUT", "/api/v1/namespaces/x/pods/p", b"", "update"),
        ("PATCH", "/api/v1/namespaces/x/pods/p", b"", "patch"),
        ("TRACE", "/api/v1/pods", b"", ""),
    ],
)
def test_methods_are_verbs(method: str, path: str, query: bytes, verb: str) -> None:
    target = target_of(path)
    assert target is not None
    assert verb_of(method, target, query_of(query)) == verb


TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("", Wanted()),
        ("*/*", Wanted()),
        ("application/vnd.kubernetes.protobuf,application/json", Wanted()),
        ("application/json;q=0.5, application/yaml", Wanted(yaml=True)),
        (f"{TABLE},application/json", Wanted(Shape.TABLE, "v1")),
        ("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", Wanted()),
        ("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json", Wanted()),
    ],
)
def test_the_first_form_that_can_be_given_is_given(accept: str, found: Wanted) -> None:
    assert wanted(accept, frozenset({Shape.TABLE})) == found


@pytest.mark.parametrize("accept", ["text/html", "application/vnd.kubernetes.protobuf", "application/json;as=Foo"])
def test_forms_that_can_not_be_given_are_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="only the following media types are accepted"):
        wanted(accept, frozenset())


PODS = Resource("", "v1", "Pod", "pods", "", selectable=("spec.nodeName",))
ENTRY = Entry(Key("pods", "x", "p"), 1, b"", {"app": "web"}, {"spec.nodeName": "n"})


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({}, True),
        ({"labelSelector": ["app=web"]}, True),
        ({"labelSelector": ["app!=web"]}, False),
        ({"fieldSelector": ["spec.nodeName=n,metadata.name=p"]}, True),
        ({"fieldSelector": ["spec.nodeName!=n"]}, False),
        ({"fieldSelector": ["metadata.namespace=y"]}, False),
    ],
)
def test_selections(query: dict[str, list[str]], matches: bool) -> None:
    assert selection_of(query, PODS).matches(ENTRY) is matches


@pytest.mark.parametrize(
    "query", [{"fieldSelector": ["spec.foo=1"]}, {"labelSelector": ["a in ("]}, {"fieldSelector": ["nonsense"]}]
)
def test_selectors_that_can_not_be_used_are_refused(query: dict[str, list[str]]) -> None:
    with pytest.raises(BadRequest):
        selection_of(query, PODS)


def test_a_name_in_the_path_selects_it() -> None:
    assert selection_of({}, PODS, "p").matches(ENTRY)
    with pytest.raises(BadRequest, match="doesn't match requested name"):
        selection_of({"fieldSelector": ["metadata.name=q"]}, PODS, "p")


@pytest.mark.parametrize(
    ("query", "watch", "fault"),
    [
        ({"resourceVersionMatch": ["Exact"]}, False, "forbidden unless resourceVersion is provided"),
        ({"resourceVersionMatch": ["Exact"], "resourceVersion": ["0"]}, False, 'forbidden for resourceVersion "0"'),
        ({"resourceVersionMatch": ["x"], "resourceVersion": ["1"]}, False, "Unsupported value"),
        ({"sendInitialEvents": ["true"]}, False, "forbidden for list"),
        ({"sendInitialEvents": ["true"]}, True, "requires setting resourceVersionMatch to NotOlderThan"),
        ({"resourceVersionMatch": ["NotOlderThan"]}, True, "forbidden for watch unless sendInitialEvents"),
        ({"resourceVersion": ["abc"]}, False, "invalid syntax"),
    ],
)
def test_list_options_that_contradict_each_other_are_refused(query: Any, watch: bool, fault: str) -> None:
    with pytest.raises(Invalid, match=fault):
        list_options(query, watch=watch)


def test_numbers_must_be_numbers() -> None:
    with pytest.raises(BadRequest, match="invalid syntax"):
        list_options({"limit": ["many"]}, watch=False)


@pytest.mark.parametrize("query", [{"dryRun": ["Some"]}, {"fieldValidation": ["Lax"]}, {"fieldManager": ["x" * 200]}])
def test_write_options_are_checked(query: Any) -> None:
    with pytest.raises(Invalid, match=r"CreateOptions\.meta\.k8s\.io"):
        write_options(query, "CreateOptions")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"propagationPolicy":"Sideways"}', Invalid),
        (b'{"propagationPolicy":"Orphan","orphanDependents":true}', Invalid),
        (b'{"dryRun":["x"]}', Invalid),
        (b'{"gracePeriodSeconds":"1"}', BadRequest),
        (b'{"preconditions":{"uid":1}}', BadRequest),
        (b'{"kind":"Pod"}', BadRequest),
        (b"[]", BadRequest),
        (b"{", BadRequest),
    ],
)
def test_delete_options_are_checked(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        delete_options(body, "application/json", {})


def test_delete_options_come_from_the_query_too() -> None:
    found = delete_options(b"", "", {"gracePeriodSeconds": ["3"], "propagationPolicy": ["Orphan"]})
    assert (found.grace_seconds, found.propagation) == (3, "Orphan")


def test_versions_are_ranked_as_kubernetes_ranks_them() -> None:
    ranked = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"]
    assert sorted({*ranked}, key=version_rank) == ranked


def test_events_are_stored_as_the_core_groups() -> None:
    table = table_of(BUILT_IN)
    assert table.paths["events.k8s.io", "v1", "events"].stored.name == "events"
    assert table.names["horizontalpodautoscalers.autoscaling"].resource.version == "v2"
