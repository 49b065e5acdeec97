"""Two teams on one cluster, from an empty platform on: by the API, the command line and stock kubectl.

An administrator connects the company's directory and makes two workspaces with quotas; each team's head makes a project
and invites people; everybody does what their role allows, and nothing else.

With ARMILLARY_TEST_KUBECONFIG it is told on that cluster; what needs running containers, only where there are nodes.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.harness.cluster import Cluster, eventually, running_cluster
from tests.harness.given import ORIGIN, given_kubeconfig, serving
from tests.harness.slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, person, prepared, start_command

LDAP = "ldap://127.0.0.1:3890"
PASSWORDS = {name: f"the-{name[::-1]}-of-the-directory" for name in ("ann", "ben", "olga", "vera", "eve")}


@dataclass(frozen=True)
class Person:
    """Somebody at a computer of their own: their tokens and their kubeconfig are theirs alone."""

    cluster: Cluster
    home: Path

    def __call__(self, *words: str, stdin: str | None = None, check: bool = True) -> str:
        """What the command prints, standard error after standard output."""
        environment = {"ARMILLARY_CONFIG": str(self.home / "config.json")}
        here = replace(self.cluster, environment=environment)
        done = here.run("armillary", *words, stdin=stdin, check=check)
        return done.stdout + done.stderr

    def kubectl(self, *words: str, check: bool = True, stdin: str | None = None) -> str:
        environment = {
            "KUBECONFIG": str(self.home / "kubeconfig"),
            "ARMILLARY_CONFIG": str(self.home / "config.json"),
        }
        return replace(self.cluster, environment=environment).kubectl(*words, check=check, stdin=stdin)

    def may(self, verb: str, what: str, namespace: str) -> bool:
        return self.kubectl("auth", "can-i", verb, what, "-n", namespace, check=False).strip() == "yes"


@pytest.fixture(scope="module")
def own(request: pytest.FixtureRequest, data_dirs: Path) -> Iterator[Cluster]:
    given = given_kubeconfig()
    if given is not None:
        with serving(given, data_dirs / "story") as up:
            yield up
        return
    archives: list[Path] = request.getfixturevalue("archives")
    with running_cluster("arm-story", data_dirs / "story") as up:
        up.armillary("image", "import", str(archives[0]))
        yield up


def has_nodes(cluster: Cluster) -> bool:
    """Whether containers can run there."""
    return "node/" in cluster.kubectl("get", "nodes", "-o", "name")


def first_password(cluster: Cluster) -> str:
    words = ("-n", "armillary-system", "get", "secret", "initial-admin-password", "-o", "jsonpath={.data.password}")
    return base64.b64decode(cluster.kubectl(*words)).decode()


@pytest.fixture(scope="module")
def directory(own: Cluster, data_dirs: Path) -> Iterator[None]:
    """A real OpenLDAP beside the cluster."""
    config, _ = prepared(data_dirs / "ldap", [person(name, password) for name, password in PASSWORDS.items()])
    process = own.spawn(*start_command(config, LDAP))
    yield
    process.terminate()
    process.wait(timeout=20)


def somebody(own: Cluster, data_dirs: Path, name: str, password: str) -> Person:
    """Signed in."""
    home = data_dirs / f"home-{name}"
    home.mkdir()
    found = Person(own, home)
    found("login", ORIGIN, "--ca-file", str(own.ca), "--username", name, "--password-stdin", stdin=password)
    return found


def with_kubeconfig(found: Person) -> Person:
    """As the console's download is: stock kubectl, through the platform, with a credential plugin."""
    token = json.loads(found("token", "create", "kubectl", "--scope", "kubernetes", "-o", "json"))["token"]
    ca = found.cluster.ca
    server = f"{ORIGIN}/clusters/host"
    found.kubectl("config", "set-cluster", "platform", f"--server={server}", f"--certificate-authority={ca}")
    found.kubectl("config", "set-credentials", "me", f"--token={token}")
    found.kubectl("config", "set-context", "platform", "--cluster=platform", "--user=me")
    found.kubectl("config", "use-context", "platform")
    return found


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("directory")
def test_two_teams(own: Cluster, data_dirs: Path) -> None:
    admin = somebody(own, data_dirs, "admin", f"{first_password(own)}\nrings-around-the-globe\n")
    runs = has_nodes(own)
    assert "admin" in admin("whoami")

    _connect_the_directory(admin)
    ann = somebody(own, data_dirs, "ann", PASSWORDS["ann"])
    ben = somebody(own, data_dirs, "ben", PASSWORDS["ben"])
    assert "system" not in ann("workspace", "list"), "who is in no workspace sees none"

    admin("workspace", "create", "shop", "--manager", "ann", "--quota", "pods=3,requests.cpu=2")
    admin("workspace", "create", "bank", "--manager", "ben", "--quota", "pods=5")
    assert ann("workspace", "list", "-o", "name").split() == ["shop"]
    assert ben("workspace", "list", "-o", "name").split() == ["bank"]

    ann("project", "create", "web", "-w", "shop")
    ben("project", "create", "ledger", "-w", "bank")
    olga, vera, eve = (with_kubeconfig(somebody(own, data_dirs, n, PASSWORDS[n])) for n in ("olga", "vera", "eve"))
    ann("member", "add", "olga", "--role", "operator", "-w", "shop", "-p", "web")
    ann("member", "add", "vera", "--role", "viewer", "-w", "shop", "-p", "web")
    ben("member", "add", "eve", "--role", "admin", "-w", "bank", "-p", "ledger")

    _an_operator_ships(olga, runs=runs)
    _a_viewer_looks(vera)
    _a_foreigner_sees_nothing(eve)
    _nobody_grants_what_they_lack(olga, vera, eve)
    _the_quota_holds(ann, olga)
    _what_was_done_is_known(admin, ann, eve)
    _what_was_deleted_comes_back(olga, runs=runs)
    _who_is_sent_away_is_out_at_once(admin, olga)


