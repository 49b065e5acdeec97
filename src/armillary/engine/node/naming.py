"""What a pod is called and how it asks for names: hostname, resolv.conf, /etc/hosts. Pure.

As kubelet's pkg/kubelet/network/dns and kubelet_pods.go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from armillary.engine.node.faults import ConfigError
from armillary.kube.kinds.core import HostAlias, Pod, PodDNSConfigOption

HOSTNAME_LENGTH = 63
KERNEL_NAME_LENGTH = 64
# API validation has the same limits: pkg/apis/core/validation.
NAMESERVERS, SEARCHES, SEARCH_CHARACTERS, SEARCH_LENGTH = 3, 32, 2048, 253


@dataclass(frozen=True, slots=True)
class Resolver:
    """The lines of a resolv.conf."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def hostname_of(pod: Pod, cluster_domain: str) -> tuple[str, str]:
    """Short hostname and domain ("" if none)."""
    spec = pod.spec
    name = _truncated(spec.hostname_override or spec.hostname or pod.metadata.name)
    if spec.hostname_override or not spec.subdomain:
        return name, ""
    return name, f"{spec.subdomain}.{pod.metadata.namespace}.svc.{cluster_domain}"


def kernel_name_of(pod: Pod, cluster_domain: str) -> str:
    """What `hostname` prints in the pod."""
    name, domain = hostname_of(pod, cluster_domain)
    if not (pod.spec.set_hostname_as_fqdn and domain):
        return name
    full = f"{name}.{domain}"
    if len(full) > KERNEL_NAME_LENGTH:
        raise ConfigError(
            f"failed to construct FQDN from pod hostname and cluster domain, FQDN {full} is too long"
            f" ({KERNEL_NAME_LENGTH} characters is the max, {len(full)} characters requested)"
        )
    return full


def parse_resolver(text: str) -> Resolver:
    """A resolv.conf: nameservers add up, the last search line holds."""
    nameservers: list[str] = []
    searches: list[str] = []
    options: dict[str, str] = {}
    for line in text.splitlines():
        match line.split():
            case ["nameserver", address, *_]:
                nameservers.append(address)
            case ["search", *domains]:
                searches = [domain.removesuffix(".") for domain in domains if domain != "."]
            case ["options", *given]:
                options |= {option.partition(":")[0]: option for option in given}
    return Resolver(tuple(nameservers), tuple(searches), tuple(options.values()))


def resolver_of(
    pod: Pod, *, host: Resolver, cluster_dns: Sequence[str], cluster_domain: str
) -> tuple[Resolver, tuple[str, ...]]:
    """The pod's resolver, and messages for DNSConfigForming events about what had to be cut."""
    policy = pod.spec.dns_policy
    of_cluster = policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not pod.spec.host_network)
    if policy == "None":
        found = Resolver()
    elif of_cluster and cluster_dns:
        domains = (f"{pod.metadata.namespace}.svc.{cluster_domain}", f"svc.{cluster_domain}", cluster_domain)
        found = Resolver(tuple(cluster_dns), _unique((*domains, *host.searches)), ("ndots:5",))
    else:
        found = host
    own = pod.spec.dns_config
    if own is not None:
        found = Resolver(
            _unique((*found.nameservers, *own.nameservers)),
            _unique((*found.searches, *own.searches)),
            _merged(found.options, own.options),
        )
    return _within_limits(found)


def format_resolver(resolver: Resolver) -> str:
    """As a file."""
    lines = [f"search {' '.join(resolver.searches)}"] if resolver.searches else []
    lines += [f"nameserver {address}" for address in resolver.nameservers]
    lines += [f"options {' '.join(resolver.options)}"] if resolver.options else []
    return "".join(f"{line}\n" for line in lines)


def hosts_file(pod: Pod, *, pod_ips: Sequence[str], cluster_domain: str, host_file: str) -> str:
    """The pod's /etc/hosts; a pod on the host's network has the host's (`host_file`) and its aliases."""
    aliases = _alias_lines(pod.spec.host_aliases)
    if pod.spec.host_network:
        return f"# Kubernetes-managed hosts file (host network).\n{host_file}{aliases}"
    name, domain = hostname_of(pod, cluster_domain)
    called = f"{name}.{domain}\t{name}" if domain else name
    return (
        "# Kubernetes-managed hosts file.\n"
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\n"
        "fe00::0\tip6-mcastprefix\n"
        "fe00::1\tip6-allnodes\n"
        "fe00::2\tip6-allrouters\n" + "".join(f"{address}\t{called}\n" for address in pod_ips) + aliases
    )


def _truncated(name: str) -> str:
    return name if len(name) <= HOSTNAME_LENGTH else name[:HOSTNAME_LENGTH].rstrip("-.")


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _merged(existing: Iterable[str], added: Iterable[PodDNSConfigOption]) -> tuple[str, ...]:
    options = {option.partition(":")[0]: option for option in existing}
    options |= {o.name: f"{o.name}:{o.value}" if o.value else o.name for o in added}
    return tuple(options.values())


def _within_limits(resolver: Resolver) -> tuple[Resolver, tuple[str, ...]]:
    cut = []
    nameservers = resolver.nameservers[:NAMESERVERS]
    if nameservers != resolver.nameservers:
        cut.append(
            "Nameserver limits were exceeded, some nameservers have been omitted,"
            f" the applied nameserver line is: {' '.join(nameservers)}"
        )
    searches = [name for name in resolver.searches[:SEARCHES] if len(name) <= SEARCH_LENGTH]
    while len(" ".join(searches)) > SEARCH_CHARACTERS:
        searches.pop()
    if tuple(searches) != resolver.searches:
        cut.append(
            "Search Line limits were exceeded, some search paths have been omitted,"
            f" the applied search line is: {' '.join(searches)}"
        )
    return Resolver(nameservers, tuple(searches), resolver.options), tuple(cut)


def _alias_lines(aliases: Sequence[HostAlias]) -> str:
    if not aliases:
        return ""
    lines = (f"{alias.ip}\t" + "\t".join(alias.hostnames) + "\n" for alias in aliases)
    return "\n# Entries added by HostAliases.\n" + "".join(lines)
