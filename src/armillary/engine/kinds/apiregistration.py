"""The resources of the API group apiregistration.

Rules: k8s.io/kube-aggregator, pkg/apis/apiregistration/validation, pkg/registry/apiservice.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.checks import check_choice, each
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import invalid, required, under, wrong
from armillary.engine.kinds.fields import fill, part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.resource import Column, Json, Resource

_LOCAL = {
    "type": "Available",
    "status": "True",
    "reason": "Local",
    "message": "Local APIServices are always available",
}
_STATUSES = ("True", "False", "Unknown")


def _default(obj: Json) -> None:
    if service := part(obj, "spec").get("service"):
        fill(service, port=443)


def _prepare_create(obj: Json) -> None:
    made = (obj.get("metadata") or {}).get("creationTimestamp")
    condition = {**_LOCAL, "lastTransitionTime": made} if made else _LOCAL
    obj["status"] = {} if spec_of(obj).get("service") else {"conditions": [condition]}


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    spec, name = spec_of(new), (new.get("metadata") or {}).get("name") or ""
    wanted = f"{spec.get('version') or ''}.{spec.get('group') or ''}"
    found: list[Cause] = []
    if name and name != wanted and not names.path_segment(name):
        found.append(invalid("metadata.name", name, f'must be `spec.version+"."+spec.group`: "{wanted}"'))
    return [*found, *under("spec", _check_spec(spec))]


def _check_spec(spec: Json) -> Iterator[Cause]:
    group, version = spec.get("group") or "", spec.get("version") or ""
    if not group and version != "v1":
        yield required("group", "only v1 may have an empty group and it better be legacy kube")
    if group:
        yield from wrong("group", group, names.dns_subdomain(group))
    yield from wrong("version", version, names.dns_1035_label(version))
    for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        value = spec.get(field) or 0
        if not 0 < value <= most:
            yield invalid(field, value, f"must be positive and less than {most}")
    service, bundle, insecure = spec.get("service"), spec.get("caBundle"), spec.get("insecureSkipTLSVerify")
    if service is None:
        if bundle:
            size = len(bundle) * 3 // 4 - bundle.count("=")
            yield invalid("caBundle", f"{size} bytes", "local APIServices may not have a caBundle")
        if insecure:
            yield invalid("insecureSkipTLSVerify", True, "local APIServices may not have insecureSkipTLSVerify")
        return
    for field in ("namespace", "name"):
        if not service.get(field):
            yield required(f"service.{field}")
    port = service.get("port") or 0
    if problems := names.port_number(port):
        yield invalid("service.port", port, f"port is not valid: {', '.join(problems)}")
    if insecure and bundle:
        yield invalid("insecureSkipTLSVerify", True, "may not be true if caBundle is present")


def _check_status(new: Json, old: Json) -> Sequence[Cause]:
    conditions = status_of(new).get("conditions")
    return list(
        each("status.conditions", conditions, lambda c: check_choice("status", c.get("status") or "", _STATUSES))
    )


def _service(obj: Json, now: datetime) -> str:
    service = spec_of(obj).get("service")
    return "Local" if service is None else f"{service.get('namespace') or ''}/{service.get('name') or ''}"


def _available(obj: Json, now: datetime) -> str:
    for condition in status_of(obj).get("conditions") or ():
        if condition.get("type") == "Available":
            status, reason = condition.get("status") or "", condition.get("reason")
            return f"{status} ({reason})" if status != "True" and reason else status
    return "Unknown"


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="apiregistration.k8s.io",
        version="v1",
        kind="APIService",
        plural="apiservices",
        schema="io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
        singular="apiservice",
        namespaced=False,
        categories=("api-extensions",),
        subresources=("status",),
        columns=(
            Column("Service", "string", _service, "The service that serves the version."),
            Column("Available", "string", _available, "Whether it is there."),
            AGE,
        ),
        default=_default,
        prepare_create=_prepare_create,
        validate=validator(names.path_segment, _validate, namespaced=False, built_in=False),
        validate_status=status_validator(_check_status, built_in=False),
        counts_generation=False,
    ),
)
