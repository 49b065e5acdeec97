"""What a shell is made of: pod, credentials, the right to enter it, and the namespace around all of them. Pure.

The pod holds nothing but its user's own credentials: no service account token, no privileges (Pod Security Standard
`restricted`), and a network that ends at the platform.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from armillary.kube.kinds.core import (
    SECRET,
    Capabilities,
    Container,
    EmptyDirVolumeSource,
    EnvVar,
    Namespace,
    Pod,
    PodSecurityContext,
    PodSpec,
    ResourceRequirements,
    SeccompProfile,
    Secret,
    SecretVolumeSource,
    SecurityContext,
    ServiceAccount,
    Volume,
    VolumeMount,
)
from armillary.kube.kinds.meta import LabelSelector, ObjectMeta, OwnerReference
from armillary.kube.kinds.networking import (
    IPBlock,
    NetworkPolicy,
    NetworkPolicyEgressRule,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from armillary.kube.kinds.rbac import PolicyRule, Role, RoleBinding, RoleRef, Subject
from armillary.kube.object import owned_by
from armillary.platform.frame.caller import kube_user

SHELLS = "armillary-shells"  # the namespace
CONTAINER = "kubectl"
ACCOUNT = "shell"  # a service account without rights: the namespace's default one may not be there yet
HOME = "/home/kubectl"
GIVEN = "/run/armillary"  # the Secret's files
SCRIPT = "shell"
NOBODY = 65532
_RBAC = "rbac.authorization.k8s.io"

# For one terminal: a kubeconfig of its own, so that two terminals can look at two places.
OPEN = """\
#!/bin/sh
# shell [CONTEXT [NAMESPACE]]
KUBECONFIG=$(mktemp /tmp/kubeconfig.XXXXXX) || exit 1
export KUBECONFIG TERM=xterm-256color
cat /run/armillary/config > "$KUBECONFIG"
if [ -n "$1" ]; then kubectl config use-context "$1" > /dev/null || exit 1; fi
if [ -n "$2" ]; then kubectl config set-context --current --namespace="$2" > /dev/null || exit 1; fi
cd
if command -v bash > /dev/null; then exec bash; fi
exec sh
"""
# Until it is told to end: `exec` brings the rest.
WAIT = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"


def namespace() -> Namespace:
    labels = {
        "app.kubernetes.io/managed-by": "armillary",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
    }
    return Namespace(metadata=ObjectMeta(name=SHELLS, labels=labels))


def account() -> ServiceAccount:
    return ServiceAccount(metadata=ObjectMeta(name=ACCOUNT, namespace=SHELLS))


def policy(server: str) -> NetworkPolicy:
    """Nobody comes in; what goes out goes to the platform at the origin `server`.

    Where that is a name rather than an address: name resolution, and that port of any address.
    """
    told = urlsplit(server)
    host, port = told.hostname or "", told.port or 443
    to_platform = (NetworkPolicyPort(port=port, protocol="TCP"),)
    address = _address(host)
    if address is not None:
        block = IPBlock(cidr=f"{address}/{address.max_prefixlen}")
        egress = (NetworkPolicyEgressRule(ports=to_platform, to=(NetworkPolicyPeer(ip_block=block),)),)
    else:
        names = tuple(NetworkPolicyPort(port=53, protocol=protocol) for protocol in ("UDP", "TCP"))
        egress = (NetworkPolicyEgressRule(ports=(*names, *to_platform)),)
    spec = NetworkPolicySpec(pod_selector=LabelSelector(), policy_types=("Ingress", "Egress"), egress=egress)
    return NetworkPolicy(metadata=ObjectMeta(name="shells", namespace=SHELLS), spec=spec)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def secret(meta: ObjectMeta, kubeconfig: str, token: str) -> Secret:
    files = {"config": kubeconfig, "token": token, SCRIPT: OPEN}
    return Secret(metadata=meta, type="armillary.io/shell", string_data=files)


def owned(record: Secret) -> ObjectMeta:
    """What else a shell has: under the Secret's name, and gone with it."""
    owner: OwnerReference = owned_by(SECRET, record)
    kept = record.metadata
    return ObjectMeta(name=kept.name, namespace=SHELLS, labels=kept.labels, owner_references=(owner,))


def pod(meta: ObjectMeta, image: str, seconds: int) -> Pod:
    """For at most `seconds`."""
    container = Container(
        name=CONTAINER,
        image=image,
        image_pull_policy="IfNotPresent",
        command=("sh", "-c", WAIT),
        working_dir=HOME,
        env=(EnvVar(name="HOME", value=HOME), EnvVar(name="KUBECONFIG", value=f"{GIVEN}/config")),
        resources=ResourceRequirements(
            requests={"cpu": "10m", "memory": "32Mi"},
            limits={"cpu": "1", "memory": "384Mi", "ephemeral-storage": "512Mi"},
        ),
        security_context=SecurityContext(
            allow_privilege_escalation=False,
            capabilities=Capabilities(drop=("ALL",)),
            read_only_root_filesystem=True,
        ),
        volume_mounts=(
            VolumeMount(name="home", mount_path=HOME),
            VolumeMount(name="tmp", mount_path="/tmp"),  # noqa: S108  # of the pod alone
            VolumeMount(name="given", mount_path=GIVEN, read_only=True),
        ),
    )
    volumes = (
        Volume(name="home", empty_dir=EmptyDirVolumeSource(size_limit="256Mi")),
        Volume(name="tmp", empty_dir=EmptyDirVolumeSource(size_limit="64Mi")),
        Volume(name="given", secret=SecretVolumeSource(secret_name=meta.name, default_mode=0o555)),
    )
    spec = PodSpec(
        active_deadline_seconds=seconds,
        service_account_name=ACCOUNT,
        automount_service_account_token=False,
        enable_service_links=False,
        restart_policy="Never",
        termination_grace_period_seconds=1,
        hostname=CONTAINER,
        containers=(container,),
        volumes=volumes,
        security_context=PodSecurityContext(
            run_as_non_root=True,
            run_as_user=NOBODY,
            run_as_group=NOBODY,
            fs_group=NOBODY,
            seccomp_profile=SeccompProfile(type="RuntimeDefault"),
        ),
    )
    return Pod(metadata=meta, spec=spec)


def entrance(meta: ObjectMeta, user: str) -> tuple[Role, RoleBinding]:
    """The right to see this pod and to run commands in it, for its user alone."""
    names = (meta.name,)
    rules: Sequence[PolicyRule] = (
        PolicyRule(api_groups=("",), resources=("pods",), resource_names=names, verbs=("get",)),
        # WebSockets ask by GET, SPDY by POST.
        PolicyRule(api_groups=("",), resources=("pods/exec",), resource_names=names, verbs=("get", "create")),
    )
    return Role(metadata=meta, rules=tuple(rules)), RoleBinding(
        metadata=meta,
        role_ref=RoleRef(api_group=_RBAC, kind="Role", name=meta.name),
        subjects=(Subject(api_group=_RBAC, kind="User", name=kube_user(user)),),
    )
