"""Identity's calls, as a table."""

from armillary.platform.capabilities.identity import login, me, users
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import GROUP
from armillary.platform.capabilities.identity.oauth import browser, metadata, tokens
from armillary.platform.frame.capability import FORM, Needs, Open, Route

PASSWORDS = Needs("update", GROUP, "users/password", name="{user}")
SEE_SESSIONS, END_SESSIONS = (Needs(verb, GROUP, "users/sessions", name="{user}") for verb in ("get", "delete"))
SEE_TOKENS, END_TOKENS = (Needs(verb, GROUP, "users/tokens", name="{user}") for verb in ("get", "delete"))
ANY = dict[str, str]

_BROWSER: tuple[Route[Deps], ...] = (
    Route("GET", "//oauth/authorize", browser.authorize, Open.ANYBODY, "Authorization endpoint.", query=ANY),
    Route("GET", "//oauth/login", browser.sign_in_page, Open.ANYBODY, "The sign-in page.", query=ANY),
    Route("POST", "//oauth/login", browser.login, Open.ANYBODY, "The sign-in form.", body=FORM),
    Route("POST", "//oauth/password", browser.password, Open.ANYBODY, "The first password of one's own.", body=FORM),
    Route("POST", "//oauth/consent", browser.consent, Open.ANYBODY, "What an application may know.", body=FORM),
    Route("GET", "//oauth/device", browser.device_page, Open.ANYBODY, "Where a device is let in.", query=ANY),
    Route("POST", "//oauth/device", browser.device, Open.ANYBODY, "Let a device in.", body=FORM),
    Route("GET", "//oauth/logout", browser.logout, Open.ANYBODY, "End the browser's session.", query=ANY),
    Route("POST", "//oauth/logout", browser.sign_out, Open.ANYBODY, "Sign out of this browser.", body=FORM),
    Route("GET", "//oauth/providers/{provider}", browser.to_provider, Open.ANYBODY, "Sign in elsewhere.", query=ANY),
    Route("GET", "//oauth/callback/{provider}", browser.from_provider, Open.ANYBODY, "Back from elsewhere.", query=ANY),
    Route("GET", "//oauth/style.css", browser.style, Open.ANYBODY, "How the pages look."),
)
_CLIENTS: tuple[Route[Deps], ...] = (
    Route("GET", "//.well-known/openid-configuration", metadata.configuration, Open.ANYBODY, "Discovery."),
    Route("GET", "//.well-known/oauth-authorization-server", metadata.configuration, Open.ANYBODY, "RFC 8414."),
    Route("GET", "//oauth/keys", metadata.keys, Open.ANYBODY, "The keys that tokens are verified with."),
    Route("POST", "//oauth/token", tokens.token, Open.ANYBODY, "Token endpoint.", body=FORM),
    Route("POST", "//oauth/device_authorization", tokens.device_authorization, Open.ANYBODY, "RFC 8628.", body=FORM),
    Route("POST", "//oauth/revoke", tokens.revoke, Open.ANYBODY, "Token revocation, RFC 7009.", body=FORM),
    Route("POST", "//oauth/introspect", tokens.introspect, Open.ANYBODY, "Token introspection, RFC 7662.", body=FORM),
    Route("GET", "//oauth/userinfo", tokens.userinfo, Open.SIGNED_IN, "Who the token is about.", scope="openid"),
    Route("POST", "//oauth/userinfo", tokens.userinfo, Open.SIGNED_IN, "Who the token is about.", scope="openid"),
)
_ME: tuple[Route[Deps], ...] = (
    Route("POST", "/login", login.log_in, Open.ANYBODY, "Sign in.", body=login.Login, returns=login.LoggedIn),
    Route(
        "POST",
        "/logout",
        login.log_out,
        Open.SIGNED_IN,
        "End this session.",
        status=204,
        before_password_change=True,
    ),
    Route("GET", "/login/providers", login.offers, Open.ANYBODY, "Ways to sign in.", returns=login.Offers),
    Route(
        "POST",
        "/me/credential",
        login.credential,
        Open.SIGNED_IN,
        "A token for clusters alone, that ends with this session: what kubectl's credential plugin gives.",
        returns=login.Credential,
        status=201,
        scope="kubernetes",
    ),
    Route("GET", "/me", me.show, Open.SIGNED_IN, "Who I am.", returns=me.Me, before_password_change=True),
    Route("PATCH", "/me", me.update, Open.SIGNED_IN, "Change my profile.", returns=me.Me, body=me.Profile),
    Route(
        "PUT",
        "/me/password",
        me.password,
        Open.SIGNED_IN,
        "Change my password; my other sessions end.",
        body=me.PasswordChange,
        before_password_change=True,
    ),
    Route("GET", "/me/sessions", me.sessions, Open.SIGNED_IN, "Where I am signed in.", returns=me.Sessions),
    Route("DELETE", "/me/sessions", me.end_other_sessions, Open.SIGNED_IN, "End my other sessions."),
    Route("DELETE", "/me/sessions/{session}", me.end_session, Open.SIGNED_IN, "End one of my sessions."),
    Route("GET", "/me/tokens", me.tokens, Open.SIGNED_IN, "My access tokens.", returns=me.Tokens),
    Route(
        "POST",
        "/me/tokens",
        me.make_token,
        Open.SIGNED_IN,
        "Make an access token.",
        returns=me.ShownToken,
        body=me.NewToken,
        status=201,
    ),
    Route("DELETE", "/me/tokens/{token}", me.end_token, Open.SIGNED_IN, "End one of my access tokens."),
    Route(
        "GET",
        "/me/kubeconfig",
        me.kubeconfig,
        Open.SIGNED_IN,
        "A kubeconfig for stock kubectl, through the platform.",
        query=me.KubeconfigQuery,
    ),
    Route(
        "POST",
        "/me/kubeconfig",
        me.kubeconfig_with_token,
        Open.SIGNED_IN,
        "A kubeconfig with a new access token in it.",
        query=me.KubeconfigQuery,
        body=me.NewToken,
    ),
)
_USERS: tuple[Route[Deps], ...] = (
    Route(
        "POST",
        "/users",
        users.make,
        Needs("create", GROUP, "users"),
        "Make a user with a first password.",
        returns=users.FirstPassword,
        body=users.NewUser,
        status=201,
    ),
    Route(
        "GET",
        "/users",
        users.every,
        Needs("list", GROUP, "users"),
        "All users.",
        query=users.UsersQuery,
        returns=users.Users,
    ),
    Route(
        "GET",
        "/users/lookup",
        users.lookup,
        Open.SIGNED_IN,
        "Whether there is a user of that very name, for who may invite.",
        query=users.LookupQuery,
        returns=users.Found,
    ),
    Route(
        "GET",
        "/users/{user}",
        users.one,
        Needs("get", GROUP, "users", name="{user}"),
        "A user.",
        returns=users.ShownUser,
    ),
    Route(
        "PATCH",
        "/users/{user}",
        users.change,
        Needs("patch", GROUP, "users", name="{user}"),
        "Change a user; what a disabled one holds ends at once.",
        body=users.UserChange,
        returns=users.ShownUser,
    ),
    Route("DELETE", "/users/{user}", users.delete, Needs("delete", GROUP, "users", name="{user}"), "Delete a user."),
    Route(
        "PUT",
        "/users/{user}/password",
        users.reset,
        PASSWORDS,
        "Give a user a new first password; their sessions end.",
        returns=users.FirstPassword,
        body=users.GivenPassword,
    ),
    Route("GET", "/users/{user}/sessions", users.sessions, SEE_SESSIONS, "A user's sessions.", returns=me.Sessions),
    Route("DELETE", "/users/{user}/sessions", users.end_sessions, END_SESSIONS, "End a user's sessions."),
    Route("DELETE", "/users/{user}/sessions/{session}", users.end_session, END_SESSIONS, "End a user's session."),
    Route("GET", "/users/{user}/tokens", users.tokens, SEE_TOKENS, "A user's access tokens.", returns=me.Tokens),
    Route("DELETE", "/users/{user}/tokens/{token}", users.end_token, END_TOKENS, "End a user's access token."),
    Route(
        "POST",
        "/oauthclients/{client}/secret",
        users.renew_client_secret,
        Needs("update", GROUP, "oauthclients", name="{client}"),
        "Give an application a new secret.",
        returns=users.ClientSecret,
    ),
)
ROUTES: tuple[Route[Deps], ...] = (*_BROWSER, *_CLIENTS, *_ME, *_USERS)
