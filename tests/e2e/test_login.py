"""Signing in at a terminal for the first time: whom to trust is asked, and nothing is sent before."""

import json
from dataclasses import replace
from pathlib import Path

from tests.harness.cluster import Cluster
from tests.harness.terminal import at_terminal

ORIGIN = "https://127.0.0.1:9443"


def test_the_certificates_authority_is_shown_and_agreed_to(cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    somebody = replace(cluster, environment={"ARMILLARY_CONFIG": str(file)})
    fingerprint = json.loads(cluster.armillary("status", "-o", "json").stdout)["ca_fingerprint"]
    assert fingerprint in cluster.armillary("status").stdout
    command = ("armillary", "login", ORIGIN, "--username", "admin")
    code, said = at_terminal(somebody, *command, types=[("Trust it?", "n\n")])
    assert code == 1
    assert fingerprint in said
    assert "Trust it?" in said
    # Agreed: the password is asked for, and refused by the platform that was trusted.
    code, said = at_terminal(somebody, *command, types=[("Trust it?", "y\n"), ("Password: ", "not-it\n")])
    assert code == 1, said
    assert "wrong name or password" in said
    assert not file.exists()
