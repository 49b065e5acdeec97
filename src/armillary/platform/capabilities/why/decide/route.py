"""Why a route leads nowhere: its class, the services and ports it names, its certificates. Pure."""

from collections.abc import Iterator

from armillary.base.words import Words
from armillary.kube.kinds.networking import Ingress, IngressBackend
from armillary.platform.capabilities.why.facts import Facts, ref_of
from armillary.platform.capabilities.why.finding import Finding, Step

DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
LEGACY_CLASS = "kubernetes.io/ingress.class"

NO_CLASS = Words(
    "the route {name} names the ingress class {wanted}, which does not exist",
    "应用路由 {name} 指定的 IngressClass {wanted} 不存在",
)
NO_CLASS_FIX = Words(
    "Use one that exists ({there}), or install its controller", "请使用已有的 IngressClass（{there}），或安装相应控制器"
)
NO_DEFAULT = Words(
    "the route {name} names no ingress class, and none is the default",
    "应用路由 {name} 未指定 IngressClass，且没有默认值",
)
NO_SERVICE = Words(
    "the route {name} leads to the service {service}, which does not exist",
    "应用路由 {name} 指向的服务 {service} 不存在",
)
NO_SERVICE_FIX = Words("Create the service, or correct its name", "请创建该服务，或更正名称")
NO_PORT = Words(
    "the route {name} leads to port {port} of the service {service}, which has {there}",
    "应用路由 {name} 指向服务 {service} 的端口 {port}，而该服务的端口为 {there}",
)
NO_PORT_FIX = Words("Correct the port", "请更正端口")
NO_SECRET = Words(
    "the route {name} takes its certificate from the secret {secret}, which does not exist",
    "应用路由 {name} 的证书密钥 {secret} 不存在",
)
NO_SECRET_FIX = Words(
    "Create it: kubectl create secret tls {secret} --cert=... --key=...",
    "请创建：kubectl create secret tls {secret} --cert=... --key=...",
)


def find(facts: Facts) -> Iterator[Finding]:
    for ingress in facts.ingresses:
        yield from _class(facts, ingress)
        for backend in _backends(ingress):
            yield from _backend(facts, ingress, backend)
        yield from _certificates(facts, ingress)


def _class(facts: Facts, ingress: Ingress) -> Iterator[Finding]:
    if facts.ingress_classes is None:
        return
    wanted = ingress.spec.ingress_class_name or ingress.metadata.annotations.get(LEGACY_CLASS, "")
    there = ", ".join(c.metadata.name for c in facts.ingress_classes) or "-"
    values = {"name": ingress.metadata.name, "wanted": wanted, "there": there}
    if wanted and all(c.metadata.name != wanted for c in facts.ingress_classes):
        yield Finding("ingress-class-missing", Step.ROUTE, ref_of(ingress), NO_CLASS, NO_CLASS_FIX, values)
    defaults = [c for c in facts.ingress_classes if c.metadata.annotations.get(DEFAULT_CLASS) == "true"]
    if not wanted and not defaults:
        yield Finding("no-default-ingress-class", Step.ROUTE, ref_of(ingress), NO_DEFAULT, NO_CLASS_FIX, values)


def _backends(ingress: Ingress) -> Iterator[IngressBackend]:
    if ingress.spec.default_backend is not None:
        yield ingress.spec.default_backend
    for rule in ingress.spec.rules:
        for path in rule.http.paths if rule.http is not None else ():
            yield path.backend


def _backend(facts: Facts, ingress: Ingress, backend: IngressBackend) -> Iterator[Finding]:
    if backend.service is None:
        return
    name, port = backend.service.name, backend.service.port
    values: dict[str, object] = {"name": ingress.metadata.name, "service": name}
    service = next((s for s in facts.all_services if s.metadata.name == name), None)
    if service is None:
        yield Finding("route-service-missing", Step.ROUTE, ref_of(ingress), NO_SERVICE, NO_SERVICE_FIX, values)
    elif port is not None and not any(
        p.port == port.number if port.number else p.name == port.name for p in service.spec.ports
    ):
        there = ", ".join(str(p.port) for p in service.spec.ports) or "-"
        values |= {"port": port.number or port.name, "there": there}
        yield Finding("route-port-missing", Step.ROUTE, ref_of(ingress), NO_PORT, NO_PORT_FIX, values)


def _certificates(facts: Facts, ingress: Ingress) -> Iterator[Finding]:
    for tls in ingress.spec.tls:
        if tls.secret_name in facts.absent_secrets:
            values = {"name": ingress.metadata.name, "secret": tls.secret_name}
            yield Finding("route-certificate-missing", Step.ROUTE, ref_of(ingress), NO_SECRET, NO_SECRET_FIX, values)
