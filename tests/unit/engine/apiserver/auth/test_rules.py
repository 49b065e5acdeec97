"""Whether rules cover others, part by part, and how the rest is shown."""

import pytest

from armillary.engine.apiserver.auth.rbac_defaults import rules_of_text
from armillary.engine.apiserver.auth.rules import describe_rules, missing_rules, parse_rules


@pytest.mark.parametrize(
    ("owned", "wanted", "missing"),
    [
        ("* * *\n* *", "get,list core pods\nget /x", []),
        ("get core pods", "get core pods", []),
        ("get core pods", "get,list core pods", ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}']),
        (
            "",
            "get,list core,apps pods",
            [
                '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
                '{APIGroups:["apps"], Resources:["pods"], Verbs:["get" "list"]}',
            ],
        ),
        ("get core pods a,b", "get core pods a", []),
        ("get core pods", "get core pods a", []),
        ("get core pods a", "get core pods", ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}']),
        (
            "get core pods a",
            "get core pods b",
            ['{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}'],
        ),
        ("update * */scale", "update apps deployments/scale", []),
        ("get /api/*", "get /api/v1,/healthz", ['{NonResourceURLs:["/healthz"], Verbs:["get"]}']),
    ],
)
def test_cover(owned: str, wanted: str, missing: list[str]) -> None:
    found = missing_rules(parse_rules(rules_of_text(owned)), parse_rules(rules_of_text(wanted)))
    assert describe_rules(found) == missing
