"""The call that explains: as the caller, so that nothing is told of what they may not see."""

from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct

from armillary.base.words import Language, spoken
from armillary.kube.kinds.apps import DEPLOYMENT, REPLICA_SET, STATEFUL_SET
from armillary.kube.kinds.batch import CRON_JOB, JOB
from armillary.platform.capabilities.why.decide.explain import explain, paragraph
from armillary.platform.capabilities.why.finding import Finding
from armillary.platform.capabilities.why.observe import observe, subject_kind
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.parts import Clusters


@dataclass(frozen=True, slots=True)
class Deps:
    clusters: Clusters


class WhyQuery(Struct, frozen=True, kw_only=True):
    namespace: Annotated[str, Meta(description="Where the object is.", min_length=1)]
    language: Annotated[str, Meta(description="`en` or `zh`; the caller's own if empty.")] = ""


class Mending(Struct, frozen=True, kw_only=True):
    """A change that mends it: a merge patch of one object."""

    group: str
    version: str
    plural: str
    namespace: str
    name: str
    patch: dict[str, Any]


class FoundFault(Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that is wrong."""

    code: Annotated[str, Meta(description="Stable, for programs: `image-missing`.")]
    step: Annotated[str, Meta(description="Where on the way it is: quota, admission, scheduler, image, ...")]
    about: Annotated[str, Meta(description="The object it was found at: `Pod shop/web-1`.")]
    says: str
    fix: str
    command: Annotated[str, Meta(description="A command that mends it or shows more; none if empty.")]
    evidence: Annotated[tuple[str, ...], Meta(description="What was seen, in the cluster's own words.")]
    mending: Annotated[Mending | None, Meta(description="Where one change is certain to mend it.")] = None


class Why(Struct, frozen=True, kw_only=True, rename="camel"):
    """Why something does not work; the first fault is the cause of the others."""

    subject: str
    healthy: bool
    summary: Annotated[str, Meta(description="One paragraph for a person.")]
    faults: tuple[FoundFault, ...]
    withheld: Annotated[tuple[str, ...], Meta(description="What could not be looked at, since the caller may not.")]


async def why(call: Call, deps: Deps) -> Why:
    kind, query = subject_kind(call.path["kind"]), call.query
    client = deps.clusters.client_as(call.user, call.path["cluster"])
    explanation = explain(await observe(client, kind, query.namespace, call.path["name"]))
    language = spoken(query.language or call.user.language)
    return Why(
        subject=str(explanation.subject),
        healthy=explanation.cause is None,
        summary=paragraph(explanation, language),
        faults=tuple(_told(finding, language) for finding in explanation.findings),
        withheld=explanation.withheld,
    )


def _told(finding: Finding, language: Language) -> FoundFault:
    return FoundFault(
        code=finding.code,
        step=finding.step.name.lower(),
        about=str(finding.about),
        says=finding.said(language),
        fix=finding.mended(language),
        command=finding.command,
        evidence=finding.evidence,
        mending=_mending(finding),
    )


def _mending(finding: Finding) -> Mending | None:
    kind = _CHANGED.get(finding.about.kind)
    if finding.change is None or kind is None:
        return None
    about = finding.about
    return Mending(
        group=kind.group,
        version=kind.version,
        plural=kind.plural,
        namespace=about.namespace,
        name=about.name,
        patch=dict(finding.change),
    )


_CHANGED = {kind.name: kind for kind in (DEPLOYMENT, STATEFUL_SET, REPLICA_SET, JOB, CRON_JOB)}

ROUTES: tuple[Route[Deps], ...] = (
    Route(
        "GET",
        "/clusters/{cluster}/why/{kind}/{name}",
        why,
        needs=Open.SIGNED_IN,  # everything is read as the caller
        query=WhyQuery,
        returns=Why,
        summary="Why an object does not work, and what would mend it.",
    ),
)
