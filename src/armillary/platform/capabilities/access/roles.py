"""Roles of a place: the built-in ones, and those that people compose from permission templates. As the caller."""

from typing import Annotated, Any

from msgspec import Struct, structs

from armillary.base.errors import Cause, Conflict, Denied, Invalid, NotFound
from armillary.base.words import Language
from armillary.kube.client import Client
from armillary.kube.custom import LABEL, doc
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.kinds.rbac import ClusterRole, PolicyRule, Role
from armillary.platform.capabilities.access.decide.memberships import MANAGED, member_of, role_of
from armillary.platform.capabilities.access.decide.rules import closed, compose
from armillary.platform.capabilities.access.entrance import enter, language
from armillary.platform.capabilities.access.kinds import (
    BUILT_IN_LABEL,
    DESCRIPTION_ANNOTATION,
    DISPLAY_NAME_ANNOTATION,
    LEVEL_LABEL,
    TEMPLATES_ANNOTATION,
    Level,
)
from armillary.platform.capabilities.access.members import memberships
from armillary.platform.capabilities.access.observed import every, explained_rules
from armillary.platform.capabilities.access.places import RBAC, Place
from armillary.platform.capabilities.access.templates.all import CATALOGUES
from armillary.platform.frame.capability import Call
from armillary.platform.frame.parts import Parts

Text = Annotated[str, doc("Free text.", max_length=1024)]
Names = Annotated[tuple[str, ...], doc("Permission templates; what they need comes along.", max_length=100)]


