"""Ingresses and their classes: rules, defaults, columns.

Rules: k8s.io/kubernetes, pkg/apis/networking/v1/defaults.go, pkg/apis/networking/validation.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import text
from armillary.engine.kinds.checks import check_same, check_segment, each
from armillary.engine.kinds.columns import AGE, NONE
from armillary.engine.kinds.faults import forbidden, invalid, required, too_long, under, unsupported, wrong
from armillary.engine.kinds.fields import dig, fill, part, spec_of, status_of
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.values import check_domain_path, check_ip, is_ip

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
_MOST_CONTROLLER = 250
_MOST_HOSTS = 3
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDINGS = ("/..", "/.")
_SCOPES = ("Cluster", "Namespace")


def _default_ingress(obj: Json) -> None:
    part(obj, "spec")


def _start_ingress(obj: Json) -> None:
    obj["status"] = {"loadBalancer": {}}


def _validate_ingress(new: Json, old: Json | None) -> Sequence[Cause]:
    spec, before = spec_of(new), spec_of(old) if old else {}
    # What stands and breaks newer rules is let be, as long as it already broke them.
    lenient_secrets = any(_secret_problems(tls) for tls in before.get("tls") or ())
    lenient_wildcards = any("*" in (r.get("host") or "") and any(_check_http(r)) for r in before.get("rules") or ())
    found = list(under("spec", _check_spec(spec, secrets=not lenient_secrets, wildcards=not lenient_wildcards)))
    chosen, noted = spec.get("ingressClassName"), dig(new, "metadata", "annotations", CLASS_ANNOTATION)
    if old is None and noted is not None and chosen is not None and noted != chosen:
        fault = "must match `ingressClassName` when both are specified"
        found.append(invalid(f"annotations.{CLASS_ANNOTATION}", noted, fault))
    return found


def _check_spec(spec: Json, *, secrets: bool, wildcards: bool) -> Iterator[Cause]:
    backend, rules = spec.get("defaultBackend"), spec.get("rules") or []
    if not rules and backend is None:
        fault = "either `defaultBackend` or `rules` must be specified"
        yield invalid("", spec.get("rules"), fault)
    if backend is not None:
        yield from under("defaultBackend", _check_backend(backend))
    yield from each("rules", rules, lambda rule: _check_rule(rule, wildcards=wildcards))
    yield from each("tls", spec.get("tls"), lambda tls: _check_tls(tls, secrets=secrets))
    if (name := spec.get("ingressClassName")) is not None:
        yield from wrong("ingressClassName", name, names.dns_subdomain(name))


def _check_tls(tls: Json, *, secrets: bool) -> Iterator[Cause]:
    for i, host in enumerate(tls.get("hosts") or ()):
        rule = names.wildcard_dns_subdomain if "*" in host else names.dns_subdomain
        yield from wrong(f"hosts[{i}]", host, rule(host))
    if secrets:
        yield from wrong("secretName", tls.get("secretName") or "", _secret_problems(tls))


def _secret_problems(tls: Json) -> Sequence[str]:
    name = tls.get("secretName")
    return names.dns_subdomain(name) if name else ()


def _check_rule(rule: Json, *, wildcards: bool) -> Iterator[Cause]:
    host = rule.get("host") or ""
    if host and is_ip(host):
        yield invalid("host", host, "must be a DNS name, not an IP address")
    if "*" in host:
        yield from wrong("host", host, names.wildcard_dns_subdomain(host))
    elif host:
        yield from wrong("host", host, names.dns_subdomain(host))
    if wildcards or "*" not in host:
        yield from _check_http(rule)


def _check_http(rule: Json) -> Iterator[Cause]:
    http = rule.get("http")
    if http is None:
        return
    if not http.get("paths"):
        yield required("http.paths")
    yield from under("http", each("paths", http.get("paths"), _check_path))


def _check_path(path: Json) -> Iterator[Cause]:
    kind, value = path.get("pathType"), path.get("path") or ""
    if kind is None:
        yield required("pathType", "pathType must be specified")
        return
    if kind not in _PATH_TYPES:
        yield unsupported("pathType", kind, _PATH_TYPES)
    elif kind == "ImplementationSpecific":
        if value and not value.startswith("/"):
            yield invalid("path", value, "must be an absolute path")
    else:
        if not value.startswith("/"):
            yield invalid("path", value, "must be an absolute path")
        for bad in _BAD_SEQUENCES:
            if bad in value:
                yield invalid("path", value, f"must not contain '{bad}'")
        for bad in _BAD_ENDINGS:
            if value.endswith(bad):
                yield invalid("path", value, f"cannot end with '{bad}'")
    yield from under("backend", _check_backend(path.get("backend") or {}))


def _check_backend(backend: Json) -> Iterator[Cause]:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        yield invalid("", "", "cannot set both resource and service backends")
    elif resource is not None:
        yield from under("resource", _check_reference(resource))
    elif service is not None:
        yield from _check_service(service)
    else:
        yield invalid("", "", "resource or service backend is required")


def _check_service(service: Json) -> Iterator[Cause]:
    if name := service.get("name"):
        yield from wrong("service.name", name, names.dns_label(name))
    else:
        yield required("service.name")
    port = service.get("port") or {}
    name, number = port.get("name") or "", port.get("number") or 0
    if name and number:
        yield invalid("", "", "cannot set both port name & port number")
    elif name:
        yield from wrong("service.port.name", name, names.port_name(name))
    elif number:
        yield from wrong("service.port.number", number, names.port_number(number))
    else:
        yield required("", "port name or number is required")


def _check_reference(ref: Json) -> Iterator[Cause]:
    if (group := ref.get("apiGroup")) is not None:
        yield from wrong("apiGroup", group, names.dns_subdomain(group))
    yield from check_segment("kind", ref.get("kind"))
    yield from check_segment("name", ref.get("name"))


def _check_ingress_status(new: Json, old: Json) -> Sequence[Cause]:
    before = {i.get("ip") for i in dig(status_of(old), "loadBalancer", "ingress") or ()}

    def check(ingress: Json) -> Iterator[Cause]:
        ip, host = ingress.get("ip"), ingress.get("hostname")
        if ip and ip not in before:
            yield from check_ip("ip", ip)
        if host:
            yield from wrong("hostname", host, names.dns_subdomain(host))
            if is_ip(host):
                yield invalid("hostname", host, "must be a DNS name, not an IP address")

    return list(each("status.loadBalancer.ingress", dig(status_of(new), "loadBalancer", "ingress"), check))


def _default_class(obj: Json) -> None:
    if (parameters := part(obj, "spec").get("parameters")) is not None:
        fill(parameters, scope="Cluster")


def _validate_class(new: Json, old: Json | None) -> Sequence[Cause]:
    spec = spec_of(new)
    found = check_same(spec, spec_of(old), "controller") if old is not None else []
    controller = spec.get("controller") or ""
    if names.size(controller) > _MOST_CONTROLLER:
        found.append(too_long("controller", _MOST_CONTROLLER))
    found += check_domain_path("controller", controller)
    if (parameters := spec.get("parameters")) is not None:
        found += under("parameters", _check_parameters(parameters))
    return list(under("spec", found))


def _check_parameters(parameters: Json) -> Iterator[Cause]:
    yield from _check_reference(parameters)
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    if scope is None:
        yield required("scope")
    elif scope not in _SCOPES:
        yield unsupported("scope", scope, _SCOPES)
    elif scope == "Cluster" and namespace is not None:
        yield forbidden("namespace", "`parameters.scope` is set to 'Cluster'")
    elif scope == "Namespace" and namespace is None:
        yield required("namespace", "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace":
        yield from wrong("namespace", namespace, names.dns_label(namespace or ""))


def _hosts(obj: Json, now: datetime) -> str:
    rules = spec_of(obj).get("rules") or ()
    shown = [r["host"] for r in rules if r.get("host")][:_MOST_HOSTS]
    if not shown:
        return "*"
    more = len(rules) - _MOST_HOSTS if len(shown) == _MOST_HOSTS else 0
    return ",".join(shown) + (f" + {more} more..." if more > 0 else "")


def _address(obj: Json, now: datetime) -> str:
    points = dig(status_of(obj), "loadBalancer", "ingress") or ()
    return ",".join(sorted({p.get("ip") or p.get("hostname") for p in points} - {None, ""}))


def _ports(obj: Json, now: datetime) -> str:
    return "80, 443" if spec_of(obj).get("tls") else "80"


def marked_default(name: str, annotation: str) -> Column:
    """The Name column of kinds of which one is the default."""

    def value(obj: Json, now: datetime) -> str:
        is_default = dig(obj, "metadata", "annotations", annotation) == "true"
        return (dig(obj, "metadata", "name") or "") + (" (default)" if is_default else "")

    return Column(name, "string", value, "The name, and whether it is the default.", format="name")


def _parameters(obj: Json, now: datetime) -> str:
    parameters = spec_of(obj).get("parameters")
    if parameters is None:
        return NONE
    group = parameters.get("apiGroup")
    kind = parameters.get("kind") or ""
    return f"{kind}{'' if group is None else f'.{group}'}/{parameters.get('name') or ''}"


INGRESSES = Resource(
    group="networking.k8s.io",
    version="v1",
    kind="Ingress",
    plural="ingresses",
    schema="io.k8s.api.networking.v1.Ingress",
    singular="ingress",
    short_names=("ing",),
    subresources=("status",),
    columns=(
        text("Class", "spec", "ingressClassName", absent=NONE),
        Column("Hosts", "string", _hosts, "The hosts whose requests are taken."),
        Column("Address", "string", _address, "Where the load balancer listens."),
        Column("Ports", "string", _ports, "The ports that are open."),
        AGE,
    ),
    default=_default_ingress,
    prepare_create=_start_ingress,
    validate=validator(names.dns_subdomain, _validate_ingress),
    validate_status=status_validator(_check_ingress_status),
)

INGRESS_CLASSES = Resource(
    group="networking.k8s.io",
    version="v1",
    kind="IngressClass",
    plural="ingressclasses",
    schema="io.k8s.api.networking.v1.IngressClass",
    singular="ingressclass",
    namespaced=False,
    columns=(
        marked_default("Name", _DEFAULT_CLASS),
        text("Controller", "spec", "controller"),
        Column("Parameters", "string", _parameters, "Where the controller's parameters stand."),
        AGE,
    ),
    default=_default_class,
    validate=validator(names.dns_subdomain, _validate_class, namespaced=False),
    has_status=False,
)
