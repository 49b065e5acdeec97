"""The resources of the API group authentication: reviews, which are answered and not stored."""

from armillary.engine.kinds.fields import part
from armillary.engine.kinds.resource import Json, Resource


def _default(obj: Json) -> None:
    part(obj, "spec")


RESOURCES: tuple[Resource, ...] = (
    Resource(
        group="authentication.k8s.io",
        version="v1",
        kind="TokenReview",
        plural="tokenreviews",
        schema="io.k8s.api.authentication.v1.TokenReview",
        singular="tokenreview",
        namespaced=False,
        verbs=("create",),
        default=_default,
        counts_generation=False,
    ),
    Resource(
        group="authentication.k8s.io",
        version="v1",
        kind="SelfSubjectReview",
        plural="selfsubjectreviews",
        schema="io.k8s.api.authentication.v1.SelfSubjectReview",
        singular="selfsubjectreview",
        namespaced=False,
        verbs=("create",),
        counts_generation=False,
    ),
)
