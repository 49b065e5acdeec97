"""What webhook configurations and admission policies share: which requests they are about, and conditions.

Rules: k8s.io/kubernetes, pkg/apis/admissionregistration/validation. Whether an expression is valid CEL is not judged.
"""

from collections.abc import Iterator, Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.checks import check_choice, check_required_choice, each
from armillary.engine.kinds.faults import duplicate, forbidden, invalid, required, too_many, under, unsupported, wrong
from armillary.engine.kinds.fields import fill, part
from armillary.engine.kinds.meta import check_label_selector
from armillary.engine.kinds.resource import Json

FAILURE_POLICIES = ("Fail", "Ignore")
MATCH_POLICIES = ("Equivalent", "Exact")
REINVOCATION_POLICIES = ("IfNeeded", "Never")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_MUTABLE_OPERATIONS = ("*", "CONNECT", "CREATE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_NOT_FOUND_ACTIONS = ("Deny", "Allow")
_MOST_CONDITIONS = 64


def default_rules(rules: Sequence[Json] | None) -> None:
    for rule in rules or ():
        fill(rule, scope="*")


def default_match(match: Json | None) -> None:
    """Defaults of MatchResources, if there are any."""
    if match is None:
        return
    fill(match, matchPolicy="Equivalent")
    part(match, "namespaceSelector")
    part(match, "objectSelector")
    default_rules(match.get("resourceRules"))
    default_rules(match.get("excludeResourceRules"))


def check_rule(rule: Json) -> Iterator[Cause]:
    """A rule with operations: what of which resources a webhook or policy is asked about."""
    operations = rule.get("operations") or ()
    if not operations:
        yield required("operations")
    if len(operations) > 1 and "*" in operations:
        yield invalid("operations", operations, "if '*' is present, must not specify other operations")
    for i, operation in enumerate(operations):
        yield from check_choice(f"operations[{i}]", operation, _OPERATIONS)
    for field, what in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = rule.get(field) or ()
        if not values:
            yield required(field)
        if len(values) > 1 and "*" in values:
            yield invalid(field, values, f"if '*' is present, must not specify other {what}")
    for i, version in enumerate(rule.get("apiVersions") or ()):
        if not version:
            yield required(f"apiVersions[{i}]")
    yield from _check_resources(rule.get("resources") or ())
    yield from check_choice("scope", rule.get("scope"), _SCOPES)


def _check_resources(resources: Sequence[str]) -> Iterator[Cause]:
    if not resources:
        yield required("resources")
    wild_subresources: set[str] = set()
    wild_resources: set[str] = set()
    bare = False
    for i, text in enumerate(resources):
        if not text:
            yield required(f"resources[{i}]")
            continue
        resource, slash, subresource = text.partition("/")
        if not slash:
            bare = text != "*"
            continue
        if resource in wild_subresources:
            fault = f"if '{resource}/*' is present, must not specify {text}"
            yield invalid(f"resources[{i}]", text, fault)
        if subresource in wild_resources:
            fault = f"if '*/{subresource}' is present, must not specify {text}"
            yield invalid(f"resources[{i}]", text, fault)
        if subresource == "*":
            wild_subresources.add(resource)
        if resource == "*":
            wild_resources.add(subresource)
    if len(resources) > 1 and "*/*" in resources:
        yield invalid("resources", resources, "if '*/*' is present, must not specify other resources")
    if "*" in resources and bare:
        fault = "if '*' is present, must not specify other resources without subresources"
        yield invalid("resources", resources, fault)


def check_match(match: Json, field: str, *, mutates: bool = False) -> Iterator[Cause]:
    """MatchResources that stand at `field`."""
    yield from under(field, _check_match(match))
    for rule in match.get("resourceRules") or () if mutates else ():
        for operation in rule.get("operations") or ():
            yield from check_choice(f"{field}.resourceRules.operations", operation, _MUTABLE_OPERATIONS)


def _check_match(match: Json) -> Iterator[Cause]:
    yield from check_required_choice("matchPolicy", match.get("matchPolicy"), MATCH_POLICIES)
    for field in ("namespaceSelector", "objectSelector"):
        yield from check_label_selector(match.get(field), field)
    for field in ("resourceRules", "excludeResourceRules"):
        yield from each(field, match.get(field), _check_named_rule)


def _check_named_rule(rule: Json) -> Iterator[Cause]:
    chosen = rule.get("resourceNames") or ()
    for i, name in enumerate(chosen):
        yield from wrong(f"resourceNames[{i}]", name, names.path_segment(name))
        if name in chosen[:i]:
            yield duplicate(f"resourceNames[{i}]", name)
    yield from check_rule(rule)


def check_conditions(conditions: Sequence[Json] | None) -> Iterator[Cause]:
    """`matchConditions`."""
    conditions = conditions or ()
    if len(conditions) > _MOST_CONDITIONS:
        yield too_many("matchConditions", len(conditions), _MOST_CONDITIONS)
    seen: set[str] = set()
    for i, condition in enumerate(conditions):
        at, name = f"matchConditions[{i}]", condition.get("name") or ""
        if not (condition.get("expression") or "").strip():
            yield required(f"{at}.expression")
        if not name:
            yield required(f"{at}.name")
            continue
        yield from wrong(f"{at}.name", name, names.label_key(name))
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)


def check_param_ref(ref: Json) -> Iterator[Cause]:
    """`paramRef` of a binding."""
    name, selector = ref.get("name") or "", ref.get("selector")
    both = "name and selector are mutually exclusive"
    if name:
        yield from wrong("name", name, names.path_segment(name))
        if selector is not None:
            yield forbidden("name", both)
    if selector is not None:
        yield from check_label_selector(selector, "selector")
        if name:
            yield forbidden("selector", both)
    if not name and selector is None:
        yield required("", "one of name or selector must be specified")
    action = ref.get("parameterNotFoundAction")
    if not action:
        yield required("parameterNotFoundAction")
    elif action not in _NOT_FOUND_ACTIONS:
        yield unsupported("parameterNotFoundAction", action, _NOT_FOUND_ACTIONS)


def check_param_kind(kind: Json) -> Iterator[Cause]:
    """`paramKind` of a policy."""
    text, word = kind.get("apiVersion") or "", kind.get("kind") or ""
    group, _, version = text.rpartition("/")
    if not text:
        yield required("apiVersion")
    elif text.count("/") > 1:
        yield invalid("apiVersion", text, f"unexpected GroupVersion string: {text}")
    else:
        if group and (problems := names.dns_subdomain(group)):
            yield invalid("apiVersion", group, ",".join(problems))
        if not version:
            yield invalid("apiVersion", text, "version must be specified")
        elif problems := names.dns_1035_label(version):
            yield invalid("apiVersion", version, ",".join(problems))
    if not word:
        yield required("kind")
    elif problems := names.dns_1035_label(word.lower()):
        fault = "may have mixed case, but should otherwise match: " + ",".join(problems)
        yield invalid("kind", word, fault)
