"""Requests made from the API's own document, as an administrator and as somebody with nothing: no 5xx, no leak."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.cluster import Cluster, running_cluster

ORIGIN = "https://127.0.0.1:9443"
# What would sign the tester out, what only browsers and API servers call, and what never ends.
LEFT_OUT = r"/oauth/|/admission/|/users/\{user\}|/me/password|/login|/logout|/me/sessions|/export"
EXAMPLES = "12"


@pytest.fixture(scope="module")
def own(data_dirs: Path) -> Iterator[Cluster]:
    with running_cluster("arm-fuzz", data_dirs / "fuzz") as up:
        yield up


def signed_in(own: Cluster, name: str, password: str) -> str:
    """An access token."""
    ca = str(own.data_dir / "pki/ca.crt")
    own.run("armillary", "login", ORIGIN, "--ca-file", ca, "-u", name, "--password-stdin", stdin=password)
    made = own.run("armillary", "token", "create", "fuzz", "-o", "json").stdout
    token: str = json.loads(made)["token"]
    return token


@pytest.mark.timeout(600)
def test_nothing_makes_it_fail(own: Cluster, data_dirs: Path) -> None:
    own.environment = {"ARMILLARY_CONFIG": str(data_dirs / "fuzz.json")}
    first = own.armillary("initial-password").stdout.strip()
    tokens = {"admin": signed_in(own, "admin", f"{first}\nrings-around-the-globe\n")}
    own.run("armillary", "workspace", "create", "known", "--manager", "admin")
    password = json.loads(own.run("armillary", "user", "create", "nobody", "-o", "json").stdout)["password"]
    tokens["nobody"] = signed_in(own, "nobody", f"{password}\nknows-of-no-workspace\n")
    for name, token in tokens.items():
        done = own.run(
            str(Path(sys.executable).with_name("schemathesis")), "run", f"{ORIGIN}/openapi.json",
            "--tls-verify", "false", "--header", f"Authorization: Bearer {token}",
            "--checks", "not_a_server_error", "--phases", "examples,fuzzing", "--max-examples", EXAMPLES,
            "--exclude-path-regex", LEFT_OUT, "--generation-database", "none",
            check=False, timeout=500,
        )  # fmt: skip
        assert "Tested:" in done.stdout, done.stdout[-3000:] + done.stderr[-2000:]
        assert "Server error" not in done.stdout, f"as {name}:\n{done.stdout[-6000:]}"
