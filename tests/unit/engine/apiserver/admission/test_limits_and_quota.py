"""Nobody takes more than a namespace's limits and quotas give."""

import pytest
from tests.fakes.apiserver import FakeObjects, StillClock, request

from armillary.base.errors import Denied
from armillary.engine.apiserver.admission.amounts import Amount, pod_amounts
from armillary.engine.apiserver.admission.limit_ranger import limit_ranger
from armillary.engine.apiserver.admission.plugin import Plugin
from armillary.engine.apiserver.admission.resource_quota import resource_quota
from armillary.engine.apiserver.ports import Operation
from armillary.engine.kinds.resource import Json


def container(name: str = "c", requests: str = "", limits: str = "", **more: object) -> Json:
    def parsed(text: str) -> dict[str, str]:
        return dict(pair.split("=") for pair in text.split(",") if pair)

    return {"name": name, "resources": {"requests": parsed(requests), "limits": parsed(limits)}, **more}


def pod(*containers: Json, **spec: object) -> Json:
    return {"metadata": {"name": "p"}, "spec": {"containers": list(containers) or [container()], **spec}}


def refusal(plugin: Plugin, *args: object, **kwargs: object) -> str | None:
    asked = request(*args, **kwargs)  # type: ignore[arg-type]
    try:
        plugin.validate(asked)
    except Denied as exc:
        return exc.message.partition(" is forbidden: ")[2]
    return None


@pytest.mark.parametrize(
    ("one", "other", "total"),
    [
        ("1", "500m", "1500m"),
        ("1Gi", "512Mi", "1536Mi"),
        ("0", "1Gi", "1Gi"),
        ("100M", "1Mi", "101048576"),
        ("1", "1", "2"),
    ],
)
def test_amounts_keep_their_form(one: str, other: str, total: str) -> None:
    assert str(Amount.parse(one) + Amount.parse(other)) == total


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        ({"containers": [container(requests="cpu=1"), container("d", requests="cpu=2")]}, "3"),
        ({"containers": [container(requests="cpu=1")], "initContainers": [container(requests="cpu=5")]}, "5"),
        (
            {
                "containers": [container(requests="cpu=1")],
                "initContainers": [
                    container("s", requests="cpu=2", restartPolicy="Always"),
                    container("i", requests="cpu=3"),
                ],
            },
            "5",
        ),
        ({"containers": [container(requests="cpu=1")], "overhead": {"cpu": "250m"}}, "1250m"),
        ({"containers": [container(requests="cpu=1")], "resources": {"requests": {"cpu": "4"}}}, "4"),
    ],
)
def test_what_a_pod_requests(spec: Json, cpu: str) -> None:
    assert str(pod_amounts(spec, "requests", overhead=True)["cpu"]) == cpu


def limits(*rules: Json) -> Plugin:
    objects = FakeObjects()
    objects.put("limitranges", {"metadata": {"name": "l"}, "spec": {"limits": list(rules)}}, namespace="ns")
    return limit_ranger(objects)


def test_containers_are_given_defaults() -> None:
    plugin = limits({"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "100m", "memory": "1Gi"}})
    made = pod(container(requests="memory=2Gi"), container("d", limits="cpu=2"))
    plugin.admit(request("pods", made))
    assert [c["resources"] for c in made["spec"]["containers"]] == [
        {"requests": {"memory": "2Gi", "cpu": "100m"}, "limits": {"cpu": "1"}},
        {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"cpu": "2"}},
    ]
    assert made["metadata"]["annotations"] == {
        "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu request for container c; cpu limit for container c; "
        "cpu, memory request for container d"
    }


@pytest.mark.parametrize(
    ("rule", "made", "why"),
    [
        ({"type": "Container", "max": {"cpu": "1"}}, container(limits="cpu=1"), None),
        (
            {"type": "Container", "max": {"cpu": "1"}},
            container(limits="cpu=2"),
            "maximum cpu usage per Container is 1, but limit is 2",
        ),
        (
            {"type": "Container", "max": {"cpu": "1"}},
            container(),
            "maximum cpu usage per Container is 1.  No limit is specified",
        ),
        (
            {"type": "Container", "min": {"memory": "64Mi"}},
            container(requests="memory=32Mi"),
            "minimum memory usage per Container is 64Mi, but request is 32Mi",
        ),
        (
            {"type": "Container", "min": {"memory": "64Mi", "cpu": "1"}},
            container(),
            "[minimum memory usage per Container is 64Mi.  No request is specified, "
            "minimum cpu usage per Container is 1.  No request is specified]",
        ),
        (
            {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}},
            container(requests="cpu=1", limits="cpu=3"),
            "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
        ),
        (
            {"type": "Pod", "max": {"cpu": "1"}},
            container(limits="cpu=2"),
            "maximum cpu usage per Pod is 1, but limit is 2",
        ),
    ],
)
def test_limits(rule: Json, made: Json, why: str | None) -> None:
    assert refusal(limits(rule), "pods", pod(made)) == why


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("2Gi", None),
        ("1Gi", "minimum storage usage per PersistentVolumeClaim is 2Gi, but request is 1Gi"),
        ("6Gi", "maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi"),
    ],
)
def test_limits_of_claims(size: str, why: str | None) -> None:
    rule = {"type": "PersistentVolumeClaim", "min": {"storage": "2Gi"}, "max": {"storage": "5Gi"}}
    claim = {"metadata": {"name": "c"}, "spec": {"resources": {"requests": {"storage": size}}}}
    assert refusal(limits(rule), "persistentvolumeclaims", claim) == why