class Rule(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """As Kubernetes has it."""

    verbs: tuple[str, ...]
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: Annotated[tuple[str, ...], doc("Paths.")] = ()


class RoleView(Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    built_in: bool
    display_name: str
    description: str
    templates: tuple[str, ...]
    members: Annotated[int | None, doc("How many hold it; unknown to who may not see members.")] = None


class RoleDetail(RoleView, frozen=True, kw_only=True, rename="camel"):
    rules: tuple[Rule, ...] = ()


class Roles(Struct, frozen=True, kw_only=True, rename="camel"):
    items: tuple[RoleView, ...]


class ChangedRole(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    templates: Names
    display_name: Text = ""
    description: Text = ""


class NewRole(ChangedRole, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    name: Annotated[str, doc("A DNS label.", pattern=LABEL + "(?!\\n)", min_length=1, max_length=48)]


class TemplateView(Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    module: str
    title: str
    description: str
    needs: tuple[str, ...]
    rules: tuple[Rule, ...]


class Templates(Struct, frozen=True, kw_only=True, rename="camel"):
    items: tuple[TemplateView, ...]


class WhichLevel(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    level: Level = "project"


async def list_templates(call: Call, parts: Parts) -> Templates:
    told = language(call)
    return Templates(
        items=tuple(
            TemplateView(
                name=template.name,
                module=template.module.say(told),
                title=template.title.say(told),
                description=template.description.say(told),
                needs=template.needs,
                rules=tuple(map(shown, template.rules)),
            )
            for template in CATALOGUES[call.query.level].templates
        )
    )


def shown(rule: PolicyRule) -> Rule:
    return Rule(
        verbs=rule.verbs,
        api_groups=rule.api_groups,
        resources=rule.resources,
        resource_names=rule.resource_names,
        non_resource_urls=rule.non_resource_urls,
    )


# Reading


async def list_roles(call: Call, parts: Parts, level: Level) -> Roles:
    place = await enter(call, parts, level)
    client = parts.clusters.client_as(call.user, place.cluster)
    found = await every(client, place.role_kind, place.namespace, f"{LEVEL_LABEL}={level}")
    counts = await _counts(client, place)
    order = [role.name for role in CATALOGUES[level].roles]
    views = [_view(place, role, counts, language(call)) for role in found]
    views.sort(key=lambda v: (order.index(v.name) if v.name in order else len(order), v.name))
    return Roles(items=tuple(views))


async def show_role(call: Call, parts: Parts, level: Level) -> RoleDetail:
    place = await enter(call, parts, level)
    client = parts.clusters.client_as(call.user, place.cluster)
    found = await find_role(client, place, call.path["role"])
    view = _view(place, found, await _counts(client, place), language(call))
    return RoleDetail(**structs.asdict(view), rules=tuple(map(shown, found.rules)))


async def find_role(client: Client, place: Place, name: str) -> Any:
    """As that client may see it. Raises NotFound."""
    found = await client.find(place.role_kind, place.prefix + name, place.namespace)
    if found is None or found.metadata.labels.get(LEVEL_LABEL) != place.level:
        raise NotFound(f"{place} has no role {name!r}", group=RBAC, kind=place.role_kind.plural, name=name)
    return found


async def _counts(client: Client, place: Place) -> dict[str, int] | None:
    try:
        found = await memberships(client, place)
    except Denied:
        return None
    counts: dict[str, int] = {}
    for binding in found:
        role = role_of(place, binding)
        counts[role] = counts.get(role, 0) + 1
    return counts


def _view(place: Place, role: Any, counts: dict[str, int] | None, told: Language) -> RoleView:
    meta = role.metadata
    name = meta.name.removeprefix(place.prefix)
    built_in = CATALOGUES[place.level].role(name) if BUILT_IN_LABEL in meta.labels else None
    templates = meta.annotations.get(TEMPLATES_ANNOTATION, "")
    return RoleView(
        name=name,
        built_in=BUILT_IN_LABEL in meta.labels,
        display_name=built_in.title.say(told) if built_in else meta.annotations.get(DISPLAY_NAME_ANNOTATION, ""),
        description=built_in.description.say(told) if built_in else meta.annotations.get(DESCRIPTION_ANNOTATION, ""),
        templates=tuple(templates.split(",")) if templates else (),
        members=None if counts is None else counts.get(name, 0),
    )


# Writing


async def create_role(call: Call, parts: Parts, level: Level) -> RoleDetail:
    place = await enter(call, parts, level)
    body: NewRole = call.body
    if CATALOGUES[level].role(body.name) is not None:
        raise Conflict(f"role {body.name!r} is built in")
    annotations, rules = written(place, body)
    meta = ObjectMeta(
        name=place.prefix + body.name,
        namespace=place.namespace,
        labels={**MANAGED, LEVEL_LABEL: level},
        annotations=annotations,
    )
    type_ = Role if place.namespace else ClusterRole
    client = parts.clusters.client_as(call.user, place.cluster)
    try:
        made = await client.create(place.role_kind, type_(metadata=meta, rules=rules), place.namespace)
    except Denied as exc:
        raise await explained_rules(parts, call.user, place, f"role {body.name!r}", rules, exc) from exc
    return RoleDetail(**structs.asdict(_view(place, made, {}, language(call))), rules=tuple(map(shown, made.rules)))


async def change_role(call: Call, parts: Parts, level: Level) -> RoleDetail:
    """Who holds it holds what it says from then on."""
    place = await enter(call, parts, level)
    client = parts.clusters.client_as(call.user, place.cluster)
    found = await find_role(client, place, call.path["role"])
    _not_built_in(found, call.path["role"])
    annotations, rules = written(place, call.body)
    meta = structs.replace(found.metadata, annotations={**found.metadata.annotations, **annotations})
    try:
        made = await client.update(
            place.role_kind, structs.replace(found, metadata=meta, rules=rules), meta.name, place.namespace
        )
    except Denied as exc:
        raise await explained_rules(parts, call.user, place, f"role {call.path['role']!r}", rules, exc) from exc
    view = _view(place, made, await _counts(client, place), language(call))
    return RoleDetail(**structs.asdict(view), rules=tuple(map(shown, made.rules)))


async def delete_role(call: Call, parts: Parts, level: Level) -> None:
    place = await enter(call, parts, level)
    name = call.path["role"]
    client = parts.clusters.client_as(call.user, place.cluster)
    found = await find_role(client, place, name)
    _not_built_in(found, name)
    bindings = await every(parts.clusters.client(place.cluster), place.binding_kind, place.namespace)
    meta = found.metadata
    named = (place.role_kind.name, meta.name)
    held = [
        member_of(binding) or binding.metadata.name
        for binding in bindings
        if binding.role_ref is not None and (binding.role_ref.kind, binding.role_ref.name) == named
    ]
    in_use = Conflict(f"role {name!r} is held by {_some(held)}; give them another one first", reason="RoleInUse")
    try:
        await client.call("DELETE", place.role_kind.path(place.namespace, meta.name), query={"dryRun": "All"})
    except Conflict as exc:
        raise (in_use if held else exc) from exc  # tenancy's guard says the same in fewer words
    if held:
        raise in_use
    await client.delete(place.role_kind, meta.name, place.namespace, uid=meta.uid)


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _not_built_in(role: Any, name: str) -> None:
    if BUILT_IN_LABEL in role.metadata.labels:
        raise Denied(f"role {name!r} is built in; make one of your own from the same templates", reason="BuiltIn")


def written(place: Place, body: ChangedRole) -> tuple[dict[str, str], tuple[PolicyRule, ...]]:
    """A role's annotations and rules. Raises Invalid for a template that is not of the level."""
    rules = rules_of(place.level, body.templates)
    annotations = {
        TEMPLATES_ANNOTATION: ",".join(closed(CATALOGUES[place.level], body.templates)),
        DISPLAY_NAME_ANNOTATION: body.display_name,
        DESCRIPTION_ANNOTATION: body.description,
    }
    return annotations, rules


def rules_of(level: Level, templates: tuple[str, ...]) -> tuple[PolicyRule, ...]:
    """The merged rules of these templates and all that they need. Raises Invalid for what is no template."""
    catalogue = CATALOGUES[level]
    unknown = [
        Cause("FieldValueNotSupported", f"templates[{i}]", f"there is no template {name!r} of level {level}")
        for i, name in enumerate(templates)
        if catalogue.template(name) is None
    ]
    if unknown:
        raise Invalid("; ".join(f"{cause.field}: {cause.message}" for cause in unknown), causes=unknown)
    return compose(catalogue, templates)
