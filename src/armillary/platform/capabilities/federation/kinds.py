"""Identity providers: directories and OpenID Connect providers by which people sign in."""

from typing import Annotated, Literal

from msgspec import Struct

from armillary.kube.custom import Column, CustomResource, doc
from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import Condition, ObjectMeta
from armillary.kube.wire import wire_name

GROUP = "iam.armillary.io"
# Of Secrets that are shown to a provider. No other is: who may name a Secret here need not be allowed to read it.
SECRET_TYPE = "iam.armillary.io/identity-provider"  # noqa: S105
PASSWORD, CLIENT_SECRET = "password", "clientSecret"
# On a User that was disabled because a directory no longer lets them in: which one, and why.
DISABLED_BY, DISABLED_BECAUSE = "iam.armillary.io/disabled-by", "iam.armillary.io/disabled-because"


class Ldap(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    url: Annotated[str, doc("ldap://host:389 or ldaps://host:636.")]
    start_tls: Annotated[bool, doc("Begin TLS on an ldap:// connection.")] = True
    ca: Annotated[str, doc("PEM of the authority that signed the server's certificate.")] = ""
    insecure: Annotated[bool, doc("Send passwords without TLS. For tests in one's own network.")] = False
    bind_dn: Annotated[str, doc("Who searches; anonymous if empty. The password is the Secret's `password`.")] = ""
    base_dn: Annotated[str, doc("Where people are searched.")]
    timeout_seconds: Annotated[int, doc("How long to wait for an answer.", ge=1, le=60)] = 5
    filter: Annotated[str, doc("Which entry signs in; {login} is what was typed.")] = "(uid={login})"
    id_attribute: Annotated[str, doc("Lasting id of an entry; entryUUID, objectGUID, or else its DN, if empty.")] = ""
    name_attribute: Annotated[str, doc("Becomes the user's name.")] = "uid"
    email_attribute: Annotated[str, doc("Becomes the e-mail address.")] = "mail"
    display_name_attribute: Annotated[str, doc("Becomes the display name.")] = "cn"
    member_of_attribute: Annotated[str, doc("Where a person's entry names the DNs of their groups: memberOf.")] = ""
    group_base_dn: Annotated[str, doc("Where groups are searched; none are searched if empty.")] = ""
    group_filter: Annotated[str, doc("Which groups a person is in; {dn} and {login}.")] = "(member={dn})"
    group_name_attribute: Annotated[str, doc("Becomes the group's name.")] = "cn"
    disabled_filter: Annotated[str, doc("Which entries are disabled accounts.")] = ""
    sync_seconds: Annotated[int, doc("How often accounts are looked at; 0 for never.", ge=0)] = 300


class Oidc(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    issuer: Annotated[str, doc("Its URL; discovery is read below it.")]
    client_id: Annotated[str, doc("Ours, as it knows us. The secret is the Secret's `clientSecret`.")]
    ca: Annotated[str, doc("PEM of the authority that signed its certificate.")] = ""
    insecure: Annotated[bool, doc("Speak HTTP to an issuer on this machine. For tests.")] = False
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name_claim: str = "preferred_username"
    email_claim: str = "email"
    display_name_claim: str = "name"
    groups_claim: Annotated[str, doc("`groups`, or the way to it: `realm_access.roles`.")] = "groups"


class GroupMapping(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    group: Annotated[str, doc("Its name at the provider, or its DN.", min_length=1)]
    as_group: Annotated[str, doc("The platform group its members are in.", min_length=1)]


class IdentityProviderSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Annotated[str, doc("On the sign-in page.", max_length=256)] = ""
    type: Literal["ldap", "oidc"]
    disabled: bool = False
    secret: Annotated[
        str, doc(f"Secret of the platform's namespace, of type {SECRET_TYPE}, with `password` or `clientSecret`.")
    ] = ""
    ldap: Ldap | None = None
    oidc: Oidc | None = None
    accounts: Annotated[
        Literal["just-in-time", "invited"], doc("Who may come: everybody it vouches for, or those we know.")
    ] = "invited"
    link_by_email: Annotated[bool, doc("Take a user with the same, verified, e-mail for the same person.")] = False
    groups: Annotated[tuple[GroupMapping, ...], doc("Groups that mean something here.")] = ()


class IdentityProviderStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_sync: Annotated[str, doc("RFC 3339; when accounts were last looked at.")] = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class IdentityProvider(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: IdentityProviderSpec
    status: IdentityProviderStatus = IdentityProviderStatus()


IDENTITY_PROVIDER = Kind(GROUP, "v1", "IdentityProvider", "identityproviders", False, IdentityProvider)

KINDS = (
    CustomResource(
        IDENTITY_PROVIDER,
        "A directory or an OpenID Connect provider by which people sign in.",
        short=("idp",),
        columns=(Column("Type", ".spec.type"), Column("Ready", '.status.conditions[?(@.type=="Ready")].status')),
    ),
)
