"""What admission is told of a connection (exec, attach, port-forward, proxy): the options it is asked with. Pure.

Upstream: k8s.io/kubernetes, pkg/registry/core/{pod,service,node} "NewConnectOptions".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from armillary.base.errors import BadRequest
from armillary.engine.apiserver.ports import AdmissionRequest, Call, Operation
from armillary.engine.apiserver.subresources.body import flag, is_dry_run, text
from armillary.engine.kinds.resource import Json, Resource


@dataclass(frozen=True, slots=True)
class _Options:
    """The type of a connection's options, and which parameters of the query they are made of."""

    kind: str
    flags: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    has_path: bool = False

    @property
    def resource(self) -> Resource:
        return Resource("", "v1", self.kind, self.kind.lower(), f"io.k8s.api.core.v1.{self.kind}")


_STREAMS = ("stdin", "stdout", "stderr", "tty")
_CONNECTIONS: Mapping[tuple[str, str], _Options] = {
    ("pods", "exec"): _Options("PodExecOptions", _STREAMS, ("container",), words=("command",)),
    ("pods", "attach"): _Options("PodAttachOptions", _STREAMS, ("container",)),
    ("pods", "portforward"): _Options("PodPortForwardOptions", numbers=("ports",)),
    ("pods", "proxy"): _Options("PodProxyOptions", has_path=True),
    ("services", "proxy"): _Options("ServiceProxyOptions", has_path=True),
    ("nodes", "proxy"): _Options("NodeProxyOptions", has_path=True),
}


def connection_of(call: Call) -> AdmissionRequest | None:
    """What admission is asked about; None for what is no connection. Raises BadRequest."""
    options = _CONNECTIONS.get((call.resource.name, call.subresource))
    if options is None:
        return None
    if is_dry_run(call):
        raise BadRequest("dryRun is not supported")
    made: Json = {"kind": options.kind, "apiVersion": "v1"}
    made |= {name: True for name in options.flags if flag(call, name)}
    made |= {name: value for name in options.texts if (value := text(call, name))}
    made |= {name: list(call.query[name]) for name in options.words if call.query.get(name)}
    made |= {name: _numbers(call.query[name]) for name in options.numbers if call.query.get(name)}
    if options.has_path and call.rest:
        made["path"] = call.rest
    return AdmissionRequest(
        call.user,
        Operation.CONNECT,
        call.resource,
        call.subresource,
        call.namespace,
        call.name,
        made,
        None,
        kind=options.resource,
    )


def _numbers(values: Sequence[str]) -> list[int]:
    return [int(number) for value in values for number in value.split(",") if number.isascii() and number.isdigit()]
