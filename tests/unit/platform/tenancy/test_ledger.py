"""The ledger of a workspace's quota: what is admitted, what is left, and that a recount never gives anything twice."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.harness.settles import NOON

from armillary.base.words import Language, Words
from armillary.kube.kinds.core import (
    Container,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    Pod,
    PodSpec,
    PodStatus,
    ResourceRequirements,
    Service,
    ServicePort,
    ServiceSpec,
    VolumeResourceRequirements,
)
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject
from armillary.platform.capabilities.tenancy.guard.configuration import configuration, counted
from armillary.platform.capabilities.tenancy.guard.settings import GuardSettings
from armillary.platform.capabilities.tenancy.kinds import Pending, Quota, Usage, Workspace, WorkspaceSpec
from armillary.platform.capabilities.tenancy.quota.ledger import (
    PENDING_SECONDS,
    Ask,
    Refused,
    charge,
    recount,
    refusal_text,
)
from armillary.platform.capabilities.tenancy.quota.people import may_change_workspaces, named
from armillary.platform.capabilities.tenancy.quota.usage import quantity, resource_of, unspecified, usage

HARD = {"requests.cpu": "4", "pods": "3"}
EMPTY = Usage(used={"requests.cpu": "0", "pods": "0"})


def ask(uid: str = "u", cpu: int = 1000, old: int = 0) -> Ask:
    before = {"requests.cpu": old, "pods": 1} if old else {}
    return Ask(uid, {"requests.cpu": cpu, "pods": 1}, before)


def charged(*asks: Ask) -> Usage:
    ledger = EMPTY
    for one in asks:
        result = charge(ledger, HARD, one, NOON)
        assert isinstance(result, Usage)
        ledger = result
    return ledger


def test_what_is_admitted_is_charged_and_pending() -> None:
    ledger = charged(ask("a", 1500), ask("b", 500))
    assert ledger.used == {"requests.cpu": "2", "pods": "2"}
    assert ledger.pending["a"].used == {"requests.cpu": "1500m", "pods": "1"}


def test_more_than_left_is_refused_with_the_figures() -> None:
    refused = charge(charged(ask("a", 3500)), HARD, ask("b", 2000), NOON)
    assert isinstance(refused, Refused)
    said = refusal_text("team-a", refused, "pat or a platform administrator")
    assert said == (
        "workspace quota team-a: requests.cpu: asked 2, left 500m of 4 (used 3500m); "
        "pat or a platform administrator can raise it"
    )


def test_what_is_not_counted_yet_is_refused_for_a_moment() -> None:
    refused = charge(Usage(used={"pods": "0"}), HARD, ask(), NOON)
    assert refused == Refused(uncounted=("requests.cpu",))
    assert isinstance(refused, Refused)
    assert "try again in a moment" in refusal_text("team-a", refused, "")


def test_what_is_asked_twice_is_charged_once() -> None:
    assert charged(ask("a"), ask("a")) == charged(ask("a"))


def test_what_shrinks_is_admitted_over_a_full_quota() -> None:
    full = Usage(used={"requests.cpu": "9", "pods": "9"})
    assert charge(full, HARD, ask("a", 1000, old=2000), NOON) == full


@pytest.mark.parametrize(
    ("live", "seconds", "used", "pending"),
    [
        ({}, 0, {"requests.cpu": "1", "pods": "1"}, ["a"]),  # admitted, and not seen yet
        ({"a": {"requests.cpu": 1000, "pods": 1}}, 0, {"requests.cpu": "1", "pods": "1"}, []),
        ({}, PENDING_SECONDS + 1, {"requests.cpu": "0", "pods": "0"}, []),  # it never came to be
        ({"b": {"requests.cpu": 500, "pods": 1}}, 0, {"requests.cpu": "1500m", "pods": "2"}, ["a"]),
    ],
)
def test_a_recount_keeps_what_is_pending(live: Any, seconds: float, used: Any, pending: list[str]) -> None:
    ledger = recount(charged(ask("a")), HARD, live, NOON + timedelta(seconds=seconds))
    assert (ledger.used, list(ledger.pending)) == (used, pending)


def test_growth_is_pending_until_it_is_seen() -> None:
    ledger = charged(ask("a", 3000, old=1000))
    small, large = {"requests.cpu": 1000, "pods": 1}, {"requests.cpu": 3000, "pods": 1}
    assert recount(ledger, HARD, {"a": small}, NOON).used == {"requests.cpu": "3", "pods": "1"}
    assert recount(ledger, HARD, {"a": large}, NOON) == Usage(hard=HARD, used={"requests.cpu": "3", "pods": "1"})
    assert recount(ledger, HARD, {}, NOON).used == {"requests.cpu": "0", "pods": "0"}


steps = st.lists(st.sampled_from(["admit", "appear", "vanish", "recount"]), max_size=60)


@settings(max_examples=200, deadline=None)
@given(steps, st.integers(0, 2**32))
def test_never_more_than_the_quota_however_it_interleaves(order: list[str], seed: int) -> None:
    """Objects that were admitted appear late or never; recounts see any state in between."""
    ledger, under_way, live, number = EMPTY, [], {}, seed % 7
    for step in order:
        number += 1
        match step:
            case "admit":
                result = charge(ledger, HARD, ask(f"u{number}", 1000), NOON)
                if isinstance(result, Usage):
                    ledger = result
                    under_way.append(f"u{number}")
            case "appear" if under_way:
                live[under_way.pop(number % len(under_way))] = {"requests.cpu": 1000, "pods": 1}
            case "vanish" if live:
                del live[sorted(live)[number % len(live)]]
            case "recount":
                ledger = recount(ledger, HARD, live, NOON)
        assert len(live) + len(under_way) <= 3


def pod(phase: str = "", *containers: Container) -> Pod:
    return Pod(metadata=ObjectMeta(name="p"), spec=PodSpec(containers=containers), status=PodStatus(phase=phase))


def container(name: str = "app", **requests: str) -> Container:
    return Container(name=name, resources=ResourceRequirements(requests=requests, limits={"memory": "1Gi"}))


GPU = Container(
    name="gpu",
    resources=ResourceRequirements(requests={"nvidia.com/gpu": "2"}, limits={"nvidia.com/gpu": "2"}),
)


@pytest.mark.parametrize(
    ("resource", "item", "uses"),
    [
        ("pods", pod("Running", container(cpu="500m")), {"requests.cpu": 500, "cpu": 500, "limits.memory": 1 << 30}),
        ("pods", pod("Succeeded", container(cpu="500m")), {"requests.cpu": 0, "pods": 0, "count/pods": 1}),
        ("pods", pod("", GPU), {"requests.nvidia.com/gpu": 2, "pods": 1}),
        ("configmaps", None, {"configmaps": 1, "count/configmaps": 1}),
        ("deployments.apps", None, {"count/deployments.apps": 1}),
        (
            "services",
            Service(spec=ServiceSpec(type="LoadBalancer", ports=(ServicePort(port=80), ServicePort(port=443)))),
            {"services": 1, "services.loadbalancers": 1, "services.nodeports": 2},
        ),
        (
            "persistentvolumeclaims",
            PersistentVolumeClaim(
                spec=PersistentVolumeClaimSpec(
                    resources=VolumeResourceRequirements(requests={"storage": "1Gi"}), storage_class_name="fast"
                )
            ),
            {"requests.storage": 1 << 30, "fast.storageclass.storage.k8s.io/persistentvolumeclaims": 1},
        ),
    ],
)
def test_what_objects_use(resource: str, item: Any, uses: dict[str, int]) -> None:
    found = usage(resource, item)
    assert {name: found.get(name, 0) for name in uses} == uses


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("requests.cpu", "pods"),
        ("requests.nvidia.com/gpu", "pods"),
        ("requests.storage", "persistentvolumeclaims"),
        ("fast.storageclass.storage.k8s.io/requests.storage", "persistentvolumeclaims"),
        ("services.nodeports", "services"),
        ("secrets", "secrets"),
        ("count/jobs.batch", "jobs.batch"),
    ],
)
def test_whose_objects_count(name: str, resource: str) -> None:
    assert resource_of(name) == resource


def test_containers_must_specify() -> None:
    silent = pod("", container("a", cpu="1"), container("b"))
    assert unspecified(["requests.cpu", "limits.memory", "pods"], silent) == "requests.cpu for: b"
    assert unspecified(["limits.memory", "requests.storage"], silent) == ""


@pytest.mark.parametrize(
    ("name", "amount", "text"),
    [("requests.cpu", 1500, "1500m"), ("requests.memory", 3 << 30, "3Gi"), ("pods", 1000, "1k"), ("pods", 7, "7")],
)
def test_amounts_in_words(name: str, amount: int, text: str) -> None:
    assert quantity(name, amount) == text


def test_who_can_raise_a_quota() -> None:
    everything = PolicyRule(api_groups=("*",), resources=("*",), verbs=("*",))
    one = PolicyRule(api_groups=("*",), resources=("workspaces",), resource_names=("team-a",), verbs=("update",))
    roles = {"admin": ClusterRole(rules=(everything,)), "editor": ClusterRole(rules=(one,))}

    def bound(role: str, kind: str, name: str) -> ClusterRoleBinding:
        return ClusterRoleBinding(
            role_ref=RoleRef(kind="ClusterRole", name=role), subjects=(Subject(kind=kind, name=name),)
        )

    bindings = [
        bound("admin", "User", "armillary:pat"),
        bound("admin", "Group", "system:masters"),
        bound("editor", "User", "armillary:eve"),
        bound("gone", "User", "armillary:ann"),
    ]
    somebody = Words("an administrator", "管理员")
    assert named(may_change_workspaces(bindings, roles), somebody) == "pat or an administrator"
    assert named(may_change_workspaces(bindings, roles), somebody, Language.CHINESE) == "pat 或管理员"
    assert named((), somebody) == "an administrator"


def test_the_cluster_is_told_to_ask_about_what_is_counted_only() -> None:
    spec = WorkspaceSpec(quota=Quota(hard={"pods": "1", "count/jobs.batch": "2", "requests.storage": "1Gi"}))
    resources = counted([Workspace(spec=spec), Workspace()])
    assert resources == {"pods", "jobs.batch", "persistentvolumeclaims"}
    made = configuration(GuardSettings("https://p:1/", "CA"), "secret", resources)
    hooks = {hook["name"].partition(".")[0]: hook for hook in made["webhooks"]}
    rules = [(r["apiGroups"], r["operations"], r["resources"]) for r in hooks["quota"]["rules"]]
    assert rules == [
        ([""], ["CREATE"], ["persistentvolumeclaims", "pods"]),
        (["batch"], ["CREATE"], ["jobs"]),
        ([""], ["UPDATE"], ["persistentvolumeclaims", "pods/resize"]),
    ]
    assert hooks["quota"]["clientConfig"]["url"] == "https://p:1/admission/secret/v1/quota"
    failing = {name for name, hook in hooks.items() if hook["failurePolicy"] == "Fail"}
    assert failing == {"tenants", "marks", "quota"}
    without = configuration(GuardSettings("https://p:1", "CA"), "secret", frozenset())
    assert "quota" not in {hook["name"].partition(".")[0] for hook in without["webhooks"]}


def test_a_pending_entry_is_kept_small() -> None:
    ledger = charged(ask("a"))
    assert ledger.pending["a"] == Pending(at="2026-06-01T12:00:00Z", used={"requests.cpu": "1", "pods": "1"})
