"""Create, update, patch and delete, with their answers as upstream gives them."""

from typing import Any

import orjson
import pytest
from tests.harness.apiserver import Api, Json, api, loads

from armillary.base.errors import Denied
from armillary.engine.apiserver.exchange import warning_header
from armillary.engine.apiserver.ports import AdmissionRequest

CONFIG_MAPS = "/api/v1/namespaces/x/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/x/deployments"
PODS = "/api/v1/namespaces/x/pods"


def config_map(name: str = "a", **rest: Any) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} | rest


def deployment(**spec: Any) -> Json:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    return {
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template} | spec,
    }


def pod(name: str = "p") -> Json:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "x"}]}}


async def test_a_created_object_is_completed_by_the_server(bare: Api) -> None:
    made = await bare.create(CONFIG_MAPS, config_map(data={"k": "v"}))
    meta = made["metadata"]
    assert (made["kind"], made["apiVersion"], made["data"]) == ("ConfigMap", "v1", {"k": "v"})
    assert (meta["name"], meta["namespace"]) == ("a", "x")
    assert meta["uid"]
    assert meta["creationTimestamp"].endswith("Z")
    assert await bare.get(f"{CONFIG_MAPS}/a") == made


async def test_what_only_the_server_says_is_not_taken_from_clients(bare: Api) -> None:
    forged = {"uid": "u", "creationTimestamp": "2001-01-01T00:00:00Z", "deletionTimestamp": "2001-01-01T00:00:00Z"}
    made = await bare.create(
        DEPLOYMENTS, deployment() | {"metadata": {"name": "web"} | forged, "status": {"replicas": 9}}
    )
    assert made["metadata"]["uid"] != "u"
    assert "deletionTimestamp" not in made["metadata"]
    assert made["status"] == {}
    assert made["metadata"]["generation"] == 1


async def test_names_are_generated(bare: Api) -> None:
    made = await bare.create(CONFIG_MAPS, {"metadata": {"generateName": "job-"}})
    assert made["metadata"]["name"].startswith("job-")
    assert len(made["metadata"]["name"]) == len("job-") + 5


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            config_map("A_b"),
            422,
            'ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123',
        ),
        ({}, 422, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'),
        (
            {"metadata": {"name": "a", "namespace": "y"}},
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        ({"metadata": {"name": "a", "resourceVersion": "3"}}, 400, "resourceVersion should not be set"),
        (config_map(data={"a": 1}), 400, 'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot'),
        (b"{", 400, "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind"),
        (config_map(data={"a": "x" * 1_600_000}), 422, 'ConfigMap "a" is invalid: []: Too long'),
        (config_map(data={"a": "x" * 4_000_000}), 413, "Request entity too large: limit is 3145728"),
    ],
)
async def test_bad_objects_are_refused(bare: Api, body: Any, code: int, message: str) -> None:
    before = bare.store.revision
    status = await bare.refused(code, "POST", CONFIG_MAPS, body)
    assert status["message"].startswith(message)
    assert status["code"] == code
    assert bare.store.revision == before


async def test_objects_have_a_largest_size(bare: Api) -> None:
    large = pod()
    large["spec"]["containers"][0]["env"] = [{"name": "A", "value": "x" * 1_600_000}]
    assert (await bare.refused(413, "POST", PODS, large))["message"] == "etcdserver: request is too large"


async def test_a_name_that_is_taken_is_refused(bare: Api) -> None:
    await bare.create(CONFIG_MAPS, config_map())
    status = await bare.refused(409, "POST", CONFIG_MAPS, config_map())
    assert (status["reason"], status["message"]) == ("AlreadyExists", 'configmaps "a" already exists')
    assert status["details"] == {"name": "a", "kind": "configmaps"}


async def test_field_validation(bare: Api) -> None:
    body = orjson.dumps(config_map(dota={}))[:-1] + b',"data":{"a":"b","a":"c"}}'
    strict = await bare.refused(400, "POST", CONFIG_MAPS, body, fieldValidation="Strict")
    assert strict["message"] == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: '
        'duplicate field "data.a", unknown field "dota"'
    )
    warned = await bare.ask("POST", CONFIG_MAPS, body)
    assert warned.headers["warning"] == '299 - "duplicate field \\"data.a\\"", 299 - "unknown field \\"dota\\""'
    assert loads(warned, 201).get("dota") is None
    await bare.delete(f"{CONFIG_MAPS}/a")
    assert "warning" not in (await bare.ask("POST", CONFIG_MAPS, body, fieldValidation="Ignore")).headers


