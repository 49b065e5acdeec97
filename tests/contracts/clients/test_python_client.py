"""The official Python client: typed verbs, watch, dynamic client, leader election, patches, errors, pages."""

import json
from collections.abc import Iterator

import kubernetes
import pytest
from kubernetes import dynamic, watch
from kubernetes.client import (
    ApiClient,
    ApiException,
    AppsV1Api,
    AuthorizationV1Api,
    BatchV1Api,
    CoreV1Api,
    V1ConfigMap,
    V1Container,
    V1Deployment,
    V1DeploymentSpec,
    V1LabelSelector,
    V1ObjectMeta,
    V1PodSpec,
    V1PodTemplateSpec,
    V1ResourceAttributes,
    V1Scale,
    V1ScaleSpec,
    V1SelfSubjectAccessReview,
    V1SelfSubjectAccessReviewSpec,
    VersionApi,
)
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock
from tests.harness.cluster import eventually
from tests.harness.served import Served


@pytest.fixture
def api(served: Served) -> Iterator[ApiClient]:
    with kubernetes.config.new_client_from_config(str(served.kubeconfig)) as client:
        yield client


@pytest.fixture
def core(api: ApiClient) -> CoreV1Api:
    return CoreV1Api(api)


def config_map(name: str, **data: str) -> V1ConfigMap:
    return V1ConfigMap(metadata=V1ObjectMeta(name=name, labels={"app": "t"}), data=data)


def deployment(replicas: int) -> V1Deployment:
    template = V1PodTemplateSpec(
        metadata=V1ObjectMeta(labels={"app": "web"}),
        spec=V1PodSpec(containers=[V1Container(name="c", image="busybox")]),
    )
    spec = V1DeploymentSpec(replicas=replicas, selector=V1LabelSelector(match_labels={"app": "web"}), template=template)
    return V1Deployment(metadata=V1ObjectMeta(name="web"), spec=spec)


def test_an_objects_life(core: CoreV1Api, namespace: str) -> None:
    made = core.create_namespaced_config_map(namespace, config_map("m", k="one"))
    assert (made.data, made.metadata.namespace, bool(made.metadata.uid)) == ({"k": "one"}, namespace, True)
    made.data["k"] = "two"
    replaced = core.replace_namespaced_config_map("m", namespace, made)
    assert int(replaced.metadata.resource_version) > int(made.metadata.resource_version)
    assert core.read_namespaced_config_map("m", namespace).data == {"k": "two"}
    assert [m.metadata.name for m in core.list_namespaced_config_map(namespace, label_selector="app=t").items] == ["m"]
    status = core.delete_namespaced_config_map("m", namespace)
    assert (status["status"], status["details"]["name"]) == ("Success", "m")
    assert status["details"]["uid"] == made.metadata.uid
    core.create_namespaced_config_map(namespace, config_map("n"))
    core.delete_collection_namespaced_config_map(namespace, label_selector="app=t")
    assert core.list_namespaced_config_map(namespace, label_selector="app=t").items == []


def test_typed_answers_of_many_apis(api: ApiClient, core: CoreV1Api, namespace: str) -> None:
    assert VersionApi(api).get_code().git_version.startswith("v1.36.")
    assert "node-1" in [node.metadata.name for node in core.list_node().items]
    assert core.read_namespace(namespace).status.phase == "Active"
    spec = V1SelfSubjectAccessReviewSpec(resource_attributes=V1ResourceAttributes(verb="get", resource="pods"))
    review = V1SelfSubjectAccessReview(spec=spec)
    assert AuthorizationV1Api(api).create_self_subject_access_review(review).status.allowed
    assert BatchV1Api(api).list_job_for_all_namespaces().kind == "JobList"
    groups = kubernetes.client.ApisApi(api).get_api_versions().groups
    assert "apps" in [group.name for group in groups]


