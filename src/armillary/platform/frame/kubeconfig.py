"""Kubeconfigs that lead to clusters through the platform. Pure."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import yaml


def context_of(user: str, cluster: str) -> str:
    """How a cluster's context is called."""
    return f"{user}@armillary-{cluster}"


def kubeconfig_of(origin: str, ca: str, clusters: Sequence[str], user: str, shows: Mapping[str, Any]) -> str:
    """YAML with a context for each cluster; the first is the current one.

    `ca` is the PEM of the authority behind the certificate at `origin`, "" for one that everybody trusts; `shows` is
    how kubectl says who it is (kubeconfig v1, AuthInfo).
    """
    trust = {"certificate-authority-data": base64.b64encode(ca.encode()).decode()} if ca else {}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": f"armillary-{name}", "cluster": {"server": f"{origin}/clusters/{name}", **trust}}
            for name in clusters
        ],
        "users": [{"name": user, "user": dict(shows)}],
        "contexts": [
            {"name": context_of(user, name), "context": {"cluster": f"armillary-{name}", "user": user}}
            for name in clusters
        ],
        "current-context": context_of(user, clusters[0]),
    }
    return yaml.safe_dump(config, sort_keys=False)