@pytest.mark.parametrize("media", ["text/plain", "application/cbor"])
async def test_unknown_media_types_are_refused(bare: Api, media: str) -> None:
    answer = await bare.ask("POST", CONFIG_MAPS, b"{}", headers={"content-type": media})
    assert loads(answer, 415)["reason"] == "UnsupportedMediaType"
    assert loads(await bare.ask("GET", CONFIG_MAPS, headers={"accept": media}), 406)["reason"] == "NotAcceptable"


async def test_yaml_goes_in_and_out(bare: Api) -> None:
    sent = b"metadata: {name: y}\ndata: {a: 'b'}"
    yaml = {"content-type": "application/yaml", "accept": "application/yaml"}
    answer = await bare.ask("POST", CONFIG_MAPS, sent, headers=yaml)
    assert answer.status == 201
    assert answer.headers["content-type"] == "application/yaml"
    assert b"kind: ConfigMap\n" in answer.body


async def test_dry_runs_write_nothing(bare: Api) -> None:
    before = bare.store.revision
    made = await bare.create(CONFIG_MAPS, config_map(), dryRun="All")
    assert made["metadata"]["uid"]
    assert "resourceVersion" not in made["metadata"]
    assert bare.store.revision == before
    await bare.create(CONFIG_MAPS, config_map())
    before = bare.store.revision
    await bare.put(f"{CONFIG_MAPS}/a", config_map(data={"a": "b"}), dryRun="All")
    await bare.patch(f"{CONFIG_MAPS}/a", {"data": {"a": "b"}}, dryRun="All")
    await bare.delete(f"{CONFIG_MAPS}/a", dryRun="All")
    await bare.delete(f"{CONFIG_MAPS}/a", {"dryRun": ["All"]})
    assert bare.store.revision == before


async def test_an_update_of_an_old_state_conflicts(bare: Api) -> None:
    made = await bare.create(CONFIG_MAPS, config_map())
    await bare.put(f"{CONFIG_MAPS}/a", made | {"data": {"a": "1"}})
    status = await bare.refused(409, "PUT", f"{CONFIG_MAPS}/a", made | {"data": {"a": "2"}})
    assert status["message"] == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to '
        "the latest version and try again"
    )
    assert (await bare.put(f"{CONFIG_MAPS}/a", config_map(data={"a": "2"})))["data"] == {"a": "2"}


async def test_an_update_of_another_object_conflicts(bare: Api) -> None:
    await bare.create(CONFIG_MAPS, config_map())
    other = {"metadata": {"name": "a", "uid": "other"}}
    status = await bare.refused(409, "PUT", f"{CONFIG_MAPS}/a", other)
    assert "Precondition failed: UID in precondition: other, UID in object meta: " in status["message"]


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"name": "b"}, "the name of the object (b) does not match the name on the URL (a)"),
        ({}, "the name of the object (a based on URL) was undeterminable: name must be provided"),
        (
            {"name": "a", "namespace": "y"},
            "the namespace of the object (y) does not match the namespace on the request (x)",
        ),
    ],
)
async def test_an_update_names_its_object(bare: Api, meta: Json, message: str) -> None:
    await bare.create(CONFIG_MAPS, config_map())
    assert (await bare.refused(400, "PUT", f"{CONFIG_MAPS}/a", {"metadata": meta}))["message"] == message


async def test_an_update_that_changes_nothing_writes_nothing(bare: Api) -> None:
    made = await bare.create(CONFIG_MAPS, config_map(data={"a": "b"}))
    assert await bare.put(f"{CONFIG_MAPS}/a", config_map(data={"a": "b"})) == made
    assert await bare.patch(f"{CONFIG_MAPS}/a", {"data": {"a": "b"}}) == made


async def test_only_some_kinds_are_created_by_update(bare: Api) -> None:
    assert (await bare.refused(404, "PUT", f"{CONFIG_MAPS}/a", config_map()))["reason"] == "NotFound"
    lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}}
    leases = "/apis/coordination.k8s.io/v1/namespaces/x/leases"
    loads(await bare.ask("PUT", f"{leases}/l", lease), 201)
    assert [a.verb for a in bare.authorizer.asked[-2:]] == ["update", "create"]
    status = await bare.refused(422, "PUT", f"{leases}/l", lease)
    assert "metadata.resourceVersion: Invalid value: 0: must be specified for an update" in status["message"]