def test_a_deployment_is_scaled_and_has_pods(api: ApiClient, core: CoreV1Api, namespace: str) -> None:
    apps = AppsV1Api(api)
    apps.create_namespaced_deployment(namespace, deployment(1))
    eventually(lambda: apps.read_namespaced_deployment("web", namespace).status.ready_replicas == 1, "one is ready")
    scale = apps.read_namespaced_deployment_scale("web", namespace)
    assert (scale.spec.replicas, scale.status.selector) == (1, "app=web")
    wanted = V1Scale(metadata=V1ObjectMeta(name="web", namespace=namespace), spec=V1ScaleSpec(replicas=2))
    assert apps.replace_namespaced_deployment_scale("web", namespace, wanted).spec.replicas == 2
    eventually(lambda: apps.read_namespaced_deployment_status("web", namespace).status.ready_replicas == 2, "two")
    apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")
    eventually(lambda: not core.list_namespaced_pod(namespace).items, "the pods go along")


def test_patches_of_each_type(api: ApiClient, core: CoreV1Api, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config_map("m", a="1", b="2"))

    def patched(body: object, content_type: str) -> dict[str, str]:
        found = core.patch_namespaced_config_map("m", namespace, body, _content_type=content_type)
        return dict(found.data)

    assert patched({"data": {"a": None}}, "application/merge-patch+json") == {"b": "2"}
    assert patched({"data": {"c": "3"}}, "application/strategic-merge-patch+json") == {"b": "2", "c": "3"}
    remove = [{"op": "remove", "path": "/data/b"}]
    assert patched(remove, "application/json-patch+json") == {"c": "3"}
    whole = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"d": "4"}}
    applied = core.patch_namespaced_config_map(
        "m", namespace, whole, _content_type="application/apply-patch+yaml", field_manager="test"
    )
    assert applied.data == {"c": "3", "d": "4"}
    assert [m.manager for m in applied.metadata.managed_fields] == ["test"]


def test_errors_are_statuses(core: CoreV1Api, namespace: str) -> None:
    def refused(call: object, *args: object, **options: object) -> tuple[int, str, str]:
        with pytest.raises(ApiException) as told:
            call(*args, **options)  # type: ignore[operator]
        status = json.loads(told.value.body)
        return told.value.status, status["reason"], status["message"]

    made = core.create_namespaced_config_map(namespace, config_map("m"))
    gone = refused(core.read_namespaced_config_map, "x", namespace)
    assert gone == (404, "NotFound", 'configmaps "x" not found')
    again = refused(core.create_namespaced_config_map, namespace, config_map("m"))
    assert again == (409, "AlreadyExists", 'configmaps "m" already exists')
    core.replace_namespaced_config_map("m", namespace, made)
    core.patch_namespaced_config_map("m", namespace, {"data": {"x": "y"}})
    assert refused(core.replace_namespaced_config_map, "m", namespace, made)[:2] == (409, "Conflict")
    assert refused(core.create_namespaced_config_map, namespace, config_map("NO"))[:2] == (422, "Invalid")
    assert refused(core.list_namespaced_config_map, namespace, label_selector="a in (")[:2] == (400, "BadRequest")
    uid = kubernetes.client.V1DeleteOptions(preconditions=kubernetes.client.V1Preconditions(uid="other"))
    assert refused(core.delete_namespaced_config_map, "m", namespace, body=uid)[:2] == (409, "Conflict")


def test_lists_come_in_pages(core: CoreV1Api, namespace: str) -> None:
    for number in range(7):
        core.create_namespaced_config_map(namespace, config_map(f"m{number}"))
    page = core.list_namespaced_config_map(namespace, limit=3)
    names = [item.metadata.name for item in page.items]
    assert page.metadata.remaining_item_count == 5  # with the root certificate of every namespace
    while page.metadata._continue:
        core.create_namespaced_config_map(namespace, config_map(f"n{len(names)}"))  # after the list began: not in it
        page = core.list_namespaced_config_map(namespace, limit=3, _continue=page.metadata._continue)
        names += [item.metadata.name for item in page.items]
    assert names == ["kube-root-ca.crt", *(f"m{number}" for number in range(7))]
    assert (
        core.list_namespaced_config_map(namespace, limit=1, label_selector="app").metadata.remaining_item_count is None
    )


