"""How a field of our types is called in JSON."""

from armillary.kube.kinds.irregular import WIRE_NAMES


def wire_name(name: str) -> str:
    """`pod_ip` -> `podIP`, `host_network` -> `hostNetwork`: camel case, and a table of exceptions."""
    known = WIRE_NAMES.get(name)
    if known is not None:
        return known
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)
