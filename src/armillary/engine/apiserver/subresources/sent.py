"""As what the bodies are decoded that are posted to handlers: reviews, and what subresources are asked with."""

from armillary.engine.kinds.resource import Resource

_AUTHENTICATION = "authentication.k8s.io"
_SENT = {
    ("pods", "binding"): Resource("", "v1", "Binding", "bindings", "io.k8s.api.core.v1.Binding"),
    ("pods", "eviction"): Resource("policy", "v1", "Eviction", "evictions", "io.k8s.api.policy.v1.Eviction"),
    ("serviceaccounts", "token"): Resource(
        _AUTHENTICATION, "v1", "TokenRequest", "tokenrequests", "io.k8s.api.authentication.v1.TokenRequest"
    ),
}


def sent_as(resource: Resource, subresource: str) -> Resource | None:
    """The kind of a body; None where the body is none of the API's (exec, proxy, ...)."""
    return _SENT.get((resource.name, subresource)) if subresource else resource
