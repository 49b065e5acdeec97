"""The columns of the kinds that people list most, wide ones too, as upstream has them.

Titles and priorities: k8s.io/kubernetes, pkg/printers/internalversion, "AddHandlers" (1.36).
"""

import pytest

from armillary.engine.apiserver.table import columns_of
from armillary.engine.kinds.registry import BUILT_IN

MADE_OF = "Containers* Images* Selector*"
SHOWN = {
    "pods": "Name Ready Status Restarts Age IP* Node* Nominated-Node* Readiness-Gates*",
    "apps/deployments": f"Name Ready Up-to-date Available Age {MADE_OF}",
    "apps/replicasets": f"Name Desired Current Ready Age {MADE_OF}",
    "apps/statefulsets": "Name Ready Age Containers* Images*",
    "apps/daemonsets": f"Name Desired Current Ready Up-to-date Available Node-Selector Age {MADE_OF}",
    "batch/jobs": f"Name Status Completions Duration Age {MADE_OF}",
    "batch/cronjobs": f"Name Schedule Timezone Suspend Active Last-Schedule Age {MADE_OF}",
    "services": "Name Type Cluster-IP External-IP Port(s) Age Selector*",
    "networking.k8s.io/ingresses": "Name Class Hosts Address Ports Age",
    "networking.k8s.io/networkpolicies": "Name Pod-Selector Age",
    "discovery.k8s.io/endpointslices": "Name AddressType Ports Endpoints Age",
    "configmaps": "Name Data Age",
    "secrets": "Name Type Data Age",
    "serviceaccounts": "Name Age",
    "persistentvolumeclaims": "Name Status Volume Capacity Access-Modes StorageClass VolumeAttributesClass Age "
    "VolumeMode*",
    "persistentvolumes": "Name Capacity Access-Modes Reclaim-Policy Status Claim StorageClass VolumeAttributesClass "
    "Reason Age VolumeMode*",
    "storage.k8s.io/storageclasses": "Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age",
    "nodes": "Name Status Roles Age Version Internal-IP* External-IP* OS-Image* Kernel-Version* Container-Runtime*",
    "namespaces": "Name Status Age",
    "events": "Last-Seen Type Reason Object Subobject* Source* Message First-Seen* Count* Name*",
    "resourcequotas": "Name Request Limit Age",
    "limitranges": "Name Created-At",
    "autoscaling/horizontalpodautoscalers": "Name Reference Targets MinPods MaxPods Replicas Age",
    "policy/poddisruptionbudgets": "Name Min-Available Max-Unavailable Allowed-Disruptions Age",
    "apiextensions.k8s.io/customresourcedefinitions": "Name Created-At",
}


@pytest.mark.parametrize("named", SHOWN)
def test_columns_are_those_of_upstream(named: str) -> None:
    group, _, plural = named.rpartition("/")
    found = [resource for resource in BUILT_IN if (resource.group, resource.plural) == (group, plural)]
    assert found
    for resource in found:
        columns = [c.name.replace(" ", "-") + ("*" if c.priority else "") for c in columns_of(resource)]
        assert columns == SHOWN[named].split()