def test_a_watch_goes_on_where_the_list_ended(core: CoreV1Api, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config_map("before"))
    version = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, config_map("m", k="one"))
    core.patch_namespaced_config_map("m", namespace, {"data": {"k": "two"}})
    core.delete_namespaced_config_map("m", namespace)
    stream = watch.Watch().stream(
        core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=10
    )
    seen = [(event["type"], event["object"].data) for _, event in zip(range(3), stream, strict=False)]
    assert seen == [("ADDED", {"k": "one"}), ("MODIFIED", {"k": "two"}), ("DELETED", {"k": "two"})]


def test_a_watch_begins_with_what_is_there(core: CoreV1Api, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config_map("m"))
    watching = watch.Watch()
    for event in watching.stream(core.list_namespaced_config_map, namespace, label_selector="app", timeout_seconds=10):
        assert (event["type"], event["object"].metadata.name) == ("ADDED", "m")
        watching.stop()


def test_the_dynamic_client_learns_by_discovery(api: ApiClient, namespace: str) -> None:
    client = dynamic.DynamicClient(api)
    deployments = client.resources.get(api_version="apps/v1", kind="Deployment")
    body = api.sanitize_for_serialization(deployment(0)) | {"apiVersion": "apps/v1", "kind": "Deployment"}
    made = deployments.create(body=body, namespace=namespace)
    assert made.spec.strategy.type == "RollingUpdate"
    assert [item.metadata.name for item in deployments.get(namespace=namespace).items] == ["web"]
    patched = deployments.patch(
        name="web", namespace=namespace, body={"spec": {"paused": True}}, content_type="application/merge-patch+json"
    )
    assert patched.spec.paused
    applied = deployments.server_side_apply(
        name="web", namespace=namespace, body=body, field_manager="dynamic", force_conflicts=True
    )
    assert applied.metadata.managedFields[0].manager == "dynamic"
    assert deployments.scale.get(name="web", namespace=namespace).spec.replicas == 0
    deployments.delete(name="web", namespace=namespace)
    with pytest.raises(dynamic.exceptions.NotFoundError):
        deployments.get(name="web", namespace=namespace)


def test_an_eviction_is_created(api: ApiClient, core: CoreV1Api, namespace: str) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "busybox"}]}}
    core.create_namespaced_pod(namespace, pod)
    eventually(lambda: core.read_namespaced_pod("p", namespace).status.phase == "Running", "it runs")
    eviction = kubernetes.client.V1Eviction(metadata=V1ObjectMeta(name="p", namespace=namespace))
    core.create_namespaced_pod_eviction("p", namespace, eviction)
    eventually(lambda: not core.list_namespaced_pod(namespace).items, "it is evicted")


def test_who_leads_is_taken_over_from(served: Served, namespace: str) -> None:
    kubernetes.config.load_kube_config(str(served.kubeconfig))  # locks use the default configuration
    led: list[str] = []

    def elect(name: str) -> None:
        def lead() -> None:
            led.append(name)
            raise RuntimeError("that is all")

        config = electionconfig.Config(
            LeaseLock("lock", namespace, name), lease_duration=3, renew_deadline=2, retry_period=1,
            onstarted_leading=lead, onstopped_leading=lambda: None,
        )  # fmt: skip
        leaderelection.LeaderElection(config).run()

    elect("first")
    elect("second")  # once the lease of the first has run out
    assert led == ["first", "second"]
    lease = kubernetes.client.CoordinationV1Api().read_namespaced_lease("lock", namespace)
    assert (lease.spec.holder_identity, lease.spec.lease_duration_seconds) == ("second", 3)
