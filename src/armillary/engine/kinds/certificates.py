"""The resources of the API group certificates.

Rules: k8s.io/kubernetes, pkg/apis/certificates/validation, pkg/registry/certificates/certificates. Who asks is
written into a new request by the API server (`name_requester`), for a resource does not learn it.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from armillary.base.errors import Cause
from armillary.engine.kinds.cells import text
from armillary.engine.kinds.checks import check_choice
from armillary.engine.kinds.columns import AGE, NONE, human_duration
from armillary.engine.kinds.diff import diff
from armillary.engine.kinds.faults import duplicate, forbidden, invalid, required, under
from armillary.engine.kinds.fields import part, spec_of, status_of
from armillary.engine.kinds.meta import validate_meta
from armillary.engine.kinds.resource import Column, Json, Resource
from armillary.engine.kinds.signers import check_signer_name
from armillary.engine.kinds.values import same

_LEGACY_SIGNER = "kubernetes.io/legacy-unknown"
_LEAST_SECONDS = 600
_DECISIONS = ("Approved", "Denied")
_LASTING = ("Approved", "Denied", "Failed")
_STATUSES = ("False", "True", "Unknown")
_USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
)  # fmt: skip
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\r?\n(.*?)-----END \1-----", re.DOTALL)
_REQUESTER = ("username", "uid", "groups", "extra")


def _any_name(name: str) -> Sequence[str]:
    return ()


def name_requester(obj: Json, name: str, uid: str, groups: Sequence[str], extra: Mapping[str, Sequence[str]]) -> None:
    """Write who asks for the certificate into a new request."""
    spec = part(obj, "spec")
    told = {"username": name, "uid": uid, "groups": list(groups), "extra": {k: list(v) for k, v in extra.items()}}
    for field in _REQUESTER:
        spec.pop(field, None)
    spec.update({field: value for field, value in told.items() if value})


def _default(obj: Json) -> None:
    part(obj, "spec")


def _prepare_create(obj: Json) -> None:
    obj["status"] = {}


def _prepare_update(new: Json, old: Json) -> None:
    new["spec"] = old.get("spec") or {}
    new["status"] = old.get("status") or {}


def prepare_status(new: Json, old: Json, now: str) -> None:
    """Before a write to `status`, which decides nothing: approvals and denials stay as they are."""
    new["spec"] = old.get("spec") or {}
    conditions, before = _conditions(new), _conditions(old)
    for kind in _DECISIONS:
        mine = [i for i, c in enumerate(conditions) if c.get("type") == kind]
        theirs = [c for c in before if c.get("type") == kind]
        if len(mine) == len(theirs):
            for i, condition in zip(mine, theirs, strict=True):
                conditions[i] = condition
    _stamp(conditions, before, now)


def prepare_approval(new: Json, old: Json, now: str) -> None:
    """Before a write to `approval`, which writes conditions only."""
    conditions = _conditions(new)
    _stamp(conditions, _conditions(old), now)
    new["spec"] = old.get("spec") or {}
    new["status"] = {**status_of(old), "conditions": conditions}


def _stamp(conditions: Sequence[Json], before: Sequence[Json], now: str) -> None:
    for condition in conditions:
        if not condition.get("lastUpdateTime"):
            condition["lastUpdateTime"] = now
        if not condition.get("lastTransitionTime"):
            same_as = (c for c in before if all(c.get(f) == condition.get(f) for f in ("type", "status")))
            moments = (c["lastTransitionTime"] for c in same_as if c.get("lastTransitionTime"))
            condition["lastTransitionTime"] = next(moments, now)


def _conditions(obj: Json) -> list[Json]:
    return list(status_of(obj).get("conditions") or ())


def _validate(new: Json, old: Json | None) -> Sequence[Cause]:
    found = validate_meta(new, old, _any_name, namespaced=False)
    found += _check(new, old)
    return found if old is None else [*found, *_check_update(new, old, approves=False, signs=False)]


def validate_signed(new: Json, old: Json) -> Sequence[Cause]:
    """The faults of a write to `status`."""
    found = validate_meta(new, old, _any_name, namespaced=False)
    return [*found, *_check(new, old), *_check_update(new, old, approves=False, signs=True)]


def validate_approval(new: Json, old: Json) -> Sequence[Cause]:
    """The faults of a write to `approval`."""
    found = validate_meta(new, old, _any_name, namespaced=False)
    return [*found, *_check(new, old), *_check_update(new, old, approves=True, signs=False)]


def _check(new: Json, old: Json | None) -> list[Cause]:
    spec, before = spec_of(new), spec_of(old) if old else {}
    # A spec can't be changed: what was accepted once is not judged again.
    found = list(under("spec", _check_spec(spec))) if old is None or spec != before else []
    found += under("status", _check_conditions(_conditions(new), _conditions(old) if old else []))
    certificate = status_of(new).get("certificate")
    if certificate and (old is None or status_of(old).get("certificate") != certificate):
        problem = _certificate_problem(certificate)
        if problem:
            found.append(invalid("status.certificate", "<certificate data>", problem))
    return found


def _check_spec(spec: Json) -> Iterator[Cause]:
    if problem := _request_problem(spec.get("request") or ""):
        yield invalid("request", spec.get("request"), problem)
    usages = spec.get("usages") or ()
    if not usages:
        yield required("usages")
    for i, usage in enumerate(usages):
        yield from check_choice(f"usages[{i}]", usage, _USAGES)
        if usage in usages[:i]:
            yield duplicate(f"usages[{i}]", usage)
    signer = spec.get("signerName") or ""
    if signer == _LEGACY_SIGNER:
        yield invalid("signerName", signer, "the legacy signerName is not allowed via this API version")
    else:
        yield from check_signer_name(signer, "signerName")
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _LEAST_SECONDS:
        yield invalid("expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)")


def _check_conditions(conditions: Sequence[Json], before: Sequence[Json]) -> Iterator[Cause]:
    kinds_before = [c.get("type") or "" for c in before]
    doubles = len(kinds_before) != len(set(kinds_before))
    both = set(_DECISIONS) <= set(kinds_before)
    seen: set[str] = set()
    for i, condition in enumerate(conditions):
        kind, status = condition.get("type") or "", condition.get("status") or ""
        if not kind and "" not in kinds_before:
            yield required(f"conditions[{i}].type")
        allowed = ("True",) if kind in _LASTING else _STATUSES
        if not status:
            yield required(f"conditions[{i}].status")
        else:
            yield from check_choice(f"conditions[{i}].status", status, allowed)
        if kind in _DECISIONS and not both and seen & (set(_DECISIONS) - {kind}):
            yield invalid("conditions", kind, "Approved and Denied conditions are mutually exclusive")
        if kind in seen and not doubles:
            yield duplicate(f"conditions[{i}].type", kind)
        seen.add(kind)


def _check_update(new: Json, old: Json, *, approves: bool, signs: bool) -> Iterator[Cause]:
    for kind in _LASTING:
        mine = [c for c in _conditions(new) if c.get("type") == kind]
        theirs = [c for c in _conditions(old) if c.get("type") == kind]
        if len(mine) < len(theirs):
            yield forbidden("status.conditions", f'updates may not remove a condition of type "{kind}"')
        elif approves or kind not in _DECISIONS:
            continue
        elif len(mine) > len(theirs):
            yield forbidden("status.conditions", f'updates may not add a condition of type "{kind}"')
        elif not same(mine, theirs):
            fault = f'updates may not modify a condition of type "{kind}"\n{diff(theirs, mine)}'
            yield forbidden("status.conditions", fault)
    certificate, before = status_of(new).get("certificate") or "", status_of(old).get("certificate") or ""
    if certificate == before:
        return
    if not signs:
        yield forbidden("status.certificate", "updates may not set certificate content")
    elif before:
        yield forbidden("status.certificate", "updates may not modify existing certificate content")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def _request_problem(text: str) -> str:
    found = _PEM.search(_decoded(text))
    if found is None or found[1] != b"CERTIFICATE REQUEST":
        return "PEM block type must be CERTIFICATE REQUEST"
    try:
        request = x509.load_pem_x509_csr(found[0])
        valid = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as exc:
        return f"asn1: structure error: {exc}"
    return "" if valid else "x509: signature does not match"


def _certificate_problem(text: str) -> str:
    blocks = list(_PEM.finditer(_decoded(text)))
    if not blocks:
        return "must contain at least one CERTIFICATE PEM block"
    for block in blocks:
        if block[1] != b"CERTIFICATE":
            return f'only CERTIFICATE PEM blocks are allowed, found "{block[1].decode()}"'
        if b":" in block[2]:
            return "no PEM block headers are permitted"
        try:
            x509.load_pem_x509_certificate(block[0])
        except (ValueError, TypeError) as exc:
            return f"x509: malformed certificate: {exc}"
    return ""


def _duration(obj: Json, now: datetime) -> str:
    seconds = spec_of(obj).get("expirationSeconds")
    return NONE if seconds is None else human_duration(seconds)


def _condition(obj: Json, now: datetime) -> str:
    kinds = {c.get("type") for c in _conditions(obj)}
    shown = "Denied" if "Denied" in kinds else "Approved" if "Approved" in kinds else "Pending"
    shown += ",Failed" if "Failed" in kinds else ""
    return shown + (",Issued" if status_of(obj).get("certificate") else "")


def _fields(obj: Json) -> dict[str, str]:
    return {"spec.signerName": spec_of(obj).get("signerName") or ""}


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="certificates.k8s.io",
        version="v1",
        kind="CertificateSigningRequest",
        plural="certificatesigningrequests",
        schema="io.k8s.api.certificates.v1.CertificateSigningRequest",
        singular="certificatesigningrequest",
        namespaced=False,
        short_names=("csr",),
        subresources=("status", "approval"),
        columns=(
            AGE,
            text("SignerName", "spec", "signerName", absent=NONE),
            text("Requestor", "spec", "username"),
            Column("RequestedDuration", "string", _duration, "How long the certificate should hold."),
            Column("Condition", "string", _condition, "Whether it was approved, denied, issued."),
        ),
        default=_default,
        prepare_create=_prepare_create,
        prepare_update=_prepare_update,
        validate=_validate,
        validate_status=validate_signed,
        counts_generation=False,
        fields=_fields,
        selectable=("spec.signerName",),
    ),
)
