"""The resources of the API group apiextensions."""

from collections.abc import Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.cells import CREATED_AT
from armillary.engine.kinds.crd_rules import (
    check_definition_status,
    default_definition,
    hold_definition,
    prepare_definition,
    update_definition,
    validate_definition,
)
from armillary.engine.kinds.meta import status_validator, validator
from armillary.engine.kinds.resource import Json, Resource


def _check_status(new: Json, old: Json) -> Sequence[Cause]:
    return list(check_definition_status(new))


DEFINITIONS = Resource(
    group="apiextensions.k8s.io",
    version="v1",
    kind="CustomResourceDefinition",
    plural="customresourcedefinitions",
    schema="io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
    singular="customresourcedefinition",
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    subresources=("status",),
    columns=(CREATED_AT,),
    default=default_definition,
    prepare_create=prepare_definition,
    prepare_update=update_definition,
    prepare_delete=hold_definition,
    validate=validator(names.dns_subdomain, validate_definition, namespaced=False, built_in=False),
    validate_status=status_validator(_check_status, built_in=False),
)

RESOURCES: tuple[Resource, ...] = (DEFINITIONS,)
