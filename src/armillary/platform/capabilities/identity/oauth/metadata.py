"""What clients find out by themselves: discovery (OpenID Connect Discovery, RFC 8414) and the public keys."""

from armillary.base.errors import NotFound
from armillary.platform.capabilities.identity.decide.oauth import SCOPES
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.keys import ALGORITHM
from armillary.platform.capabilities.identity.oauth.tokens import DEVICE_GRANT, json_reply
from armillary.platform.frame.capability import Call, Reply

_CACHED = (("cache-control", "public, max-age=300"), ("access-control-allow-origin", "*"))


async def configuration(call: Call, deps: Deps) -> Reply:
    origin = deps.settings.origin
    found = {
        "issuer": origin,
        "authorization_endpoint": f"{origin}/oauth/authorize",
        "token_endpoint": f"{origin}/oauth/token",
        "userinfo_endpoint": f"{origin}/oauth/userinfo",
        "jwks_uri": f"{origin}/oauth/keys",
        "revocation_endpoint": f"{origin}/oauth/revoke",
        "introspection_endpoint": f"{origin}/oauth/introspect",
        "device_authorization_endpoint": f"{origin}/oauth/device_authorization",
        "end_session_endpoint": f"{origin}/oauth/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": list(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "name", "preferred_username", "email", "locale", "groups", "auth_time", "sid"],
        "ui_locales_supported": ["en", "zh-CN"],
        "authorization_response_iss_parameter_supported": True,
    }
    return json_reply(found, headers=_CACHED)


async def authority(call: Call, deps: Deps) -> Reply:
    """For people who compare its fingerprint: to trust it only because it was told here would be no trust at all."""
    if not deps.certificate_authority:
        raise NotFound("the certificate here is of an authority that everybody knows")
    return Reply(deps.certificate_authority.encode(), 200, "application/x-pem-file")


async def keys(call: Call, deps: Deps) -> Reply:
    return json_reply(await deps.keys.public(), headers=_CACHED)