async def test_spec_and_status_are_apart_and_specs_are_counted(bare: Api) -> None:
    made = await bare.create(DEPLOYMENTS, deployment())
    path = f"{DEPLOYMENTS}/web"
    wanted = made | {"status": {"replicas": 3, "observedGeneration": 1}}
    wanted["spec"] = made["spec"] | {"replicas": 7}
    told = await bare.put(f"{path}/status", wanted)
    assert (told["spec"]["replicas"], told["status"]["replicas"]) == (1, 3)
    assert told["metadata"]["generation"] == 1
    scaled = await bare.patch(path, {"spec": {"replicas": 5}, "status": {"replicas": 0}})
    assert (scaled["spec"]["replicas"], scaled["status"]["replicas"]) == (5, 3)
    assert scaled["metadata"]["generation"] == 2
    labelled = await bare.patch(path, {"metadata": {"labels": {"a": "b"}}})
    assert labelled["metadata"]["generation"] == 2


async def test_the_scale_subresource(bare: Api) -> None:
    await bare.create(DEPLOYMENTS, deployment())
    path = f"{DEPLOYMENTS}/web/scale"
    scale = await bare.get(path)
    assert (scale["kind"], scale["spec"], scale["status"]) == (
        "Scale",
        {"replicas": 1},
        {"replicas": 0, "selector": "a=b"},
    )
    assert (await bare.put(path, scale | {"spec": {"replicas": 4}}))["spec"] == {"replicas": 4}
    await bare.refused(409, "PUT", path, scale | {"spec": {"replicas": 5}})
    assert (await bare.patch(path, {"spec": {"replicas": 6}}))["spec"] == {"replicas": 6}
    assert (await bare.get(f"{DEPLOYMENTS}/web"))["spec"]["replicas"] == 6
    status = await bare.refused(422, "PUT", path, {"metadata": {"name": "web"}, "spec": {"replicas": -1}})
    assert "spec.replicas: Invalid value: -1: must be greater than or equal to 0" in status["message"]


@pytest.mark.parametrize(
    ("form", "patch", "found"),
    [
        ("json-patch+json", [{"op": "add", "path": "/data/b", "value": "2"}], {"a": "1", "b": "2"}),
        ("merge-patch+json", {"data": {"a": None, "b": "2"}}, {"b": "2"}),
        ("strategic-merge-patch+json", {"data": {"$patch": "replace", "c": "3"}}, {"c": "3"}),
        (
            "apply-patch+yaml",
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1", "z": "9"}},
            {"a": "1", "z": "9"},
        ),
    ],
)
async def test_patches(bare: Api, form: str, patch: Any, found: Json) -> None:
    await bare.create(CONFIG_MAPS, config_map(data={"a": "1"}))
    query = {"fieldManager": "me"} if form.startswith("apply") else {}
    assert (await bare.patch(f"{CONFIG_MAPS}/a", patch, form, **query))["data"] == found


