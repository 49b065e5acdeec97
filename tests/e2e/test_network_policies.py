"""Network policies hold between real pods, and so do the platform's isolation switches that are made of them."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.cluster import Cluster, eventually
from tests.harness.manifests import pod as busybox

NODE = "10.244.0.1"
WEB = "mkdir /w; hostname > /w/index.html; httpd -f -p 8080 -h /w"


def pod(name: str, script: str = WEB, more: str = "", container: str = "") -> str:
    return busybox(name, script, more=more, container=container)


def policy(name: str, spec: str) -> str:
    return f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}}}\nspec: {spec}"


class Place:
    """A namespace and what its pods can reach."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self.cluster, self.namespace = cluster, namespace

    def kubectl(self, *words: str, check: bool = True, stdin: str | None = None) -> str:
        return self.cluster.kubectl("-n", self.namespace, *words, check=check, stdin=stdin)

    def apply(self, *manifests: str) -> None:
        self.kubectl("apply", "-f", "-", stdin="\n---\n".join(manifests))

    def ready(self, *names: str) -> None:
        self.kubectl("wait", "--for=condition=Ready", *(f"pod/{name}" for name in names), "--timeout=60s")

    def address(self, name: str) -> str:
        return self.kubectl("get", "pod", name, "-o", "jsonpath={.status.podIP}").strip()

    def sh(self, name: str, script: str) -> str:
        return self.kubectl("exec", name, "--", "sh", "-c", script)

    def reaches(self, name: str, host: str, port: int = 8080) -> bool:
        """Whether that pod is answered. What is denied is dropped, so that only waiting tells."""
        return "yes" in self.sh(name, f"timeout 2 wget -q -O /dev/null http://{host}:{port}/ && echo yes || echo no")

    def resolves(self, name: str) -> bool:
        return "yes" in self.sh(name, "timeout 4 nslookup kubernetes.default.svc.cluster.local && echo yes || echo no")


@pytest.fixture
def place(cluster: Cluster, namespace: str) -> Place:
    return Place(cluster, namespace)


def test_policies_hold_between_pods(place: Place) -> None:
    probe = "readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1, failureThreshold: 1}"
    ports = "ports: [{name: http, containerPort: 8080}]"
    place.apply(
        policy("nobody", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}"),
        pod("web", container=f"{ports}\n    {probe}"),
        pod("friend"),
        pod("stranger"),
        "apiVersion: v1\nkind: Service\nmetadata: {name: front}\n"
        "spec: {selector: {app: web}, type: NodePort, ports: [{port: 80, targetPort: http}]}",
    )
    place.ready("web", "friend", "stranger")  # the web pod's probe passes: the node may always
    web = place.address("web")
    assert not place.reaches("friend", web)
    eventually(lambda: place.reaches("web", "front", 80), "itself, through its Service")
    assert place.reaches("friend", place.address("stranger")), "nothing is about the others"
    assert place.cluster.run("curl", "-s", f"http://{web}:8080/").stdout.strip() == "web"

    place.apply(
        policy(
            "friends",
            "{podSelector: {matchLabels: {app: web}}, ingress: "
            "[{from: [{podSelector: {matchLabels: {app: friend}}}], ports: [{port: http}]}]}",
        )
    )
    eventually(lambda: place.reaches("friend", web), "a friend is let in to the named port")
    assert place.reaches("friend", "front", 80), "through the Service too"
    assert not place.reaches("stranger", web)
    assert not place.reaches("stranger", "front", 80)
    node_port = place.kubectl("get", "service", "front", "-o", "jsonpath={.spec.ports[0].nodePort}")
    assert place.reaches("friend", NODE, int(node_port))
    assert not place.reaches("stranger", NODE, int(node_port))

    place.kubectl("label", "pod", "stranger", "--overwrite", "app=friend")
    eventually(lambda: place.reaches("stranger", web), "who becomes a friend is let in")
    place.kubectl("delete", "networkpolicy", "--all")
    eventually(lambda: place.reaches("web", place.address("stranger")), "without policies all may")


