"""An operator as people write them with kopf: for each Copier it keeps a ConfigMap, and tells how that went."""

from typing import Any

import kopf
from kubernetes import client, config


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    config.load_kube_config()
    settings.posting.level = 20
    settings.persistence.finalizer = "example.com/copier"


@kopf.on.create("example.com", "v1", "copiers")
def create(spec: kopf.Spec, name: str, namespace: str, body: kopf.Body, **_: Any) -> dict[str, str]:
    made = {"metadata": {"name": f"copy-of-{name}"}, "data": {"text": spec["text"]}}
    kopf.adopt(made)
    client.CoreV1Api().create_namespaced_config_map(namespace, made)
    kopf.info(body, reason="Copied", message=f"there is a copy of {name}")
    return {"copy": made["metadata"]["name"]}


@kopf.on.update("example.com", "v1", "copiers", field="spec.text")
def update(new: str, name: str, namespace: str, patch: kopf.Patch, **_: Any) -> None:
    client.CoreV1Api().patch_namespaced_config_map(f"copy-of-{name}", namespace, {"data": {"text": new}})
    patch.status["text"] = new


@kopf.on.delete("example.com", "v1", "copiers")
def delete(name: str, namespace: str, **_: Any) -> None:
    left = {"metadata": {"name": f"left-by-{name}"}}
    client.CoreV1Api().create_namespaced_config_map(namespace, left)
