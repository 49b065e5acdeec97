"""Who may sign in, and what they hold: users, sessions, access tokens, and applications that sign in here.

Secrets are kept as hashes only: a password's (argon2) in a Secret `user-<name>` of the platform's namespace, a
token's (SHA-256 of 256 random bits) in the object that stands for it.
"""

from typing import Annotated, Literal

from msgspec import Struct, field

from armillary.kube.custom import Column, CustomResource, doc
from armillary.kube.kind import Kind
from armillary.kube.kinds.meta import ObjectMeta
from armillary.kube.wire import wire_name

GROUP = "iam.armillary.io"
# A DNS label: names become parts of other names. `$` alone would let a line end follow.
USER_NAME = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(?!\n)$"


class Identity(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    """An account elsewhere that signs in as this user."""

    provider: Annotated[str, doc("Name of the IdentityProvider.")]
    subject: Annotated[str, doc("The account's lasting id there: `sub`, or the entry's DN.")]


class UserSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Annotated[str, doc("How the person is called.", max_length=256)] = ""
    email: Annotated[str, doc("Unique among users.", max_length=320)] = ""
    phone: Annotated[str, doc("For people.", max_length=64)] = ""
    description: Annotated[str, doc("For people.", max_length=1024)] = ""
    language: Annotated[Literal["", "en", "zh"], doc("What the platform speaks with them.")] = ""
    disabled: Annotated[bool, doc("May not sign in; what they hold ends at once.")] = False
    identities: Annotated[tuple[Identity, ...], doc("Accounts elsewhere.")] = ()
    groups: Annotated[tuple[str, ...], doc("Groups their identity provider told at the last sign-in.")] = ()


class UserStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    must_change_password: bool = False
    last_login: Annotated[str, doc("RFC 3339.")] = ""
    failures: Annotated[int, doc("Wrong passwords since the last right one.")] = 0
    locked_until: Annotated[str, doc("RFC 3339; after too many wrong passwords.")] = ""


class User(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: UserSpec = UserSpec()
    status: UserStatus = UserStatus()


class Pending(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    """A session that a client has still to fetch: with a code (RFC 6749, 4.1), or from a device (RFC 8628)."""

    code_hash: Annotated[str, doc("Of the authorization code or the device code.")]
    expires: Annotated[str, doc("RFC 3339.")]
    redirect_uri: str = ""
    challenge: Annotated[str, doc("PKCE (RFC 7636), method S256.")] = ""
    nonce: str = ""
    user_code: Annotated[str, doc("What a person types to let a device in.")] = ""


class SessionSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    user: Annotated[str, doc("Nobody while a device waits to be let in.")] = ""
    client: Annotated[str, doc("The OAuthClient it was opened by; none for a browser at the sign-in page.")] = ""
    provider: Annotated[str, doc("The IdentityProvider that vouched; none for a password here.")] = ""
    scopes: tuple[str, ...] = ()
    address: Annotated[str, doc("Where it was opened from.")] = ""
    agent: Annotated[str, doc("The User-Agent that opened it.")] = ""
    cookie_hash: str = ""
    refresh_hash: str = ""
    spent_hashes: Annotated[tuple[str, ...], doc("Codes and refresh tokens used before: seen again, it ends.")] = ()
    rotated: Annotated[str, doc("RFC 3339; when the refresh token was last changed.")] = ""
    pending: Pending | None = None
    signed_in: Annotated[str, doc("RFC 3339; when the person proved who they are.")] = ""
    expires: Annotated[str, doc("RFC 3339; the latest it can last.")] = ""
    seen: Annotated[str, doc("RFC 3339; last use, to a minute.")] = ""


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: SessionSpec = SessionSpec()


class AccessTokenSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    user: str
    display_name: Annotated[str, doc("What it is for.", max_length=256)] = ""
    hash: str = ""
    scopes: Annotated[tuple[str, ...], doc("What it may be used for; see the scopes' table.")] = ()
    expires: Annotated[str, doc("RFC 3339; never if empty.")] = ""
    seen: Annotated[str, doc("RFC 3339; last use, to a minute.")] = ""


class AccessToken(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: AccessTokenSpec


class OAuthClientSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    display_name: Annotated[str, doc("How people know it.", max_length=256)] = ""
    secret_hash: Annotated[str, doc("Of a confidential client; a public one has none and must use PKCE.")] = ""
    redirect_uris: Annotated[tuple[str, ...], doc("Where answers may be sent; compared exactly.")] = ()
    grant_types: tuple[Literal["authorization_code", "refresh_token", "device_code"], ...] = field(
        default=("authorization_code", "refresh_token")
    )
    scopes: tuple[str, ...] = ("openid", "profile", "email", "groups")
    trusted: Annotated[bool, doc("Asks no consent: part of the platform.")] = False


class OAuthClient(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: OAuthClientSpec = OAuthClientSpec()


class ConsentSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    user: str
    client: Annotated[str, doc("The OAuthClient.")]
    client_uid: Annotated[str, doc("Of that client: another one of its name has been allowed nothing.")] = ""
    scopes: Annotated[tuple[str, ...], doc("What it may know without asking again.")] = ()
    given: Annotated[str, doc("RFC 3339; the last time.")] = ""


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=wire_name):
    metadata: ObjectMeta = ObjectMeta()
    spec: ConsentSpec


USER = Kind(GROUP, "v1", "User", "users", False, User)
SESSION = Kind(GROUP, "v1", "Session", "sessions", False, Session)
ACCESS_TOKEN = Kind(GROUP, "v1", "AccessToken", "accesstokens", False, AccessToken)
OAUTH_CLIENT = Kind(GROUP, "v1", "OAuthClient", "oauthclients", False, OAuthClient)
CONSENT = Kind(GROUP, "v1", "Consent", "consents", False, Consent)

KINDS = (
    CustomResource(
        USER,
        "A person who may sign in.",
        columns=(
            Column("Email", ".spec.email"),
            Column("Disabled", ".spec.disabled", "boolean"),
            Column("Last login", ".status.lastLogin", "date"),
        ),
    ),
    CustomResource(SESSION, "A sign-in that has not ended.", columns=(Column("User", ".spec.user"),), categories=()),
    CustomResource(ACCESS_TOKEN, "A personal access token.", columns=(Column("User", ".spec.user"),), categories=()),
    CustomResource(OAUTH_CLIENT, "An application that signs people in by this platform."),
    CustomResource(
        CONSENT,
        "What a person has allowed an application.",
        columns=(Column("User", ".spec.user"), Column("Client", ".spec.client")),
        categories=(),
    ),
)
