"""The resources of the API group apps."""

from collections.abc import Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import number
from armillary.engine.kinds.checks import check_counts, check_same
from armillary.engine.kinds.columns import AGE, NONE
from armillary.engine.kinds.daemon_set import DAEMON_SETS
from armillary.engine.kinds.deployment import DEPLOYMENTS, REPLICA_SETS
from armillary.engine.kinds.faults import required
from armillary.engine.kinds.fields import dig
from armillary.engine.kinds.meta import validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.stateful_set import STATEFUL_SETS


def _controller(obj: Json, now: datetime) -> str:
    for owner in dig(obj, "metadata", "ownerReferences") or ():
        if owner.get("controller"):
            group, slash, _ = (owner.get("apiVersion") or "").rpartition("/")
            kind = owner.get("kind") or ""
            return f"{kind}{'.' if slash else ''}{group}".lower() + f"/{owner.get('name') or ''}"
    return NONE


def _validate_revision(new: Json, old: Json | None) -> Sequence[Cause]:
    found = list(check_counts(new, "revision"))
    if old is not None:
        return found + check_same(new, old, "data")
    match new.get("data"):
        case None:
            found.append(required("data", "data is mandatory"))
        case dict():
            pass
        case _:
            found.append(required("data", "data must be a valid JSON object"))
    return found


CONTROLLER_REVISIONS = Resource(
    group="apps",
    version="v1",
    kind="ControllerRevision",
    plural="controllerrevisions",
    schema="io.k8s.api.apps.v1.ControllerRevision",
    singular="controllerrevision",
    columns=(
        Column("Controller", "string", _controller, "The controller of the object."),
        number("Revision", "revision", type="string"),
        AGE,
    ),
    validate=validator(names.dns_subdomain, _validate_revision),
    counts_generation=False,
    has_status=False,
)

RESOURCES: tuple[Resource, ...] = (DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, CONTROLLER_REVISIONS)
