"""Why a service leads nowhere: its selector, its ports, the pods behind it, policies before them. Pure."""

from collections.abc import Iterator

from armillary.base.words import Words
from armillary.kube.kinds.core import Pod, Service, ServicePort
from armillary.kube.kinds.networking import NetworkPolicy
from armillary.kube.selectors import selector_of
from armillary.platform.capabilities.why.facts import Facts, is_ready, ref_of
from armillary.platform.capabilities.why.finding import Finding, Step

NO_MATCH = Words(
    "the service {name} selects {selector}, which no pod has", "服务 {name} 的选择器 {selector} 未匹配任何 Pod"
)
NO_MATCH_FIX = Words("Make the selector and the pods' labels the same", "请使选择器与 Pod 标签一致")
NEAR_MATCH_FIX = Words("Make them the same: there are pods with {near}", "请使二者一致：现有 Pod 的标签为 {near}")
NOT_READY = Words(
    "none of the {count} pods behind the service {name} is ready", "服务 {name} 背后的 {count} 个 Pod 均未就绪"
)
NOT_READY_FIX = Words("See why the pods are not ready", "请查看 Pod 未就绪的原因")
NO_NAMED_PORT = Words(
    "the service {name} leads to a port named {port}, which its pods' containers do not have",
    "服务 {name} 指向名为 {port} 的端口，但其 Pod 的容器没有该端口",
)
NO_PORT = Words(
    "the service {name} leads to port {port}, and its pods' containers declare only {declared}",
    "服务 {name} 指向端口 {port}，但其 Pod 的容器仅声明了 {declared}",
)
NO_PORT_FIX = Words("Correct targetPort", "请更正 targetPort")
NO_BACKEND = Words("the service {name} has neither a selector nor endpoints", "服务 {name} 既没有选择器也没有端点")
NO_BACKEND_FIX = Words("Give it a selector, or write an EndpointSlice for it", "请设置选择器，或为其创建 EndpointSlice")
NO_ADDRESS = Words(
    "the service {name} of type LoadBalancer has got no address: nothing here gives addresses out",
    "LoadBalancer 类型的服务 {name} 未获得地址：没有可用的地址分配器",
)
NO_ADDRESS_FIX = Words(
    "Use NodePort or an Ingress, or install a load balancer", "请使用 NodePort 或 Ingress，或安装负载均衡器"
)
DENIED = Words(
    "the network policy {policy} lets nobody reach the pods of the service {name}",
    "网络策略 {policy} 禁止访问服务 {name} 的 Pod",
)
DENIED_FIX = Words("Allow who should reach them: add an ingress rule to a policy", "请在策略中添加 ingress 规则以放行")


def find(facts: Facts) -> Iterator[Finding]:
    for service in facts.services:
        if service.spec.type != "ExternalName":
            yield from _service(facts, service)


def _service(facts: Facts, service: Service) -> Iterator[Finding]:
    ref, values = ref_of(service), {"name": service.metadata.name}
    if not service.spec.selector:
        if not _has_endpoints(facts, service):
            yield Finding("service-without-backend", Step.SERVICE, ref, NO_BACKEND, NO_BACKEND_FIX, values)
        return
    behind = [pod for pod in facts.neighbours if service.spec.selector.items() <= pod.metadata.labels.items()]
    alive = [pod for pod in behind if pod.status.phase in ("", "Pending", "Running")]
    if not alive:
        yield _no_match(facts, service)
        return
    for port in service.spec.ports:
        yield from _port(service, port, alive)
    if not any(map(is_ready, alive)) and not service.spec.publish_not_ready_addresses:
        told = values | {"count": len(alive)}
        yield Finding("service-without-ready-pods", Step.SERVICE, ref, NOT_READY, NOT_READY_FIX, told)
    else:
        yield from _denied(facts, service, alive)
    balancer = service.status.load_balancer
    if service.spec.type == "LoadBalancer" and (balancer is None or not balancer.ingress):
        yield Finding("no-external-address", Step.ROUTE, ref, NO_ADDRESS, NO_ADDRESS_FIX, values)


def _has_endpoints(facts: Facts, service: Service) -> bool:
    name = service.metadata.name
    return any(s.endpoints and s.metadata.labels.get("kubernetes.io/service-name") == name for s in facts.slices)


def _no_match(facts: Facts, service: Service) -> Finding:
    selector = ",".join(f"{k}={v}" for k, v in sorted(service.spec.selector.items()))
    values: dict[str, object] = {"name": service.metadata.name, "selector": selector}
    fix = NO_MATCH_FIX
    for pod in facts.neighbours:
        if near := {k: v for k, v in pod.metadata.labels.items() if k in service.spec.selector}:
            values["near"] = ",".join(f"{k}={v}" for k, v in sorted(near.items()))
            fix = NEAR_MATCH_FIX
            break
    return Finding("selector-matches-nothing", Step.SERVICE, ref_of(service), NO_MATCH, fix, values)


def _port(service: Service, port: ServicePort, pods: list[Pod]) -> Iterator[Finding]:
    target = port.target_port if port.target_port not in (None, 0, "") else port.port
    declared = [p for pod in pods for c in (*pod.spec.containers, *pod.spec.init_containers) for p in c.ports]
    values = {"name": service.metadata.name, "port": target}
    if isinstance(target, str):
        if not any(p.name == target for p in declared):
            yield Finding("named-port-missing", Step.SERVICE, ref_of(service), NO_NAMED_PORT, NO_PORT_FIX, values)
    elif declared and not any(p.container_port == target for p in declared):
        # Ports need not be declared; where some are, and not this one, it is most likely a slip.
        there = ", ".join(str(number) for number in sorted({p.container_port for p in declared}))
        told = values | {"declared": there}
        yield Finding("port-not-declared", Step.SERVICE, ref_of(service), NO_PORT, NO_PORT_FIX, told)


def _denied(facts: Facts, service: Service, pods: list[Pod]) -> Iterator[Finding]:
    for pod in pods:
        about = [policy for policy in facts.policies if _is_about(policy, pod)]
        if about and not any(policy.spec.ingress for policy in about):
            values = {"name": service.metadata.name, "policy": about[0].metadata.name}
            yield Finding("denied-by-policy", Step.SERVICE, ref_of(service), DENIED, DENIED_FIX, values)
            return


def _is_about(policy: NetworkPolicy, pod: Pod) -> bool:
    selector = selector_of(policy.spec.pod_selector)
    is_ingress = not policy.spec.policy_types or "Ingress" in policy.spec.policy_types
    return is_ingress and (selector is None or selector.matches(pod.metadata.labels))
