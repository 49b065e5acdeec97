"""Intervals of whole numbers: the ports and addresses that a rule names. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, ip_network

from armillary.kube.kinds.networking import IPBlock

Range = tuple[int, int]  # both ends belong to it
EVERY_ADDRESS: Range = (0, 2**32 - 1)


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same numbers in ascending intervals that neither overlap nor touch, as nftables wants them in a set."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def without(whole: Range, holes: Iterable[Range]) -> tuple[Range, ...]:
    """What of an interval is in none of the holes."""
    low, high = whole
    found = []
    for start, end in merged(holes):
        if start > low:
            found.append((low, min(start - 1, high)))
        low = max(low, end + 1)
    return tuple((a, b) for a, b in (*found, (low, high)) if a <= b)


def addresses(blocks: Sequence[IPBlock]) -> tuple[Range, ...]:
    """IPv4 addresses that at least one block holds.

    A block that can't be read holds nothing: the server keeps such text only where it was stored before it was checked.
    """
    return merged(part for block in blocks for part in _block(block))


def _block(block: IPBlock) -> tuple[Range, ...]:
    try:
        whole = _range(block.cidr)
        holes = [hole for hole in map(_range, block.except_) if hole is not None]
    except ValueError:
        return ()
    return without(whole, holes) if whole is not None else ()


def _range(cidr: str) -> Range | None:
    """None for IPv6. Raises ValueError."""
    network = ip_network(cidr, strict=False)
    if network.version != 4:
        return None
    return int(network.network_address), int(network.broadcast_address)


def format_addresses(ranges: Iterable[Range]) -> str:
    """As an nftables expression."""
    return _format([str(IPv4Address(a)) if a == b else f"{IPv4Address(a)}-{IPv4Address(b)}" for a, b in ranges])


def format_ports(ranges: Iterable[Range]) -> str:
    """As an nftables expression."""
    return _format([str(a) if a == b else f"{a}-{b}" for a, b in ranges])


def _format(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{{ {', '.join(parts)} }}"
