"""Probes and lifecycle hooks of containers.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "validateProbe", "validateLifecycle".
"""

from collections.abc import Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import forbidden, invalid, not_supported, required, under, wrong
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.values import NOT_NEGATIVE, check_port_number_or_name

_PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_SIGNALS = (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP "
    "TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
)
_LINUX_SIGNALS = frozenset(
    [f"SIG{name}" for name in _SIGNALS.split(" ")]
    + [f"SIGRTMIN+{n}" for n in range(1, 16)]
    + [f"SIGRTMAX-{n}" for n in range(1, 15)]
)


def check_probes_and_hooks(container: Json, grace_seconds: int | None, os: str) -> list[Cause]:
    """Everything that the runtime is to run or ask while the container lives; relative to the container."""
    found: list[Cause] = []
    if (lifecycle := container.get("lifecycle")) is not None:
        found += under("lifecycle", _check_lifecycle(lifecycle, grace_seconds, os))
    for kind in _PROBES:
        probe = container.get(kind)
        if probe is not None and (faults := _check_probe(kind, probe)):
            found += under(kind, faults)
    return found


def _check_probe(kind: str, probe: Json) -> list[Cause]:
    found = _check_handler(probe, _PROBE_HANDLERS, None)
    for count in _COUNTS:
        if (value := probe.get(count)) is not None and value < 0:
            found.append(invalid(count, value, NOT_NEGATIVE))
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        found.append(invalid("terminationGracePeriodSeconds", grace, "must be greater than 0"))
    if kind == "readinessProbe":
        if grace is not None:
            fault = "must not be set for readinessProbes"
            found.append(invalid("terminationGracePeriodSeconds", grace, fault))
    elif (probe.get("successThreshold") or 0) != 1:
        found.append(invalid("successThreshold", probe.get("successThreshold") or 0, "must be 1"))
    return found


def _check_lifecycle(lifecycle: Json, grace_seconds: int | None, os: str) -> list[Cause]:
    found: list[Cause] = []
    for hook in ("postStart", "preStop"):
        if (handler := lifecycle.get(hook)) is not None:
            found += under(hook, _check_handler(handler, _HOOK_HANDLERS, grace_seconds))
    if (signal := lifecycle.get("stopSignal")) is not None:
        allowed = frozenset({"SIGKILL", "SIGTERM"}) if os == "windows" else _LINUX_SIGNALS
        if not os:
            found.append(forbidden("stopSignal", "may not be set for containers with empty `spec.os.name`"))
        elif signal not in allowed:
            found.append(not_supported("stopSignal", signal, allowed))
    return found


def _check_handler(handler: Json, kinds: Sequence[str], grace_seconds: int | None) -> list[Cause]:
    given = [kind for kind in kinds if handler.get(kind) is not None]
    if not given:
        return [required("", "must specify a handler type")]
    first = given[0]
    found = _check_action(first, handler[first], grace_seconds)
    return found + [forbidden(kind, "may not specify more than 1 handler type") for kind in given[1:]]


def _check_action(kind: str, action: Json, grace_seconds: int | None) -> list[Cause]:
    match kind:
        case "exec":
            return [] if action.get("command") else [required("exec.command")]
        case "httpGet":
            return list(under("httpGet", faults)) if (faults := _check_http(action)) else []
        case "sleep":
            seconds = action.get("seconds") or 0
            if grace_seconds is None or 0 <= seconds <= grace_seconds:
                return []
            fault = f"must be non-negative and less than terminationGracePeriodSeconds ({grace_seconds})"
            return [invalid("sleep", seconds, fault)]
    return check_port_number_or_name(f"{kind}.port", action.get("port") or 0)


def _check_http(action: Json) -> list[Cause]:
    found = [] if action.get("path") else [required("path")]
    found += check_port_number_or_name("port", action.get("port") or 0)
    if (scheme := action.get("scheme") or "") not in ("HTTP", "HTTPS"):
        found.append(not_supported("scheme", scheme, ("HTTP", "HTTPS")))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        found += wrong("httpHeaders", name, names.http_header(name))
    return found
