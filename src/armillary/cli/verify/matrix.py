"""Who should be able to do what, by their role's rules, and requests that find out without changing anything. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from armillary.kube.kinds.rbac import PolicyRule

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
# What everybody may ask who has signed in: about themselves (system:basic-user).
ABOUT_ONESELF = frozenset({"selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"})
ABSENT = "nothing-of-that-name"
NOTHING = {"apiVersion": "v0", "kind": "Nothing"}  # is looked at after the rights, and never fits


@dataclass(frozen=True, slots=True)
class Request:
    """`body` is JSON."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any = None
    content_type: str = "application/json"


def covers(rules: Iterable[PolicyRule], verb: str, group: str, resource: str) -> bool:
    """Whether rules allow it for any name; those for certain names are left out."""
    return any(
        (verb in rule.verbs or "*" in rule.verbs)
        and (group in rule.api_groups or "*" in rule.api_groups)
        and (resource in rule.resources or "*" in rule.resources)
        and not rule.resource_names
        for rule in rules
    )


def request_of(verb: str, collection: str) -> Request:
    """For that verb on a collection: about an object that is not there, or as a dry run."""
    absent, dry = f"{collection}/{ABSENT}", {"dryRun": "All"}
    match verb:
        case "get":
            return Request("GET", absent, {})
        case "list":
            return Request("GET", collection, {"limit": "1"})
        case "watch":
            return Request("GET", collection, {"watch": "true", "timeoutSeconds": "1"})
        case "create":
            return Request("POST", collection, dry, NOTHING)
        case "update":
            return Request("PUT", absent, dry, NOTHING)
        case "patch":
            return Request("PATCH", absent, dry, {}, "application/merge-patch+json")
        case "delete":
            return Request("DELETE", absent, dry)
    return Request("DELETE", collection, dry | {"labelSelector": "armillary.io/nobody=has-this"})


def was_refused(status: int, body: bytes) -> bool:
    """By RBAC: admission refuses in other words, and only what RBAC has let through."""
    return status == 403 and b'" cannot ' in body
