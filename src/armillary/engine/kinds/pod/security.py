"""Security contexts of pods and containers: users, seccomp, AppArmor, sysctls.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateSecurityContext", "validatePodSpecSecurityContext".
"""

import re
from collections.abc import Iterator

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import (
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
    under,
    unsupported,
    wrong,
)
from armillary.engine.kinds.pod.volumes import check_descending_path
from armillary.engine.kinds.resource import Json

_PROFILE_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
_SYSCTL_FORM = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
_is_sysctl_part = re.compile(r"[a-z0-9]([-_a-z0-9]*[a-z0-9])?").fullmatch
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


def containers_with_paths(spec: Json) -> Iterator[tuple[str, Json]]:
    """Init, ordinary and ephemeral containers, each with where it stands in the spec."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for i, container in enumerate(spec.get(kind) or ()):
            yield f"{kind}[{i}]", container


def check_security_context(context: Json, *, host_users: bool) -> list[Cause]:
    """A container's; fields are relative to it."""
    found = _check_ids(context, ("runAsUser", "runAsGroup"))
    mount = context.get("procMount")
    if mount is not None:
        if mount not in ("Default", "Unmasked"):
            found.append(not_supported("procMount", mount, ("Default", "Unmasked")))
        if host_users and mount == "Unmasked":
            found.append(invalid("procMount", mount, "`hostUsers` must be false to use `Unmasked`"))
    if (profile := context.get("seccompProfile")) is not None:
        found += under("seccompProfile", _check_seccomp(profile))
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            fault = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            found.append(invalid("", context, fault))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            fault = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            found.append(invalid("", context, fault))
    if (profile := context.get("appArmorProfile")) is not None:
        found += under("appArmorProfile", _check_apparmor(profile))
    return found


def check_pod_security_context(context: Json, spec: Json) -> list[Cause]:
    """A pod's; fields are relative to it."""
    found = _check_ids(context, ("fsGroup", "runAsUser", "runAsGroup"))
    for i, group in enumerate(context.get("supplementalGroups") or ()):
        found += wrong(f"supplementalGroups[{i}]", group, names.user_or_group_id(group))
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        fault = "ShareProcessNamespace and HostPID cannot both be enabled"
        found.append(invalid("shareProcessNamespace", True, fault))
    if sysctls := context.get("sysctls"):
        found += _check_sysctls(sysctls, spec)
    for field, allowed in (
        ("fsGroupChangePolicy", ("Always", "OnRootMismatch")),
        ("supplementalGroupsPolicy", ("Merge", "Strict")),
        ("seLinuxChangePolicy", ("MountOption", "Recursive")),
    ):
        if (value := context.get(field)) is not None and value not in allowed:
            found.append(not_supported(field, value, allowed))
    if (profile := context.get("seccompProfile")) is not None:
        found += under("seccompProfile", _check_seccomp(profile))
    if (profile := context.get("appArmorProfile")) is not None:
        found += under("appArmorProfile", _check_apparmor(profile))
    return found


def _check_ids(context: Json, fields: tuple[str, ...]) -> list[Cause]:
    found: list[Cause] = []
    for field in fields:
        if (value := context.get(field)) is not None and (problems := names.user_or_group_id(value)):
            found += wrong(field, value, problems)
    return found


def _check_seccomp(profile: Json) -> list[Cause]:
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    found: list[Cause] = []
    if not kind:
        found.append(required("type", "type is required when seccompProfile is set"))
    elif kind not in _PROFILE_TYPES:
        found.append(unsupported("type", kind, _PROFILE_TYPES))
    if kind != "Localhost":
        if local is not None:
            fault = "can only be set when seccomp type is Localhost"
            found.append(invalid("localhostProfile", profile, fault))
    elif local is None:
        found.append(required("localhostProfile", "must be set when seccomp type is Localhost"))
    else:
        found += check_descending_path(local, "localhostProfile")
    return found


def _check_apparmor(profile: Json) -> list[Cause]:
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    if not kind:
        return [required("type", "type is required when appArmorProfile is set")]
    if kind not in _PROFILE_TYPES:
        return [unsupported("type", kind, _PROFILE_TYPES)]
    if kind != "Localhost":
        fault = "can only be set when AppArmor type is Localhost"
        return [] if local is None else [invalid("localhostProfile", local, fault)]
    if local is None or not local:
        return [required("localhostProfile", "must be set when AppArmor type is Localhost")]
    found: list[Cause] = []
    if local != local.strip():
        found.append(invalid("localhostProfile", local, "must not be padded with whitespace"))
    if names.size(local) > 4095:
        found.append(too_long("localhostProfile", 4095))
    return found


