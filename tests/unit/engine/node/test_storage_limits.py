"""A pod that uses more local storage than it may is told why it is evicted."""

import pytest
from tests.unit.engine.node.build import pod

from armillary.engine.node.stats.limits import storage_excess

MIB = 1 << 20
LIMITED = {"resources": {"limits": {"ephemeral-storage": "2Mi"}}}


@pytest.mark.parametrize(
    ("spec", "volumes", "containers", "expected"),
    [
        ({}, {}, {"main": MIB}, ""),
        (
            {"volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}}]},
            {"v": MIB + 1},
            {},
            'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ',
        ),
        ({"volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}}]}, {"v": MIB}, {}, ""),
        (
            {"containers": [{"name": "a", **LIMITED}, {"name": "b", **LIMITED}]},
            {},
            {"a": 3 * MIB},
            'Container a exceeded its local ephemeral storage limit "2Mi". ',
        ),
        (
            {"containers": [{"name": "a", **LIMITED}], "volumes": [{"name": "v", "emptyDir": {}}]},
            {"v": MIB},
            {"a": 2 * MIB},
            "Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ",
        ),
        (
            {"containers": [{"name": "a", **LIMITED}], "volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}]},
            {"v": MIB},
            {"a": 2 * MIB},
            "",
        ),
    ],
)
def test_excess(spec, volumes, containers, expected):
    assert storage_excess(pod(spec), volumes, containers) == expected