@pytest.mark.parametrize(
    ("form", "patch", "code", "message"),
    [
        ("json-patch+json", [{"op": "remove", "path": "/no"}], 422, "the server rejected our request due to an error"),
        ("json-patch+json", {}, 400, "error decoding patch"),
        ("json-patch+json", [{}] * 10_001, 413, "The allowed maximum operations in a JSON patch is 10000, got 10001"),
        ("merge-patch+json", [], 400, "error decoding patch"),
        ("merge-patch+json", {"data": 1}, 422, ' "" is invalid: patch: Invalid value: '),
        ("merge-patch+json", {"kind": "Pod"}, 422, ' "" is invalid: patch: Invalid value: '),
        (
            "merge-patch+json",
            {"metadata": {"name": "b"}},
            400,
            "the name of the object (b) does not match the name on the URL (a)",
        ),
        (
            "merge-patch+json",
            {"metadata": {"resourceVersion": "1"}},
            409,
            "Operation cannot be fulfilled on configmaps",
        ),
        ("strategic-merge-patch+json", {"$patch": "x"}, 400, "unknown patch type: x"),
        ("apply-patch+yaml", {}, 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value'),
        ("foo", {}, 415, "the body of the request was in an unknown format - accepted media types include: "),
    ],
)
async def test_patches_that_fail(bare: Api, form: str, patch: Any, code: int, message: str) -> None:
    await bare.create(CONFIG_MAPS, config_map(data={"a": "1"}))
    before = bare.store.revision
    answer = await bare.ask("PATCH", f"{CONFIG_MAPS}/a", patch, headers={"content-type": f"application/{form}"})
    assert loads(answer, code)["message"].startswith(message)
    assert bare.store.revision == before


async def test_apply_creates_what_is_not_there(bare: Api) -> None:
    wanted = config_map(data={"a": "1"})
    form = {"content-type": "application/apply-patch+yaml"}
    made = loads(await bare.ask("PATCH", f"{CONFIG_MAPS}/a", wanted, headers=form, fieldManager="me"), 201)
    assert made["metadata"]["managedFields"][0]["manager"] == "me"
    again = loads(await bare.ask("PATCH", f"{CONFIG_MAPS}/a", wanted, headers=form, fieldManager="me"), 200)
    assert again == made
    status = await bare.ask(
        "PATCH", f"{CONFIG_MAPS}/a", wanted | {"data": {"a": "2"}}, headers=form, fieldManager="you"
    )
    assert loads(status, 409)["message"] == 'Apply failed with 1 conflict: conflict with "me": .data.a'


async def test_deletions_answer_with_a_status_or_the_object(bare: Api) -> None:
    made = await bare.create(CONFIG_MAPS, config_map())
    status = await bare.delete(f"{CONFIG_MAPS}/a")
    assert (status["kind"], status["status"]) == ("Status", "Success")
    assert status["details"] == {"name": "a", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    assert (await bare.refused(404, "DELETE", f"{CONFIG_MAPS}/a"))["message"] == 'configmaps "a" not found'
    await bare.create(PODS, pod())
    assert (await bare.delete(f"{PODS}/p"))["kind"] == "Pod"


async def test_finalizers_hold_an_object_until_they_go(bare: Api) -> None:
    await bare.create(CONFIG_MAPS, config_map(metadata={"name": "a", "finalizers": ["example.com/hold"]}))
    ending = await bare.delete(f"{CONFIG_MAPS}/a")
    assert ending["metadata"]["deletionGracePeriodSeconds"] == 0
    again = await bare.refused(409, "POST", CONFIG_MAPS, config_map())
    assert again["message"] == 'object is being deleted: configmaps "a" already exists'
    await bare.patch(f"{CONFIG_MAPS}/a", {"metadata": {"finalizers": None}})
    await bare.refused(404, "GET", f"{CONFIG_MAPS}/a")


async def test_a_running_pod_is_given_time_to_end(bare: Api) -> None:
    made = pod()
    made["spec"]["nodeName"] = "n"
    await bare.create(PODS, made)
    ending = await bare.delete(f"{PODS}/p")
    assert ending["metadata"]["deletionGracePeriodSeconds"] == 30
    await bare.delete(f"{PODS}/p", {"gracePeriodSeconds": 0})
    await bare.refused(404, "GET", f"{PODS}/p")


async def test_a_namespace_goes_when_its_finalizer_does(bare: Api) -> None:
    ending = await bare.delete("/api/v1/namespaces/x")
    assert ending["status"]["phase"] == "Terminating"
    assert ending["spec"]["finalizers"] == ["kubernetes"]
    await bare.put("/api/v1/namespaces/x/finalize", ending | {"spec": {}})
    await bare.refused(404, "GET", "/api/v1/namespaces/x")


async def test_collections_are_deleted(bare: Api) -> None:
    for name in "abc":
        labels = {"keep": "yes"} if name == "c" else {}
        await bare.create(CONFIG_MAPS, config_map(metadata={"name": name, "labels": labels}))
    gone = await bare.delete(CONFIG_MAPS, labelSelector="!keep")
    assert [item["metadata"]["name"] for item in gone["items"]] == ["a", "b"]
    assert [item["metadata"]["name"] for item in (await bare.get(CONFIG_MAPS))["items"]] == ["c"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/namespaces/x/nothings", 404),
        ("GET", "/api/v1/pods/p", 404),
        ("GET", "/api/v1/namespaces/x/nodes", 404),
        ("POST", "/api/v1/namespaces/x/configmaps/a", 405),
        ("PUT", "/api/v1/namespaces/x/configmaps", 405),
        ("GET", "/api/v1/namespaces/x/configmaps/a/status", 404),
        ("DELETE", "/apis/apps/v1/namespaces/x/deployments/a/status", 405),
        ("GET", "/apis/apps/v1/namespaces/x/deployments/a", 404),
    ],
)
async def test_what_is_not_served_is_not_found_or_not_allowed(bare: Api, method: str, path: str, code: int) -> None:
    assert (await bare.ask(method, path, {} if method != "GET" else None)).status == code


async def test_another_version_of_the_same_object(bare: Api) -> None:
    hpa = {
        "metadata": {"name": "h"},
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"},
            "maxReplicas": 5,
            "targetCPUUtilizationPercentage": 50,
        },
    }
    one = "/apis/autoscaling/v1/namespaces/x/horizontalpodautoscalers"
    made = await bare.create(one, hpa)
    assert (made["apiVersion"], made["spec"]["targetCPUUtilizationPercentage"]) == ("autoscaling/v1", 50)
    newer = await bare.get(f"{one.replace('v1', 'v2', 1)}/h")
    assert newer["apiVersion"] == "autoscaling/v2"
    assert newer["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
    patched = await bare.patch(f"{one}/h", {"spec": {"targetCPUUtilizationPercentage": 70}})
    assert patched["spec"]["targetCPUUtilizationPercentage"] == 70
    listed = await bare.get(one)
    assert [item["apiVersion"] for item in listed["items"]] == ["autoscaling/v1"]


class _Guard:
    """Labels what it admits, refuses what is called `no`."""

    def admit(self, request: AdmissionRequest) -> None:
        if request.object is not None:
            request.object["metadata"].setdefault("labels", {})["seen"] = request.operation.value.lower()
            request.warnings.append("guarded")

    def validate(self, request: AdmissionRequest) -> None:
        if request.name == "no":
            raise Denied("no means no")


async def test_admission_changes_refuses_and_warns() -> None:
    server = api(admission=[_Guard()])
    await server.create("/api/v1/namespaces", {"metadata": {"name": "x"}})
    answer = await server.ask("POST", CONFIG_MAPS, config_map())
    assert loads(answer, 201)["metadata"]["labels"] == {"seen": "create"}
    assert answer.headers["warning"] == '299 - "guarded"'
    assert (await server.patch(f"{CONFIG_MAPS}/a", {"data": {"a": "b"}}))["metadata"]["labels"] == {"seen": "update"}
    assert (await server.refused(403, "POST", CONFIG_MAPS, config_map("no")))["message"] == "no means no"


async def test_what_is_asked_for_is_authorized(bare: Api) -> None:
    bare.authorizer.refused = {"list", "get"}
    status = await bare.refused(403, "GET", "/apis/apps/v1/namespaces/x/deployments")
    assert status["message"] == (
        'deployments.apps is forbidden: User "admin" cannot list resource "deployments" in API group "apps" in the '
        'namespace "x"'
    )
    status = await bare.refused(403, "GET", "/healthz")
    assert status["message"] == 'forbidden: User "admin" cannot get path "/healthz"'


async def test_repeated_owners_are_dropped_with_a_warning(bare: Api) -> None:
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "1"}
    answer = await bare.ask("POST", CONFIG_MAPS, config_map(metadata={"name": "a", "ownerReferences": [owner, owner]}))
    assert loads(answer, 201)["metadata"]["ownerReferences"] == [owner]
    assert "duplicate UID(s) observed: 1" in answer.headers["warning"]


