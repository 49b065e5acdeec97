"""Options of requests, from the query or a body, judged in upstream's words.

Rules: k8s.io/apimachinery, apis/meta/v1/validation and apis/meta/internalversion/validation.
"""

import re
from dataclasses import dataclass
from typing import Any

from armillary.base.errors import BadRequest, Cause
from armillary.engine.apiserver.routes import Query, first
from armillary.engine.apiserver.schema.body import Malformed, Validation, is_yaml, parse, type_word
from armillary.engine.kinds.faults import forbidden, invalid, not_supported, refusal
from armillary.engine.kinds.meta import check_field_manager
from armillary.engine.kinds.resource import Json

META_GROUP = "meta.k8s.io"
EXACT, NOT_OLDER = "Exact", "NotOlderThan"


def _boolean(query: Query, name: str) -> bool | None:
    values = query.get(name)
    if not values:
        return None
    return values[0].lower() not in ("false", "0")


def _integer(query: Query, name: str) -> int | None:
    text = first(query, name)
    if not text:
        return None
    if re.fullmatch(r"[+-]?[0-9]+", text) is None:
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if not -(1 << 63) <= int(text) < 1 << 63:
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Of create, update and patch."""

    dry_run: bool = False
    manager: str = ""
    validation: Validation = Validation.WARN
    force: bool | None = None

    def told(self) -> Json:
        """As an object, for whoever is told of the request; what was not given is left out."""
        validation = self.validation.value if self.validation is not Validation.WARN else None
        return _given(dryRun=["All"] if self.dry_run else None, fieldManager=self.manager, fieldValidation=validation)


PLAIN_WRITE = WriteOptions()


def write_options(query: Query, kind: str) -> WriteOptions:
    """Raises Invalid; `kind` is CreateOptions, UpdateOptions or PatchOptions."""
    if not query:
        return PLAIN_WRITE
    causes: list[Cause] = []
    manager, validation = first(query, "fieldManager"), first(query, "fieldValidation") or "Warn"
    causes += check_field_manager(manager)
    causes += _dry_run_faults(query.get("dryRun") or ())
    known = {v.value for v in Validation}
    if validation not in known:
        causes.append(not_supported("fieldValidation", validation, ("", *known)))
    if causes:
        raise refusal(META_GROUP, kind, "", causes)
    return WriteOptions(bool(query.get("dryRun")), manager, Validation(validation), _boolean(query, "force"))


def _dry_run_faults(values: Any) -> list[Cause]:
    return [not_supported("dryRun", list(values), ("All",))] if set(values) - {"All"} else []


@dataclass(frozen=True, slots=True)
class ListOptions:
    """Of list and watch. `resource_version` is as sent: "", "0" or a number."""

    resource_version: str = ""
    match: str = ""
    limit: int = 0
    continue_token: str = ""
    timeout_seconds: int = 0
    bookmarks: bool = False
    initial_events: bool | None = None


PLAIN_LIST = ListOptions()


def list_options(query: Query, *, watch: bool) -> ListOptions:
    """Raises BadRequest, Invalid."""
    if not query:
        return PLAIN_LIST
    found = ListOptions(
        resource_version=first(query, "resourceVersion"),
        match=first(query, "resourceVersionMatch"),
        limit=max(_integer(query, "limit") or 0, 0),
        continue_token=first(query, "continue"),
        timeout_seconds=max(_integer(query, "timeoutSeconds") or 0, 0),
        bookmarks=bool(_boolean(query, "allowWatchBookmarks")),
        initial_events=_boolean(query, "sendInitialEvents"),
    )
    causes = _watch_faults(found) if watch else _list_faults(found)
    if causes:
        raise refusal(META_GROUP, "ListOptions", "", causes)
    if fault := version_fault(found.resource_version):
        raise refusal("", "resourceVersion", "", [invalid("resourceVersion", found.resource_version, fault)])
    return found


def version_fault(text: str) -> str:
    """What is wrong with a resourceVersion, in Go's words; "" if nothing is, or none is said."""
    if text and not (text.isascii() and text.isdigit()):
        return f'strconv.ParseUint: parsing "{text}": invalid syntax'
    if text and int(text) >= 1 << 64:
        return f'strconv.ParseUint: parsing "{text}": value out of range'
    return ""


