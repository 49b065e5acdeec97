"""Identity providers: directories and OpenID Connect providers by which people sign in."""

from typing import Annotated, Literal

from msgspec import Struct

from armillary.kube.custom import Column, CustomResource, doc
from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import Condition, ObjectMeta
from armillary.kube.wire import wire_name

GROUP = "iam.armillary.io"


class Ldap(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    url: Annotated[str, doc("ldap://host:389 or ldaps://host:636.")]
    start_tls: Annotated[bool, doc("Begin TLS on an ldap:// connection.")] = True
    ca: Annotated[str, doc("PEM of the authority that signed the server's certificate.")] = ""
    insecure: Annotated[bool, doc("Send passwords without TLS. For tests in one's own network.")] = False
    bind_dn: Annotated[str, doc("Who searches; anonymous if empty. The password is the Secret's `password`.")] = ""
    base_dn: Annotated[str, doc("Where people are searched.")]
    filter: Annotated[str, doc("Which entry signs in; {login} is what was typed.")] = "(uid={login})"
    name_attribute: Annotated[str, doc("Becomes the user's name.")] = "uid"
    email_attribute: Annotated[str, doc("Becomes the e-mail address.")] = "mail"
    display_name_attribute: Annotated[str, doc("Becomes the display name.")] = "cn"
    group_base_dn: Annotated[str, doc("Where groups are searched; none are read if empty.")] = ""
    group_filter: Annotated[str, doc("Which groups a person is in; {dn} and {login}.")] = "(member={dn})"
    group_name_attribute: str = "cn"
    disabled_filter: Annotated[str, doc("Which entries are disabled accounts.")] = ""
    sync_seconds: Annotated[int, doc("How often accounts are looked at; 0 for never.", ge=0)] = 300


class Oidc(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    issuer: Annotated[str, doc("Its URL; discovery is read below it.")]
    client_id: Annotated[str, doc("Ours, as it knows us. The secret is the Secret's `clientSecret`.")]
    ca: Annotated[str, doc("PEM of the authority that signed its certificate.")] = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name_claim: str = "preferred_username"
    email_claim: str = "email"
    display_name_claim: str = "name"
    groups_claim: str = "groups"


class GroupMapping(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    group: Annotated[str, doc("Its name at the provider.")]
    as_group: Annotated[str, doc("The platform group its members are in.")]


class IdentityProviderSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Annotated[str, doc("On the sign-in page.", max_length=256)] = ""
    type: Literal["ldap", "oidc"]
    disabled: bool = False
    secret: Annotated[str, doc("Secret of the platform's namespace with `password` or `clientSecret`.")] = ""
    ldap: Ldap | None = None
    oidc: Oidc | None = None
    accounts: Annotated[
        Literal["just-in-time", "invited"], doc("Who may come: everybody it vouches for, or those we know.")
    ] = "invited"
    link_by_email: Annotated[bool, doc("Take a user with the same, verified, e-mail for the same person.")] = False
    groups: Annotated[tuple[GroupMapping, ...], doc("Groups that mean something here.")] = ()


class IdentityProviderStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    last_sync: str = ""
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
