"""Templates, what they need, and the rules that come of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armillary.kube.kinds.rbac import PolicyRule
from armillary.platform.capabilities.access.decide.rules import (
    Permission,
    closed,
    compose,
    covers,
    held_templates,
    minimal,
    missing,
    permissions_of,
)
from armillary.platform.capabilities.access.kinds import LEVELS, Level
from armillary.platform.capabilities.access.templates.all import CATALOGUES
from armillary.platform.capabilities.access.templates.template import Catalogue, Template

EVERY = [(level, template) for level, catalogue in CATALOGUES.items() for template in catalogue.templates]
TENANTS: tuple[Level, ...] = ("workspace", "project", "devopsproject")
OF_TENANTS = [row for row in EVERY if row[0] in TENANTS]
FORBIDDEN_VERBS = {"*", "escalate", "bind", "impersonate", "approve", "sign"}
GUARDED = {"namespaces", "nodes", "persistentvolumes", "resourcequotas", "limitranges", "networkpolicies", "users"}


def test_every_level_has_a_catalogue() -> None:
    assert set(CATALOGUES) == set(LEVELS)


@pytest.mark.parametrize(("level", "template"), EVERY, ids=[f"{level}-{t.name}" for level, t in EVERY])
def test_a_template_is_named_once_and_needs_what_there_is(level: Level, template: Template) -> None:
    catalogue = CATALOGUES[level]
    assert [t.name for t in catalogue.templates].count(template.name) == 1
    assert all(catalogue.template(need) for need in template.needs)
    assert template.name not in template.needs
    assert template.rules
    for words in (template.module, template.title, template.description):
        assert words.en
        assert words.zh


@pytest.mark.parametrize(
    ("level", "template"),
    [row for row in EVERY if row[0] in TENANTS],
    ids=[f"{v}-{t.name}" for v, t in EVERY if v in TENANTS],
)
def test_what_tenants_get_is_harmless_to_others(level: Level, template: Template) -> None:
    for p in permissions_of(template.rules):
        assert not p.url
        assert p.verb not in FORBIDDEN_VERBS
        assert "*" not in (p.group, p.resource)
        assert p.verb in ("get", "list", "watch") or p.resource not in GUARDED, p
        assert p.resource != "serviceaccounts/token"


@pytest.mark.parametrize(
    ("level", "chosen", "closure"),
    [
        ("project", ["workloads-create"], ["workloads-view", "workloads-create"]),
        ("project", ["secrets-manage"], ["secrets-view", "secrets-manage"]),
        ("project", ["members-manage"], ["members-view", "members-manage", "roles-view"]),
        (
            "workspace",
            ["projects-manage"],
            ["projects-view", "projects-create", "projects-operate", "projects-manage"],
        ),
        ("workspace", ["projects-create"], ["projects-create"]),
        ("cluster", ["nodes-manage"], ["nodes-view", "nodes-manage"]),
        ("platform", ["users-manage"], ["users-view", "users-manage"]),
        ("project", [], []),
    ],
)
def test_what_is_needed_comes_along(level: Level, chosen: list[str], closure: list[str]) -> None:
    assert list(closed(CATALOGUES[level], chosen)) == closure


def test_needs_in_a_circle_end() -> None:
    words = CATALOGUES["project"].templates[0].title
    loop = tuple(Template(a, words, words, words, (), (b,)) for a, b in (("a", "b"), ("b", "c"), ("c", "a")))
    assert closed(Catalogue("project", loop, ()), ["b"]) == ("a", "b", "c")


@pytest.mark.parametrize(
    "level_and_role", [(level, role.name) for level, c in CATALOGUES.items() for role in c.roles], ids=str
)
def test_built_in_roles_hold_their_templates_and_no_more(level_and_role: tuple[Level, str]) -> None:
    level, name = level_and_role
    catalogue = CATALOGUES[level]
    role = catalogue.role(name)
    assert role is not None
    rules = compose(catalogue, role.templates)
    wanted = [r for t in catalogue.templates if t.name in closed(catalogue, role.templates) for r in t.rules]
    assert not missing(permissions_of(rules), permissions_of(wanted))
    assert not missing(permissions_of(wanted), permissions_of(rules))
    assert set(closed(catalogue, role.templates)) <= set(held_templates(catalogue, permissions_of(rules)))


@pytest.mark.parametrize(
    ("held", "wanted", "is_covered"),
    [
        (Permission("", "pods", "get"), Permission("", "pods", "get"), True),
        (Permission("", "pods", "*"), Permission("", "pods", "delete"), True),
        (Permission("*", "*", "get"), Permission("apps", "deployments/scale", "get"), True),
        (Permission("apps", "*/scale", "get"), Permission("apps", "deployments/scale", "get"), True),
        (Permission("apps", "*/scale", "get"), Permission("apps", "deployments", "get"), False),
        (Permission("", "pods", "get"), Permission("", "pods/exec", "get"), False),
        (Permission("", "pods", "get", "x"), Permission("", "pods", "get"), False),
        (Permission("", "pods", "get"), Permission("", "pods", "get", "x"), True),
        (Permission("", "", "get", url="/api/*"), Permission("", "", "get", url="/api/v1"), True),
        (Permission("*", "*", "*"), Permission("", "", "get", url="/api"), False),
    ],
)
def test_what_covers_what(held: Permission, wanted: Permission, is_covered: bool) -> None:
    assert covers(held, wanted) is is_covered


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)


RULES = st.lists(
    st.one_of(
        st.builds(
            PolicyRule,
            verbs=some("get", "list", "create", "*"),
            api_groups=some("", "apps", "*"),
            resources=some("pods", "pods/log", "*/log", "*"),
            resource_names=st.one_of(st.just(()), some("x", "y")),
        ),
        st.builds(PolicyRule, verbs=some("get", "*"), non_resource_urls=some("/api", "/api/*", "*")),
    ),
    max_size=5,
)


@given(RULES)
def test_fewer_rules_allow_the_same(rules: list[PolicyRule]) -> None:
    fewer = minimal(rules)
    assert not missing(permissions_of(fewer), permissions_of(rules))
    assert not missing(permissions_of(rules), permissions_of(fewer))
    assert minimal(reversed(fewer)) == fewer
