"""ServiceAccount: every pod has one, and its token where clients look for it.

Facts: k8s.io/kubernetes, plugin/pkg/admission/serviceaccount.
"""

import secrets
from collections.abc import Iterator
from datetime import timedelta

from armillary.base.clock import Clock, age
from armillary.engine.apiserver.admission.plugin import CREATE, UPDATE, Plugin, written
from armillary.engine.apiserver.auth.node import secrets_of
from armillary.engine.apiserver.auth.refusal import not_admitted
from armillary.engine.apiserver.ports import AdmissionRequest, Objects
from armillary.engine.kinds.faults import shown
from armillary.engine.kinds.resource import Json

MIRROR = "kubernetes.io/config.mirror"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
VOLUME_PREFIX = "kube-api-access-"
TOKEN_SECONDS = 3607
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # no vowels, no look-alikes: apimachinery, util/rand
_ENFORCE = "kubernetes.io/enforce-mountable-secrets"

NEW, LOOK_SECONDS = timedelta(seconds=4), 0.02


def service_accounts(objects: Objects) -> Plugin:
    def change(request: AdmissionRequest) -> None:
        pod = written(request, "pods", CREATE)
        if pod is None or _is_mirror(pod):
            return
        spec = pod["spec"]
        name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = _account(objects, request, name)
        if _mounts_token(account, spec):
            _mount_token(spec)
        pull_secrets = account.get("imagePullSecrets")
        if pull_secrets and not spec.get("imagePullSecrets"):
            spec["imagePullSecrets"] = [{"name": secret["name"]} for secret in pull_secrets]

    def check(request: AdmissionRequest) -> None:
        pod = written(request, "pods", CREATE)
        ephemeral = written(request, "pods", UPDATE, subresource="ephemeralcontainers")
        if pod is not None and _is_mirror(pod):
            _check_mirror(request, pod["spec"])
            return
        found = pod or ephemeral
        if found is None:
            return
        name = found["spec"].get("serviceAccountName")
        if not name:
            where = f"{request.namespace}/{found['metadata'].get('name', '')}"
            raise not_admitted(request, f"no service account specified for pod {where}")
        account = _account(objects, request, name)
        annotations = account["metadata"].get("annotations") or {}
        if annotations.get(_ENFORCE, "").lower() in ("true", "t", "1"):
            complaint = next(_not_mountable(account, found["spec"], ephemeral is not None), None)
            if complaint is not None:
                raise not_admitted(request, complaint)

    return Plugin("ServiceAccount", change, check)


async def wait_for_account(objects: Objects, namespace: str, pod: Json, clock: Clock) -> None:
    """Give a new namespace's `default` account the moment it needs to be made.

    To be awaited before a pod's creation is decided. In a namespace that is not new it is missing for another reason.
    """
    spec = pod.get("spec")
    if not isinstance(spec, dict) or spec.get("serviceAccountName", "default") not in ("", "default"):
        return
    while objects.get("serviceaccounts", namespace, "default") is None:
        place = objects.get("namespaces", "", namespace)
        if place is None or age(place["metadata"]["creationTimestamp"], clock.now()) > NEW:
            return
        await clock.sleep(LOOK_SECONDS)


def random_suffix() -> str:
    """Five characters, as the API server appends to `generateName`."""
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def _account(objects: Objects, request: AdmissionRequest, name: str) -> Json:
    found = objects.get("serviceaccounts", request.namespace, name)
    if found is None:
        where = f"{request.namespace}/{name}"
        raise not_admitted(request, f"error looking up service account {where}: serviceaccount {shown(name)} not found")
    return found


def _is_mirror(pod: Json) -> bool:
    return MIRROR in (pod["metadata"].get("annotations") or {})


def _check_mirror(request: AdmissionRequest, spec: Json) -> None:
    if spec.get("serviceAccountName"):
        raise not_admitted(request, "a mirror pod may not reference service accounts")
    if next(secrets_of(spec), None) is not None:
        raise not_admitted(request, "a mirror pod may not reference secrets")
    for volume in spec.get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            if "serviceAccountToken" in source:
                raise not_admitted(request, "a mirror pod may not use ServiceAccountToken volume projections")


def _mounts_token(account: Json, spec: Json) -> bool:
    for holder in (spec, account):
        wish = holder.get("automountServiceAccountToken")
        if wish is not None:
            return bool(wish)
    return True


def _mount_token(spec: Json) -> None:
    volumes = spec.get("volumes") or []
    known = next((v["name"] for v in volumes if v.get("name", "").startswith(VOLUME_PREFIX)), None)
    name = known or VOLUME_PREFIX + random_suffix()
    mounted = False
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        mounts = container.get("volumeMounts") or []
        if all(mount.get("mountPath") != MOUNT_PATH for mount in mounts):
            container["volumeMounts"] = [*mounts, {"name": name, "readOnly": True, "mountPath": MOUNT_PATH}]
            mounted = True
    if mounted and known is None:
        spec["volumes"] = [*volumes, {"name": name, "projected": _token_volume()}]


def _token_volume() -> Json:
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    return {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [namespace]}},
        ],
        "defaultMode": 0o644,
    }


def _not_mountable(account: Json, spec: Json, ephemeral: bool) -> Iterator[str]:
    """Complaints about secrets that the account does not list."""
    allowed = {secret["name"] for secret in account.get("secrets") or ()}
    tail = f"is not allowed because service account {account['metadata']['name']} does not reference that"
    for where, name in _secret_uses(spec, ephemeral):
        if name not in allowed:
            yield f'{where} secret.secretName="{name}" {tail} secret'
    if not ephemeral:
        pulls = {secret["name"] for secret in account.get("imagePullSecrets") or ()}
        for index, secret in enumerate(spec.get("imagePullSecrets") or ()):
            if secret.get("name") not in pulls:
                yield f'imagePullSecrets[{index}].name="{secret.get("name")}" {tail} imagePullSecret'


def _secret_uses(spec: Json, ephemeral: bool) -> Iterator[tuple[str, str]]:
    """Where secrets are named, in words, and which."""
    sorts = [("ephemeralContainers", "ephemeral container")]
    if not ephemeral:
        sorts = [("initContainers", "init container"), ("containers", "container")]
        for volume in spec.get("volumes") or ():
            if "secret" in volume:
                yield "volume with", volume["secret"].get("secretName", "")
    for sort, word in sorts:
        for container in spec.get(sort) or ():
            where = f"{word} {container['name']} with"
            for variable in container.get("env") or ():
                ref = (variable.get("valueFrom") or {}).get("secretKeyRef")
                if ref:
                    yield f"{where} envVar {variable['name']} referencing", ref.get("name", "")
            for source in container.get("envFrom") or ():
                if source.get("secretRef"):
                    yield f"{where} envFrom referencing", source["secretRef"].get("name", "")
