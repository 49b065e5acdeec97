"""Address families of Services on a cluster that has IPv4 only: what is filled in, and what can't be had.

Rules: k8s.io/kubernetes, pkg/registry/core/service/storage "initIPFamilyFields".
"""

from collections.abc import Sequence

from armillary.base.errors import Cause
from armillary.engine.kinds.faults import invalid, under
from armillary.engine.kinds.resource import Json
from armillary.engine.kinds.service_rules import check_cluster_ips, is_headless

OURS = "IPv4"
_OTHER = {"IPv4": "IPv6", "IPv6": "IPv4"}
_SINGLE, _PREFER, _REQUIRE = "SingleStack", "PreferDualStack", "RequireDualStack"
_POLICY = "ipFamilyPolicy"


def settle_families(spec: Json, before: Json) -> Sequence[Cause]:
    """Fill in `ipFamilyPolicy` and `ipFamilies`; `before` is empty for a creation.

    `clusterIP` and `clusterIPs` have been made to agree.
    """
    if spec.get("type") == "ExternalName" or _keeps_preferring(spec, before):
        return ()
    free = is_headless(spec) and not spec.get("selector")  # its endpoints may be of any family
    if not spec.get(_POLICY):
        spec[_POLICY] = before.get(_POLICY) or (_REQUIRE if free else _SINGLE)
    found = check_cluster_ips(spec, before)
    if not found:
        found = [*(_check_reduction(spec, before) if before else ()), *_check_number(spec), *_infer(spec)]
    if not found and free:
        _fill_free(spec)
    elif not found:
        found = _check_configured(spec)
    if not found and not spec.get("ipFamilies"):
        spec["ipFamilies"] = [OURS]
    return tuple(under("spec", found))


def _keeps_preferring(spec: Json, before: Json) -> bool:
    """Such a Service stays as it is, whatever families the cluster has now."""
    return (
        spec.get(_POLICY) == _PREFER == (before.get(_POLICY) or _PREFER)
        and spec.get("type") == before.get("type")
        and _same(spec, before, "clusterIPs")
        and _same(spec, before, "ipFamilies")
    )


def _same(spec: Json, before: Json, field: str) -> bool:
    return (spec.get(field) or []) == (before.get(field) or [])


def _check_reduction(spec: Json, before: Json) -> list[Cause]:
    """The second family of a Service goes when its policy says so; then what it had goes with it."""
    found = []
    for field, word in (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")):
        if spec[_POLICY] == _SINGLE:
            if _same(spec, before, field) and len(spec.get(field) or ()) > 1:
                spec[field] = spec[field][:1]
        elif 0 < len(spec.get(field) or ()) < len(before.get(field) or ()):
            found.append(invalid(_POLICY, spec[_POLICY], f"must be 'SingleStack' to release the secondary {word}"))
    return found


def _check_number(spec: Json) -> list[Cause]:
    if spec[_POLICY] != _SINGLE:
        return []
    fault = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
    return [
        invalid(_POLICY, _SINGLE, fault.format(words))
        for field, words in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families"))
        if len(spec.get(field) or ()) == 2
    ]


def _infer(spec: Json) -> list[Cause]:
    """Families of the addresses that were asked for."""
    addresses, found = spec.get("clusterIPs") or [], []
    if is_headless(spec):
        return []
    for i, address in enumerate(addresses):
        family = "IPv6" if ":" in address else "IPv4"
        if i < len(spec.get("ipFamilies") or ()):
            continue
        if family != OURS:
            found.append(invalid(f"clusterIPs[{i}]", addresses, f"{family} is not configured on this cluster"))
        else:
            spec["ipFamilies"] = [*(spec.get("ipFamilies") or ()), family]
    return found


def _fill_free(spec: Json) -> None:
    families = spec.get("ipFamilies") or [OURS]
    if len(families) < 2 and spec[_POLICY] != _SINGLE:
        families = [families[0], _OTHER[families[0]]]
    spec["ipFamilies"] = families


def _check_configured(spec: Json) -> list[Cause]:
    found = []
    if spec[_POLICY] == _REQUIRE:
        found.append(invalid(_POLICY, _REQUIRE, "this cluster is not configured for dual-stack services"))
    for i, family in enumerate(spec.get("ipFamilies") or ()):
        if family != OURS:
            found.append(invalid(f"ipFamilies[{i}]", family, "not configured on this cluster"))
    return found