def _check_sysctls(sysctls: list[Json], spec: Json) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for i, sysctl in enumerate(sysctls):
        field, name = f"sysctls[{i}].name", sysctl.get("name") or ""
        # Checked part by part: the rule as one regular expression would take exponential time on bad names.
        if not name:
            found.append(required(field))
        elif len(name) > 253 or not all(map(_is_sysctl_part, re.split(r"[./]", name))):
            fault = f"must have at most 253 characters and match regex {_SYSCTL_FORM}"
            found.append(invalid(field, name, fault))
        elif name in seen:
            found.append(duplicate(field, name))
        namespace = _namespace(name.replace("/", "."))
        for kind, option in (("net", "hostNetwork"), ("ipc", "hostIPC")):
            if namespace == kind and spec.get(option):
                found.append(invalid(field, name, f"may not be specified when '{option}' is true"))
        seen.add(name)
    return found


def _namespace(sysctl: str) -> str:
    if sysctl.startswith("net."):
        return "net"
    ipc = sysctl.startswith(("kernel.shm", "kernel.msg", "fs.mqueue.")) or sysctl == "kernel.sem"
    return "ipc" if ipc else ""


def check_profile_annotations(annotations: Json, spec: Json, field: str) -> list[Cause]:
    """The deprecated annotations for seccomp and AppArmor."""
    found: list[Cause] = []
    for key, value in annotations.items():
        if key == _SECCOMP_POD or key.startswith(_SECCOMP_CONTAINER):
            found += _check_seccomp_text(value or "", f"{field}.{key}")
        elif key.startswith(_APPARMOR):
            name = key.removeprefix(_APPARMOR)
            if all(c.get("name") != name for _, c in containers_with_paths(spec)):
                found.append(invalid(f"{field}[{key}]", name, "container not found"))
            if value and value not in ("runtime/default", "unconfined") and not value.startswith("localhost/"):
                found.append(invalid(f"{field}[{key}]", value, f'invalid AppArmor profile name: "{value}"'))
    return found


def _check_seccomp_text(value: str, field: str) -> list[Cause]:
    if value in ("runtime/default", "docker/default", "unconfined"):
        return []
    if value.startswith("localhost/"):
        return check_descending_path(value.removeprefix("localhost/"), field)
    return [invalid(field, value, "must be a valid seccomp profile")]


def check_profiles_match(annotations: Json, spec: Json) -> list[Cause]:
    """Where annotation and field both name a profile, they must agree; relative to the spec."""
    own: Json = spec.get("securityContext") or {}
    found: list[Cause] = []
    if _SECCOMP_POD in annotations and (profile := own.get("seccompProfile")):
        path = "securityContext.seccompProfile"
        found += _check_match(annotations[_SECCOMP_POD], profile, path, "seccomp")
    for path, container in containers_with_paths(spec):
        context: Json = container.get("securityContext") or {}
        name = container.get("name") or ""
        profile = context.get("seccompProfile")
        if profile and (value := annotations.get(_SECCOMP_CONTAINER + name)) is not None:
            found += _check_match(value, profile, f"{path}.securityContext.seccompProfile", "seccomp")
        profile = context.get("appArmorProfile") or own.get("appArmorProfile")
        if profile and (value := annotations.get(_APPARMOR + name)) is not None:
            found += _check_match(value, profile, f"{path}.securityContext.appArmorProfile", "apparmor")
    return found


def _check_match(text: str, profile: Json, field: str, what: str) -> list[Cause]:
    same: dict[str, tuple[str, ...]] = {
        "Unconfined": ("unconfined",),
        "RuntimeDefault": ("runtime/default", "docker/default") if what == "seccomp" else ("runtime/default",),
    }
    kind = profile.get("type") or ""
    if kind in same and text not in same[kind]:
        return [forbidden(f"{field}.type", f"{what} type in annotation and field must match")]
    if kind == "Localhost":
        if not text.startswith("localhost/"):
            return [forbidden(f"{field}.type", f"{what} type in annotation and field must match")]
        if text.removeprefix("localhost/") != profile.get("localhostProfile"):
            return [forbidden(f"{field}.localhostProfile", f"{what} profile in annotation and field must match")]
    return []
