"""Keys, once for all tests: making RSA keys takes a while."""

from pathlib import Path

import pytest
from tests.fakes.apiserver import NOW

from armillary.base.pki import ensure_pki
from armillary.base.pki_files import Pki


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    directory: Path = tmp_path_factory.mktemp("pki")
    return ensure_pki(directory, ["localhost"], ["127.0.0.1"], NOW, node="one")