def test_egress_is_denied_from_a_pods_first_instant(place: Place) -> None:
    place.apply(pod("web"), policy("closed", "{podSelector: {matchLabels: {app: caged}}, policyTypes: [Egress]}"))
    place.ready("web")
    web = place.address("web")
    tries = f"for i in 1 2; do timeout 1 wget -q -O /dev/null http://{web}:8080/ && echo reached; done; echo tried; "
    place.apply(pod("caged", tries + WEB))
    eventually(lambda: "tried" in place.kubectl("logs", "caged", check=False), "it has tried")
    assert "reached" not in place.kubectl("logs", "caged")
    assert not place.resolves("caged")
    assert place.reaches("web", place.address("caged")), "others may come in"

    place.apply(
        policy(
            "names",
            "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, "
            "podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}]}]}",
        )
    )
    eventually(lambda: place.resolves("caged"), "the cluster's DNS by the labels it has everywhere")
    assert not place.reaches("caged", web)
    place.apply(
        policy(
            "out",
            f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{ipBlock: {{cidr: {web}/32}}}}]}}]}}",
        )
    )
    eventually(lambda: place.reaches("caged", web), "an address that is allowed")


def test_workspaces_and_projects_are_isolated(cluster: Cluster, tmp_path: Path) -> None:
    admin = replace(cluster, environment={"ARMILLARY_CONFIG": str(tmp_path / "config.json")})

    def armillary(*words: str, stdin: str | None = None) -> None:
        admin.run("armillary", *words, stdin=stdin)

    password = cluster.armillary("initial-password").stdout.strip()
    login = ("login", "https://127.0.0.1:9443", "--ca-file", str(cluster.data_dir / "pki/ca.crt"))
    armillary(*login, "--username", "admin", "--password-stdin", stdin=f"{password}\nrings-around-the-globe\n")
    for workspace, projects in (("shop", ("web", "api")), ("bank", ("ledger",))):
        armillary("workspace", "create", workspace)
        for project in projects:
            armillary("project", "create", project, "-w", workspace)
    web, api, ledger = (Place(cluster, name) for name in ("shop-web", "shop-api", "bank-ledger"))
    for place in (web, api, ledger):
        eventually(lambda place=place: place.kubectl("get", "serviceaccount", "default"), "the project's namespace")
        place.apply(pod("one"), pod("two"))
    for place in (web, api, ledger):
        place.ready("one", "two")
    target = web.address("one")

    def come_in(*, own: bool = True, workspace: bool, others: bool, what: str) -> None:
        wanted = {"own": own, "workspace": workspace, "others": others}

        def found() -> dict[str, bool]:
            return {
                "own": web.reaches("two", target),
                "workspace": api.reaches("one", target),
                "others": ledger.reaches("one", target),
            }

        eventually(lambda: found() == wanted, what)
        assert cluster.run("curl", "-s", f"http://{target}:8080/").stdout.strip() == "one", "the node always may"

    come_in(workspace=True, others=True, what="nothing is isolated")
    armillary("project", "update", "web", "-w", "shop", "--isolated")
    come_in(workspace=False, others=False, what="an isolated project is its own")
    assert web.reaches("one", api.address("one")), "it may go out"
    armillary("project", "update", "web", "-w", "shop", "--allow", "namespace:shop-api")
    come_in(workspace=True, others=False, what="a namespace is allowed")
    armillary("project", "update", "web", "-w", "shop", "--allow", "workspace:bank")
    come_in(workspace=False, others=True, what="a workspace is allowed")
    armillary("project", "update", "web", "-w", "shop", "--allow", f"{ledger.address('one')}/32")
    come_in(workspace=False, others=True, what="an address is allowed")
    assert not ledger.reaches("two", target), "and no other"
    armillary("project", "update", "web", "-w", "shop", "--no-isolated", "--allow", "")
    come_in(workspace=True, others=True, what="no isolation any more")
    armillary("workspace", "update", "shop", "--isolated")
    come_in(workspace=True, others=False, what="an isolated workspace keeps to itself")
    assert not ledger.reaches("one", api.address("one")), "all of its projects"
    armillary("workspace", "update", "shop", "--allow", "namespace:bank-ledger")
    come_in(workspace=True, others=True, what="but who is allowed")
    armillary("workspace", "update", "shop", "--no-isolated", "--allow", "")
    come_in(workspace=True, others=True, what="and none again")