async def test_resources_can_be_replaced_while_serving(bare: Api) -> None:
    await bare.create(CONFIG_MAPS, config_map())
    kept = [r for r in bare.server.table.resources if r.name != "configmaps"]
    bare.server.serve_resources(kept)
    await bare.refused(404, "GET", CONFIG_MAPS)
    names = [r["name"] for r in (await bare.get("/api/v1"))["resources"]]
    assert "configmaps" not in names
    assert "pods" in names


@pytest.mark.parametrize(
    ("path", "warned"),
    [
        (
            "/api/v1/namespaces/x/endpoints",
            "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        ),
        ("/api/v1/componentstatuses", "v1 ComponentStatus is deprecated in v1.19+"),
        (CONFIG_MAPS, ""),
    ],
)
async def test_who_uses_what_is_deprecated_is_warned(bare: Api, path: str, warned: str) -> None:
    answer = await bare.ask("GET", path)
    assert answer.headers.get("warning", "") == (f'299 - "{warned}"' if warned else "")


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["a", "b", "a", ""], '299 - "a", 299 - "b"'),
        (["x" * 4000], f'299 - "{"x" * 4000}"'),
        (["x" * 4000, "y" * 300], f'299 - "{"x" * 256}", 299 - "{"y" * 256}"'),
    ],
)
def test_warnings_are_told_once_and_many_are_cut(texts: list[str], told: str) -> None:
    assert warning_header(texts) == (b"warning", told.encode())


def test_warnings_never_fill_more_than_clients_take() -> None:
    _, told = warning_header(f"{i:0300}" for i in range(100))
    assert len(told) < 5000
