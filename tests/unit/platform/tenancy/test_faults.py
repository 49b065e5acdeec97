"""What people write is told to be wrong or can be worked with: nothing in between makes a controller fall over."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.harness.settles import NOON

from armillary.kube.kinds.core import Namespace
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.reconcile import Create
from armillary.platform.capabilities.tenancy.decide.faults import project_faults, workspace_faults
from armillary.platform.capabilities.tenancy.decide.project import ProjectSeen, decide_project
from armillary.platform.capabilities.tenancy.kinds import (
    Allowed,
    Limits,
    Network,
    Project,
    ProjectSpec,
    Quota,
    Usage,
    Workspace,
    WorkspaceSpec,
)
from armillary.platform.capabilities.tenancy.names import FINALIZER, PROJECTS, free_name
from armillary.platform.capabilities.tenancy.quota.ledger import Ask, charge, recount

NAMES = st.sampled_from(
    ["cpu", "requests.cpu", "limits.memory", "pods", "count/jobs.batch", "requests.storage", "requests.x.io/gpu"]
) | st.text(max_size=20)
AMOUNTS = (
    st.from_regex(r"\A[+-]?[0-9]{1,4}(\.[0-9]{0,4})?(m|k|Ki|Mi|Gi|Ei|e[0-9]{1,3}|E-?[0-9]{1,2}|n)?\Z")
    | st.from_regex(r"\A[0-9]{1,60}(\.[0-9]{1,40})?(m|Gi)?\Z")
    | st.text(max_size=12)
)
HARD = st.dictionaries(NAMES, AMOUNTS, max_size=3)
ALLOWED = st.builds(
    Allowed,
    workspace=st.sampled_from(["", "team-b"]) | st.text(max_size=8),
    namespace=st.sampled_from(["", "x"]),
    cidr=st.sampled_from(["", "10.0.0.0/8", "::/0"]) | st.text(max_size=8),
)
SPECS = st.builds(
    ProjectSpec,
    creator=st.sampled_from(["", "ann"]) | st.text(max_size=8),
    quota=st.builds(Quota, hard=HARD),
    limits=st.builds(Limits, default=HARD, default_request=HARD, max=HARD),
    network=st.builds(Network, isolated=st.booleans(), allow=st.tuples(ALLOWED) | st.just(())),
)


@settings(max_examples=400, deadline=None)
@given(SPECS)
def test_a_project_is_told_its_faults_or_is_made(spec: ProjectSpec) -> None:
    meta = ObjectMeta(name="web", namespace="workspace-a", finalizers=(FINALIZER,))
    namespace = Namespace(metadata=ObjectMeta(name="a-web", uid="u"))
    above = Workspace(metadata=ObjectMeta(name="a", uid="w"))
    seen = ProjectSeen(PROJECTS, Project(metadata=meta, spec=spec), NOON, workspace=above, namespace=namespace)
    decision = decide_project(seen)
    created = [action for action in decision.actions if isinstance(action, Create)]
    assert bool(created) is not bool(project_faults(spec))


@settings(max_examples=300, deadline=None)
@given(HARD, st.integers(0, 10**15))
def test_any_quota_without_faults_can_be_charged_and_counted(hard: dict[str, str], amount: int) -> None:
    if workspace_faults(WorkspaceSpec(quota=Quota(hard=hard))):
        return
    uses: dict[str, Any] = dict.fromkeys(hard, amount)
    ledger = recount(Usage(), hard, {"a": uses}, NOON)
    result = charge(ledger, hard, Ask("b", uses, {}), NOON)
    assert str(result)
    assert recount(ledger, hard, {}, NOON).used.keys() == hard.keys()


@given(st.text("ab-", min_size=1, max_size=70), st.sets(st.text("ab-", min_size=1, max_size=5)))
def test_a_free_name_is_a_namespaces_name_and_nobodys(plain: str, taken: set[str]) -> None:
    name = free_name(f"a{plain}", "projects/a/b", taken)
    assert len(name) <= 63
    assert name not in taken
