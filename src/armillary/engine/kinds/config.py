"""ConfigMaps, Secrets and ServiceAccounts.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateConfigMap", "ValidateSecret".
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.columns import AGE
from armillary.engine.kinds.faults import forbidden, immutable, invalid, required, too_long, wrong
from armillary.engine.kinds.meta import validator
from armillary.engine.kinds.resource import Column, Json, Resource

LIMIT = 1024 * 1024  # bytes of values
_ACCOUNT = "kubernetes.io/service-account.name"
_REQUIRED: dict[str, tuple[str, ...]] = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(value or "")
    except (binascii.Error, ValueError):
        return b""


def _check_keys(data: Mapping[str, Any], field: str) -> list[Cause]:
    found: list[Cause] = []
    for key in data:
        if problems := names.config_key(key):
            found += wrong(f"{field}[{key}]", key, problems)
    return found


def _encoded_size(data: Mapping[str, Any]) -> int:
    return sum(len(value) // 4 * 3 - value.count("=", -2) for value in data.values() if value)


def _check_config_map(new: Json, old: Json | None) -> Sequence[Cause]:
    found = _check_unchanged(new, old, ("data", "binaryData"))
    data: Json = new.get("data") or {}
    binary: Json = new.get("binaryData") or {}
    found += _check_keys(data, "data")
    if binary:
        both = (key for key in data if key in binary)
        found += [invalid(f"data[{key}]", key, "duplicate of key present in binaryData") for key in both]
        found += _check_keys(binary, "binaryData")
    if sum(names.size(value or "") for value in data.values()) + _encoded_size(binary) > LIMIT:
        found.append(too_long("[]", LIMIT))
    return found


def _check_unchanged(new: Json, old: Json | None, fields: Sequence[str]) -> list[Cause]:
    if old is None or not old.get("immutable"):
        return []
    fault = "field is immutable when `immutable` is set"
    found = [] if new.get("immutable") else [forbidden("immutable", fault)]
    return found + [forbidden(f, fault) for f in fields if (new.get(f) or {}) != (old.get(f) or {})]


def _check_secret(new: Json, old: Json | None) -> Sequence[Cause]:
    kind = new.get("type") or ""
    found: list[Cause] = []
    if old is not None:
        if kind != (old.get("type") or ""):
            found.append(immutable("type", kind))
        found += _check_unchanged(new, old, ("data",))
    data: Json = new.get("data") or {}
    found += _check_keys(data, "data")
    if _encoded_size(data) > LIMIT:
        found.append(too_long("data", LIMIT))
    return found + _check_typed(kind, data, (new.get("metadata") or {}).get("annotations") or {})


def _check_typed(kind: str, data: Json, annotations: Json) -> list[Cause]:
    """What a Secret of a known type must hold."""
    if kind == "kubernetes.io/service-account-token":
        return [] if annotations.get(_ACCOUNT) else [required(f"metadata.annotations[{_ACCOUNT}]")]
    if kind == "kubernetes.io/basic-auth":
        keys = ("username", "password")
        return [] if any(key in data for key in keys) else [required(f"data[{key}]") for key in keys]
    wanted = _REQUIRED.get(kind, ())
    empty_counts = kind != "kubernetes.io/ssh-auth"
    missing = (key for key in wanted if key not in data or not (data[key] or empty_counts))
    found = [required(f"data[{key}]") for key in missing]
    if not found and kind.startswith("kubernetes.io/dockerc"):
        found += _check_docker(data[wanted[0]], f"data[{wanted[0]}]")
    return found


def _check_docker(value: Any, field: str) -> list[Cause]:
    shown = "<secret contents redacted>"
    try:
        content = orjson.loads(_decoded(value))
    except orjson.JSONDecodeError as exc:
        return [invalid(field, shown, str(exc))]
    fault = "json: cannot unmarshal value into Go value of type map[string]interface {}"
    return [] if content is None or isinstance(content, dict) else [invalid(field, shown, fault)]


def _default_secret(secret: Json) -> None:
    secret["type"] = secret.get("type") or "Opaque"
    if text := secret.pop("stringData", None):
        data = secret.get("data") or {}
        encoded = {key: base64.b64encode((value or "").encode()).decode() for key, value in text.items()}
        secret["data"] = {**data, **encoded}


def _secret_fields(secret: Json) -> Mapping[str, str]:
    return {"type": secret.get("type") or ""}


def _entries(obj: Json, now: datetime) -> int:
    return len(obj.get("data") or {}) + len(obj.get("binaryData") or {})


def _clean_secrets(account: Json) -> None:
    # Only names count here; other parts of these references are dropped.
    if secrets := account.get("secrets"):
        account["secrets"] = [{"name": ref.get("name") or ""} for ref in secrets]


CONFIG_MAPS = Resource(
    group="",
    version="v1",
    kind="ConfigMap",
    plural="configmaps",
    schema="io.k8s.api.core.v1.ConfigMap",
    singular="configmap",
    short_names=("cm",),
    validate=validator(names.dns_subdomain, _check_config_map),
    counts_generation=False,
    has_status=False,
    columns=(Column("Data", "string", _entries, "How many entries it holds."), AGE),
)

SECRETS = Resource(
    group="",
    version="v1",
    kind="Secret",
    plural="secrets",
    schema="io.k8s.api.core.v1.Secret",
    singular="secret",
    default=_default_secret,
    validate=validator(names.dns_subdomain, _check_secret),
    fields=_secret_fields,
    selectable=("type",),
    counts_generation=False,
    has_status=False,
    columns=(
        Column("Type", "string", lambda secret, now: secret.get("type") or "", "What it is for."),
        Column("Data", "string", _entries, "How many entries it holds."),
        AGE,
    ),
)

SERVICE_ACCOUNTS = Resource(
    group="",
    version="v1",
    kind="ServiceAccount",
    plural="serviceaccounts",
    schema="io.k8s.api.core.v1.ServiceAccount",
    singular="serviceaccount",
    short_names=("sa",),
    subresources=("token",),
    validate=validator(names.dns_subdomain),
    prepare_create=_clean_secrets,
    prepare_update=lambda new, old: _clean_secrets(new),
    counts_generation=False,
    has_status=False,
    columns=(AGE,),
)