def quota(hard: str, *pods: Json, **spec: object) -> Plugin:
    objects = FakeObjects()
    given = {"hard": dict(pair.split("=") for pair in hard.split(",")), **spec}
    objects.put("resourcequotas", {"metadata": {"name": "q"}, "spec": given}, namespace="ns")
    for number, known in enumerate(pods):
        objects.put("pods", {**known, "metadata": {"name": f"p{number}"}}, namespace="ns")
    objects.put("secrets", {"metadata": {"name": "s"}}, namespace="ns")
    service = {"metadata": {"name": "svc"}, "spec": {"type": "NodePort", "ports": [{}, {}]}}
    objects.put("services", service, namespace="ns")
    return resource_quota(objects, StillClock())


DONE: Json = {**pod(container(requests="cpu=1")), "status": {"phase": "Succeeded"}}
BUSY = pod(container(requests="cpu=1,memory=1Gi"))


@pytest.mark.parametrize(
    ("plugin", "made", "why"),
    [
        (quota("pods=3", BUSY, BUSY), BUSY, None),
        (quota("pods=2", BUSY, BUSY), BUSY, "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"),
        (quota("pods=2", BUSY, DONE), BUSY, None),
        (
            quota("count/pods=2", BUSY, DONE),
            BUSY,
            "exceeded quota: q, requested: count/pods=1, used: count/pods=2, limited: count/pods=2",
        ),
        (
            quota("requests.cpu=1500m,requests.memory=1536Mi", BUSY),
            BUSY,
            "exceeded quota: q, requested: requests.cpu=1,requests.memory=1Gi, "
            "used: requests.cpu=1,requests.memory=1Gi, limited: requests.cpu=1500m,requests.memory=1536Mi",
        ),
        (
            quota("limits.cpu=1,memory=1Gi"),
            pod(container("b"), container("a", requests="memory=1Gi")),
            "failed quota: q: must specify limits.cpu for: a,b; memory for: b",
        ),
        (quota("secrets=1"), BUSY, None),
        (quota("pods=0", scopes=["BestEffort"]), BUSY, None),
        (
            quota("pods=0", scopes=["BestEffort"]),
            pod(),
            "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
        ),
        (quota("pods=0", scopes=["Terminating"]), pod(), None),
        (
            quota("pods=0", scopes=["Terminating"]),
            pod(activeDeadlineSeconds=5),
            "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
        ),
        (
            quota(
                "pods=0",
                scopeSelector={
                    "matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]
                },
            ),
            pod(priorityClassName="high"),
            "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
        ),
    ],
)
def test_quota_of_pods(plugin: Plugin, made: Json, why: str | None) -> None:
    assert refusal(plugin, "pods", made) == why


CLAIM: Json = {
    "metadata": {"name": "c"},
    "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "2Gi"}}},
}


@pytest.mark.parametrize(
    ("hard", "plural", "made", "why"),
    [
        ("secrets=1", "secrets", {}, "exceeded quota: q, requested: secrets=1, used: secrets=1, limited: secrets=1"),
        ("count/deployments.apps=0", "deployments", {},
         "exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, "
         "limited: count/deployments.apps=0"),
        ("services.nodeports=2", "services", {"spec": {"type": "ClusterIP", "ports": [{}]}}, None),
        ("services.nodeports=2", "services", {"spec": {"type": "NodePort", "ports": [{}]}},
         "exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=2, "
         "limited: services.nodeports=2"),
        ("requests.storage=1Gi", "persistentvolumeclaims", CLAIM,
         "exceeded quota: q, requested: requests.storage=2Gi, used: requests.storage=0, limited: requests.storage=1Gi"),
        ("slow.storageclass.storage.k8s.io/requests.storage=0", "persistentvolumeclaims", CLAIM, None),
        ("fast.storageclass.storage.k8s.io/persistentvolumeclaims=0", "persistentvolumeclaims", CLAIM,
         "exceeded quota: q, requested: fast.storageclass.storage.k8s.io/persistentvolumeclaims=1, "
         "used: fast.storageclass.storage.k8s.io/persistentvolumeclaims=0, "
         "limited: fast.storageclass.storage.k8s.io/persistentvolumeclaims=0"),
        ("events=0", "events", {}, None),
    ],
)  # fmt: skip
def test_quota_of_other_things(hard: str, plural: str, made: Json, why: str | None) -> None:
    assert refusal(quota(hard), plural, {"metadata": {"name": "x"}, **made}) == why


def test_an_update_is_charged_for_what_it_adds() -> None:
    bigger = {**CLAIM, "spec": {**CLAIM["spec"], "resources": {"requests": {"storage": "3Gi"}}}}
    for hard, fine in (("1Gi", True), ("512Mi", False)):
        found = refusal(
            quota(f"requests.storage={hard}"), "persistentvolumeclaims", bigger, operation=Operation.UPDATE, old=CLAIM
        )
        assert (found is None) is fine
