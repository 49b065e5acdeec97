"""Webhook configurations compiled: which hook wants to be asked about which request. Pure.

Semantics: k8s.io/apiserver, admission/plugin/webhook/{predicates,generic}.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from armillary.engine.apiserver.auth.rbac import label_selector
from armillary.engine.apiserver.ports import AdmissionRequest, Operation
from armillary.engine.kinds.resource import Json, Resource
from armillary.kube.selectors import Selector

GROUP = "admissionregistration.k8s.io"
VALIDATING, MUTATING = f"validatingwebhookconfigurations.{GROUP}", f"mutatingwebhookconfigurations.{GROUP}"
_POLICIES = (
    "validatingadmissionpolicies", "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
)  # fmt: skip
# What no hook is asked about: admission's own configuration.
EXEMPT = frozenset((VALIDATING, MUTATING, *(f"{plural}.{GROUP}" for plural in _POLICIES)))


@dataclass(frozen=True, slots=True)
class Where:
    """How a hook is called: `url`, or a service of the cluster.

    `ca` is the authorities' PEM in base64, as it was written and not looked at yet; the system's own if it is empty.
    """

    url: str = ""
    service: tuple[str, str, int, str] | None = None  # namespace, name, port, path
    ca: str = ""

    @property
    def host(self) -> str:
        """Whom a service's certificate must name."""
        return f"{self.service[1]}.{self.service[0]}.svc" if self.service is not None else ""

    @property
    def shown(self) -> str:
        """As messages tell it."""
        return self.url or (f"https://{self.host}:{self.service[2]}{self.service[3]}" if self.service else "")


@dataclass(frozen=True, slots=True)
class HookRule:
    operations: frozenset[str]
    groups: frozenset[str]
    versions: frozenset[str]
    resources: frozenset[tuple[str, str]]  # plural and subresource; "*" is any
    scope: str

    def wants(self, request: AdmissionRequest, resource: Resource) -> bool:
        """`resource` is the request's, in the version that is looked at."""
        if "*" not in self.operations and request.operation.value not in self.operations:
            return False
        if "*" not in self.groups and resource.group not in self.groups:
            return False
        if "*" not in self.versions and resource.version not in self.versions:
            return False
        if not any(
            plural in ("*", resource.plural) and subresource in ("*", request.subresource)
            for plural, subresource in self.resources
        ):
            return False
        is_inside = bool(request.namespace) and resource.name != "namespaces"
        return self.scope in ("*", "Namespaced" if is_inside else "Cluster")


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of a configuration."""

    name: str
    where: Where
    rules: tuple[HookRule, ...]
    namespaces: Selector
    objects: Selector
    fails: bool  # a hook that does not answer refuses
    timeout_seconds: int
    has_side_effects: bool  # also on a dry run
    reinvoked: bool
    is_exact: bool  # does not want requests of other versions than its rules name
    has_conditions: bool  # CEL, which is not evaluated here
    review_versions: tuple[str, ...] = ()  # in which it takes questions, the preferred one first

    def wants(
        self, request: AdmissionRequest, namespace_labels: Mapping[str, str] | None, versions: Sequence[Resource]
    ) -> Resource | None:
        """In which version of the resource it is to be asked; None if not at all.

        `namespace_labels` is None where the request is in no namespace; `versions` are all of the resource.
        """
        version = self._version(request, versions)
        if version is None or (namespace_labels is not None and not self.namespaces.matches(namespace_labels)):
            return None
        if not self.objects.requirements:
            return version
        shown = (obj for obj in (request.object, request.old) if obj is not None)
        return version if any(self.objects.matches(_labels(obj)) for obj in shown) else None

    def _version(self, request: AdmissionRequest, versions: Sequence[Resource]) -> Resource | None:
        """That of the request, if a rule is about it; else the first that one is about."""
        asked = request.asked or request.resource
        if any(rule.wants(request, asked) for rule in self.rules):
            return asked
        if self.is_exact:
            return None
        others = ((rule, version) for rule in self.rules for version in versions)
        return next((version for rule, version in others if rule.wants(request, version)), None)


def compiled(configurations: Iterable[Json]) -> tuple[Hook, ...]:
    """In the order in which they are asked: by the configuration's name, then as they stand there."""
    ordered = sorted(configurations, key=lambda c: str(c["metadata"]["name"]))
    return tuple(hook for configuration in ordered for hook in _hooks(configuration))


def _hooks(configuration: Json) -> Iterator[Hook]:
    for hook in configuration.get("webhooks") or ():
        yield Hook(
            name=hook["name"],
            where=_where(hook["clientConfig"]),
            rules=tuple(map(_rule, hook.get("rules") or ())),
            namespaces=label_selector(hook.get("namespaceSelector") or {}),
            objects=label_selector(hook.get("objectSelector") or {}),
            fails=hook.get("failurePolicy") != "Ignore",
            timeout_seconds=hook.get("timeoutSeconds") or 10,
            has_side_effects=hook.get("sideEffects") not in ("None", "NoneOnDryRun"),
            reinvoked=hook.get("reinvocationPolicy") == "IfNeeded",
            is_exact=hook.get("matchPolicy") == "Exact",
            has_conditions=bool(hook.get("matchConditions")),
            review_versions=tuple(hook.get("admissionReviewVersions") or ()),
        )


def _where(client: Json) -> Where:
    ca = client.get("caBundle") or ""
    if client.get("url"):
        return Where(url=client["url"], ca=ca)
    service = client.get("service") or {}
    path = "/" + (service.get("path") or "").lstrip("/")
    return Where(
        service=(service.get("namespace", ""), service.get("name", ""), service.get("port") or 443, path), ca=ca
    )


def _rule(rule: Json) -> HookRule:
    split = (resource.partition("/") for resource in rule.get("resources") or ())
    return HookRule(
        frozenset(rule.get("operations") or ()),
        frozenset(rule.get("apiGroups") or ()),
        frozenset(rule.get("apiVersions") or ()),
        frozenset((plural, subresource) for plural, _, subresource in split),
        rule.get("scope") or "*",
    )


def _labels(obj: Json) -> Mapping[str, str]:
    found: Mapping[str, str] = (obj.get("metadata") or {}).get("labels") or {}
    return found


def namespace_labels(
    request: AdmissionRequest, find: Callable[[str, str, str], Json | None]
) -> Mapping[str, str] | None:
    """Labels that a namespaceSelector is compared with: a Namespace's own count for itself. None outside of any."""
    if request.resource.name == "namespaces":
        is_written = request.operation in (Operation.CREATE, Operation.UPDATE) and not request.subresource
        own = request.object if is_written else request.old
        return _labels(own) if own is not None else None
    if not request.namespace:
        return None
    found = find("namespaces", "", request.namespace)
    return _labels(found) if found is not None else {}
