"""Names of certificate signers: `example.com/signer-name`.

Rules: k8s.io/kubernetes, pkg/apis/core/validation "ValidateSignerName".
"""

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import invalid, required, too_long


def is_kubernetes_signer(name: str) -> bool:
    host = name.partition("/")[0]
    return host == "kubernetes.io" or host.endswith(".kubernetes.io")


def check_signer_name(name: str, field: str) -> list[Cause]:
    """A domain of two parts at least, a slash, and a path of subdomains."""
    if not name:
        return [required(field)]
    if name.count("/") != 1:
        fault = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [invalid(field, name, fault)]
    domain, _, path = name.partition("/")
    found = [too_long(field, 253)] if names.size(domain) > 253 else []
    labels = domain.split(".")
    bad = next((label for label in labels if names.dns_label(label)), None)
    if bad is not None:
        found += [invalid(field, domain, f'validating label "{bad}": {p}') for p in names.dns_label(bad)]
    if len(labels) < 2:
        found.append(invalid(field, domain, "should be a domain with at least two segments separated by dots"))
    bad = next((label for label in path.split(".") if names.dns_subdomain(label)), None)
    if bad is not None:
        found += [invalid(field, path, f'validating label "{bad}": {p}') for p in names.dns_subdomain(bad)]
    return found + ([too_long(field, 571)] if names.size(name) > 571 else [])