def _list_faults(options: ListOptions) -> list[Cause]:
    field, match, found = "resourceVersionMatch", options.match, []
    if match:
        if not options.resource_version:
            found.append(forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
        if options.continue_token:
            found.append(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
        if match not in (EXACT, NOT_OLDER):
            found.append(not_supported(field, match, (EXACT, NOT_OLDER, "")))
        if match == EXACT and options.resource_version == "0":
            found.append(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    if options.initial_events is not None:
        found.append(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return found


def _watch_faults(options: ListOptions) -> list[Cause]:
    field, match, found = "resourceVersionMatch", options.match, []
    if options.initial_events is not None and match != NOT_OLDER:
        found.append(forbidden(field, f"sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER}"))
    if match:
        if options.initial_events is None:
            fault = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            found.append(forbidden(field, fault))
        if match != NOT_OLDER:
            found.append(not_supported(field, match, (NOT_OLDER,)))
        if options.continue_token:
            found.append(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
    return found


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Of delete and deletecollection."""

    grace_seconds: int | None = None
    propagation: str = ""
    orphan: bool | None = None
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False

    def told(self) -> Json:
        """As an object, for whoever is told of the request; what was not given is left out."""
        preconditions = _given(uid=self.uid, resourceVersion=self.resource_version)
        return _given(
            gracePeriodSeconds=self.grace_seconds,
            propagationPolicy=self.propagation,
            orphanDependents=self.orphan,
            preconditions=preconditions or None,
            dryRun=["All"] if self.dry_run else None,
        )


def _given(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, "")}


def delete_options(body: bytes, content_type: str, query: Query) -> DeleteOptions:
    """From the body when there is one, else from the query. Raises BadRequest, Invalid."""
    if not body:
        sent: Json = {
            "gracePeriodSeconds": _integer(query, "gracePeriodSeconds"),
            "propagationPolicy": first(query, "propagationPolicy") or None,
            "orphanDependents": _boolean(query, "orphanDependents"),
            "dryRun": list(query.get("dryRun") or ()),
        }
        return delete_options_of(sent)
    as_yaml = is_yaml(content_type)
    try:
        value = parse(body, as_yaml=as_yaml)
    except Malformed as exc:
        raise BadRequest(f"couldn't get version/kind; json parse error: {exc}") from exc
    if not isinstance(value, dict) or value.get("kind") not in (None, "", "DeleteOptions"):
        raise BadRequest("decoded object cannot be converted to DeleteOptions")
    return delete_options_of(value)


_TYPES: dict[str, tuple[type, str]] = {
    "gracePeriodSeconds": (int, "int64"),
    "propagationPolicy": (str, "v1.DeletionPropagation"),
    "orphanDependents": (bool, "bool"),
    "preconditions": (dict, "v1.Preconditions"),
    "dryRun": (list, "[]string"),
}


def delete_options_of(sent: Json) -> DeleteOptions:
    """From a DeleteOptions object. Raises BadRequest, Invalid."""
    for name, (kind, go) in _TYPES.items():
        value = sent.get(name)
        if value is not None and type(value) is not kind:
            fault = f"json: cannot unmarshal {type_word(value)} into Go struct field DeleteOptions.{name}"
            raise BadRequest(f"{fault} of type {go}")
    preconditions = sent.get("preconditions") or {}
    uid, version = preconditions.get("uid"), preconditions.get("resourceVersion")
    if any(value is not None and not isinstance(value, str) for value in (uid, version, *(sent.get("dryRun") or ()))):
        raise BadRequest("json: cannot unmarshal into Go struct field DeleteOptions of type string")
    propagation, orphan = sent.get("propagationPolicy") or "", sent.get("orphanDependents")
    causes: list[Cause] = []
    if propagation and orphan is not None:
        fault = "orphanDependents and deletionPropagation cannot be both set"
        causes.append(invalid("propagationPolicy", propagation, fault))
    policies = ("Foreground", "Background", "Orphan")
    if propagation and propagation not in policies:
        causes.append(not_supported("propagationPolicy", propagation, (*policies, "nil")))
    causes += _dry_run_faults(sent.get("dryRun") or ())
    if causes:
        raise refusal(META_GROUP, "DeleteOptions", "", causes)
    return DeleteOptions(sent.get("gracePeriodSeconds"), propagation, orphan, uid, version, bool(sent.get("dryRun")))