def _connect_the_directory(admin: Person) -> None:
    admin(
        "provider", "create", "ldap", "company", "--url", LDAP, "--insecure", "--base-dn", PEOPLE, "--bind-dn", READER,
        "--just-in-time", stdin=READER_PASSWORD,
    )  # fmt: skip
    eventually(lambda: "ann" in admin("provider", "test", "company", "--login", "ann"), "the directory answers")
    assert SUFFIX in admin("provider", "show", "company", "-o", "json")


def _an_operator_ships(olga: Person, *, runs: bool) -> None:
    def created() -> bool:
        olga.kubectl("-n", "shop-web", "create", "deployment", "front", "--image=busybox", "--", "sleep", "1000")
        return True

    eventually(created, "the operator may create deployments")
    olga.kubectl("-n", "shop-web", "set", "resources", "deployment/front", "--requests=cpu=100m")
    if runs:
        olga.kubectl("-n", "shop-web", "rollout", "status", "deployment/front", "--timeout=90s")
        assert "uid=0" in olga.kubectl("-n", "shop-web", "exec", "deployment/front", "--", "busybox", "id")
        assert "Nothing wrong" in olga("why", "deployment", "front", "-n", "shop-web")
    assert "front" in olga("list", "deployments", "-o", "name")
    assert "front" in olga("search", "front", "-o", "name")
    assert not olga.may("create", "rolebindings", "shop-web")


def _a_viewer_looks(vera: Person) -> None:
    assert "front" in vera.kubectl("-n", "shop-web", "get", "deployments")
    for verb, what in (
        ("create", "deployments"),
        ("delete", "pods"),
        ("create", "pods/exec"),
        ("get", "secrets"),
        ("update", "namespaces"),
        ("create", "rolebindings"),
    ):
        assert not vera.may(verb, what, "shop-web"), f"a viewer may {verb} {what}"
    refused = vera.kubectl("-n", "shop-web", "delete", "deployment", "front", check=False)
    assert 'User "armillary:vera" cannot delete resource "deployments"' in refused


def _a_foreigner_sees_nothing(eve: Person) -> None:
    refused = eve.kubectl("-n", "shop-web", "get", "pods", check=False)
    assert 'User "armillary:eve" cannot list resource "pods"' in refused
    assert "front" not in eve("search", "front", check=False)
    assert "front" not in eve("list", "deployments", "-o", "name", check=False)
    assert "shop" not in eve("workspace", "list", "-o", "name")
    assert "not found" in eve("workspace", "show", "shop", check=False)
    kept = eve("history", "list", "deployment", "front", "-n", "shop-web", check=False)
    assert kept == eve("history", "list", "deployment", "front", "-n", "nowhere", check=False).replace(
        "nowhere", "shop-web"
    )
    assert "front" not in eve("audit", "-o", "json", check=False)


def _nobody_grants_what_they_lack(olga: Person, vera: Person, eve: Person) -> None:
    for who in (olga, vera):
        answer = who("member", "add", "eve", "--role", "admin", "-w", "shop", "-p", "web", check=False)
        assert "error" in answer
    binding = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: everything}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "armillary:eve"}]
"""
    assert "forbidden" in eve.kubectl("create", "-f", "-", stdin=binding, check=False)
    assert "forbidden" in eve.kubectl("label", "namespace", "bank-ledger", "x=y", "--overwrite", check=False)


def _the_quota_holds(ann: Person, olga: Person) -> None:
    olga.kubectl("-n", "shop-web", "scale", "deployment/front", "--replicas=6")

    def refused() -> bool:
        told = olga("why", "deployment", "front", "-n", "shop-web", check=False)
        assert "workspace quota shop" in told, told
        assert "pods" in told
        return True

    eventually(refused, "the workspace's quota refuses, and why says so")
    running = olga.kubectl("-n", "shop-web", "get", "pods", "-o", "name").split()
    assert len(running) == 3
    assert "3" in ann("quota", "show", "-w", "shop")
    olga.kubectl("-n", "shop-web", "scale", "deployment/front", "--replicas=1")


def _what_was_done_is_known(admin: Person, ann: Person, eve: Person) -> None:
    def known() -> bool:
        told = ann("audit", "-w", "shop", "-o", "json")
        assert '"olga"' in told, told
        assert "deployments" in told
        return True

    eventually(known, "the head of the team sees who did what")
    assert '"olga"' in admin("audit", "-o", "json")
    assert '"olga"' not in eve("audit", "-o", "json", check=False)


def _what_was_deleted_comes_back(olga: Person, *, runs: bool) -> None:
    eventually(
        lambda: olga("history", "list", "deployment", "front", "-n", "shop-web", "-o", "name").split(),
        "the history knows the deployment",
    )
    olga.kubectl("-n", "shop-web", "delete", "deployment", "front")
    eventually(lambda: "front" in olga("history", "deleted", "-n", "shop-web"), "it is in the recycle bin")
    olga("history", "restore", "deployment", "front", "-n", "shop-web", "--yes")
    assert "front" in olga.kubectl("-n", "shop-web", "get", "deployment", "front")
    if runs:
        olga.kubectl("-n", "shop-web", "rollout", "status", "deployment/front", "--timeout=90s")


def _who_is_sent_away_is_out_at_once(admin: Person, olga: Person) -> None:
    assert olga.kubectl("-n", "shop-web", "get", "pods")
    admin("user", "disable", "olga", "--yes")
    assert "must be logged in" in olga.kubectl("-n", "shop-web", "get", "pods", check=False)
    assert "login" in olga("whoami", check=False)
