"""Every handler, by the names of its resource and subresource."""

from collections.abc import Sequence

from armillary.base.clock import Clock
from armillary.engine.apiserver.auth.tokens import Issuer
from armillary.engine.apiserver.ports import Authorizer, Handler
from armillary.engine.apiserver.subresources.agents import Agents
from armillary.engine.apiserver.subresources.binding import Bindings
from armillary.engine.apiserver.subresources.eviction import Evictions
from armillary.engine.apiserver.subresources.pods import PodLogs, PodStreams
from armillary.engine.apiserver.subresources.proxy import Proxies
from armillary.engine.apiserver.subresources.token_request import TokenRequests


def subresource_handlers(
    agents: Agents,
    issuer: Issuer,
    audiences: Sequence[str],
    authorizer: Authorizer,
    clock: Clock,
) -> dict[tuple[str, str], Handler]:
    """`audiences` are the API server's own, for token requests that name none."""
    bindings, streams, proxies = Bindings(clock), PodStreams(agents, authorizer), Proxies(agents)
    return {
        ("bindings", ""): bindings.create,
        ("pods", "binding"): bindings.create,
        ("pods", "eviction"): Evictions(clock).create,
        ("pods", "log"): PodLogs(agents).get,
        ("pods", "exec"): streams.exec,
        ("pods", "attach"): streams.attach,
        ("pods", "portforward"): streams.port_forward,
        ("pods", "proxy"): proxies.pod,
        ("services", "proxy"): proxies.service,
        ("nodes", "proxy"): proxies.node,
        ("serviceaccounts", "token"): TokenRequests(issuer, audiences, clock).create,
    }
