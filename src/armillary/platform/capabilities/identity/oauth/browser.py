"""What a browser does: the authorization endpoint, the sign-in pages, the way through identity providers, consent.

Where to go on to after signing in (`next`) is always a path of ours: a URL there would make us somebody's redirector.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from armillary.base.clock import format_time, parse_time
from armillary.base.errors import Cause, Denied, Invalid, NotFound, TooManyRequests, Unauthorized, Unavailable
from armillary.base.words import Words
from armillary.platform.capabilities.identity.decide.oauth import (
    Asked,
    Refused,
    answer_uri,
    checked,
    form_target,
    is_assured,
    is_registered,
)
from armillary.platform.capabilities.identity.deps import Deps
from armillary.platform.capabilities.identity.kinds import OAUTH_CLIENT, USER, Pending, Session, SessionSpec, User
from armillary.platform.capabilities.identity.pages import render, words
from armillary.platform.capabilities.identity.ports import Redirect
from armillary.platform.capabilities.identity.secrets import new_token, token_hash
from armillary.platform.capabilities.identity.sessions import COOKIE, placed
from armillary.platform.capabilities.identity.signin import From
from armillary.platform.frame.capability import Call, Reply

CODE_LIFE = timedelta(seconds=60)
PROVIDER_COOKIE = "__Host-armillary-provider"
PROVIDER_LIFE = timedelta(minutes=10)
HOME = "/"
_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,8000}")
_STYLE = Path(__file__).parent.parent.joinpath("pages/style.css").read_bytes()
_COOKIE_RULES = "; Path=/; Secure; HttpOnly; SameSite=Lax"


async def style(call: Call, deps: Deps) -> Reply:
    return Reply(_STYLE, 200, "text/css; charset=utf-8", (("cache-control", "public, max-age=3600"),))


# The authorization endpoint (RFC 6749, 4.1; OpenID Connect Core, 3.1.2)


async def authorize(call: Call, deps: Deps) -> Reply:
    query: dict[str, str] = call.query
    client = deps.reads.get(OAUTH_CLIENT, query.get("client_id", ""))
    try:
        asked = checked(query, client)
        return await _authorized(call, deps, asked)
    except Refused as exc:
        if not exc.redirect:
            language = render.preferred(call.headers)
            return render.message(language, words.FAILED_TITLE, exc.description, status=400)
        return _told(
            deps, query["redirect_uri"], query.get("state", ""), error=exc.error, error_description=exc.description
        )


async def _authorized(call: Call, deps: Deps, asked: Asked) -> Reply:
    browser = _browser(call, deps)
    onward = "/oauth/authorize?" + urlencode({k: v for k, v in call.query.items() if k != "prompt"})
    if browser is None or "login" in asked.prompts or _is_too_long_ago(deps, browser, asked):
        if "none" in asked.prompts:
            raise Refused("login_required", "nobody is signed in")
        return _sign_in(call, deps, onward)
    user = deps.reads.get(USER, browser.spec.user)
    if user is None or user.spec.disabled:
        raise Refused("access_denied", "the account may not sign in")
    if user.status.must_change_password:
        return _new_password(call, deps, onward)
    if not _is_allowed(call, deps, browser, user, asked):
        if "none" in asked.prompts:
            raise Refused("consent_required", "the user has not allowed it yet")
        name = asked.client.spec.display_name or asked.client.metadata.name
        return render.consent(
            render.preferred(call.headers), name, asked.scopes, onward, form_target(asked.redirect_uri)
        )
    code = await _code(call, deps, asked, user, browser)
    return _told(deps, asked.redirect_uri, asked.state, code=code)


def _is_allowed(call: Call, deps: Deps, browser: Session, user: User, asked: Asked) -> bool:
    """Whether the application may have what it asks for, without a question."""
    if asked.client.spec.trusted or call.query.get("consent") == _consent(deps, browser, asked):
        return True
    was_asked = deps.consents.covers(user, asked.client, asked.scopes)
    return was_asked and is_assured(asked) and "consent" not in asked.prompts


def _consent(deps: Deps, browser: Session, asked: Asked) -> str:
    """What only this browser's session can show for exactly this request: made by its hash, which nobody is told."""
    what = "\n".join((asked.client.metadata.name, asked.redirect_uri, " ".join(asked.scopes), asked.challenge))
    return hmac.new(browser.spec.cookie_hash.encode(), what.encode(), "sha256").hexdigest()


def _is_too_long_ago(deps: Deps, browser: Session, asked: Asked) -> bool:
    if asked.max_age_seconds is None:
        return False
    since = deps.clock.now() - parse_time(browser.spec.signed_in)
    return since > timedelta(seconds=asked.max_age_seconds)


async def _code(call: Call, deps: Deps, asked: Asked, user: User, browser: Session) -> str:
    code = new_token()
    pending = Pending(
        code_hash=token_hash(code),
        expires=format_time(deps.clock.now() + CODE_LIFE),
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        nonce=asked.nonce,
    )
    spec = SessionSpec(
        client=asked.client.metadata.name,
        provider=browser.spec.provider,
        scopes=asked.scopes,
        signed_in=browser.spec.signed_in,
    )
    await deps.sessions.pend(user, placed(call, spec), pending)
    return code


def _told(deps: Deps, redirect_uri: str, state: str, **answer: str) -> Reply:
    # `iss` keeps a client of several providers from taking one's answer for another's (RFC 9207).
    return redirect(answer_uri(redirect_uri, **answer, state=state, iss=deps.settings.origin))


async def consent(call: Call, deps: Deps) -> Reply:
    onward, browser = own_path(call.body.get("next", "")), _browser(call, deps)
    query = dict(parse_qsl(urlsplit(onward).query))
    try:
        asked = checked(query, deps.reads.get(OAUTH_CLIENT, query.get("client_id", "")))
    except Refused as exc:
        return render.message(render.preferred(call.headers), words.FAILED_TITLE, exc.description, status=400)
    if browser is None:
        return redirect(onward)
    if call.body.get("answer") != "allow":
        return _told(deps, asked.redirect_uri, asked.state, error="access_denied", error_description="the user refused")
    user = deps.reads.get(USER, browser.spec.user)
    if user is not None:
        await deps.consents.give(user, asked.client, asked.scopes)
        deps.note(call, "allow", user.metadata.name, name=asked.client.metadata.name, resource="oauthclients")
    return redirect(f"{onward}&consent={_consent(deps, browser, asked)}")


# Signing in


async def sign_in_page(call: Call, deps: Deps) -> Reply:
    onward = own_path(call.query.get("next", ""))
    return _sign_in(call, deps, onward)


async def login(call: Call, deps: Deps) -> Reply:
    """The sign-in form."""
    onward, name = own_path(call.body.get("next", "")), call.body.get("name", "")
    try:
        user, provider = await deps.sign_in.by_password(name, call.body.get("password", ""), came_from(call))
    except (Unauthorized, TooManyRequests) as exc:
        fault = words.SLOWLY if isinstance(exc, TooManyRequests) else words.WRONG
        return _sign_in(call, deps, onward, name=name, fault=fault)
    cookie = await _opened(call, deps, user, provider)
    if user.status.must_change_password:
        page = _new_password(call, deps, onward)
        return Reply(page.body, 200, page.content_type, (*page.headers, ("set-cookie", cookie)))
    return redirect(onward, ("set-cookie", cookie))


async def _opened(call: Call, deps: Deps, user: User, provider: str) -> str:
    """A browser's session, as its cookie. Whatever session it had before ends: it was perhaps given to it."""
    before = _browser(call, deps)
    if before is not None:
        await deps.sessions.end(before)
    _, cookie = await deps.sessions.open_for_browser(user, placed(call, SessionSpec(provider=provider)))
    return session_cookie(deps, cookie)[1]


def session_cookie(deps: Deps, cookie: str) -> tuple[str, str]:
    return "set-cookie", f"{COOKIE}={cookie}{_COOKIE_RULES}; Max-Age={deps.settings.session_hours * 3600}"


def clear_cookie() -> tuple[str, str]:
    return "set-cookie", f"{COOKIE}={_COOKIE_RULES}; Max-Age=0"


async def password(call: Call, deps: Deps) -> Reply:
    """The form for the first password of one's own."""
    language, onward, browser = (
        render.preferred(call.headers),
        own_path(call.body.get("next", "")),
        _browser(call, deps),
    )
    user = deps.reads.get(USER, browser.spec.user) if browser is not None else None
    if browser is None or user is None or not user.status.must_change_password:
        return redirect(f"/oauth/login?{urlencode({'next': onward})}")
    given = call.body.get("password", "")
    if given != call.body.get("again"):
        return _new_password(call, deps, onward, words.DIFFERENT.say(language))
    try:
        await change_password(call, deps, user, given, keep=browser.metadata.name)
    except Invalid as exc:
        return _new_password(call, deps, onward, exc.causes[0].message)
    return redirect(onward)


async def change_password(call: Call, deps: Deps, user: User, new: str, *, keep: str) -> None:
    """Other sessions end. Raises Invalid for a password that will not do, or is the old one."""
    name = user.metadata.name
    if await deps.accounts.is_password(user, new, await deps.accounts.password_hash(user)):
        raise Invalid(
            "password: the new password is the old one",
            causes=[Cause("FieldValueInvalid", "password", "the new password is the old one")],
        )
    await deps.accounts.set_password(user, new, must_change=False)
    await deps.accounts.forget_first_password(name)
    await deps.sessions.end_all(name, but=keep)
    deps.note(call, "change-password", name)


async def logout(call: Call, deps: Deps) -> Reply:
    """OpenID Connect RP-Initiated Logout: at once with an ID token of ours for this browser's user, else after asking.

    A link on anybody's page must not be enough to sign people out.
    """
    browser, given = _browser(call, deps), call.query
    claims = await _hinted(deps, given.get("id_token_hint", ""))
    if browser is not None and (claims is None or claims.get("sub") != browser.spec.user):
        return render.sign_out(render.preferred(call.headers))
    await _signed_out(call, deps, browser)
    client = deps.reads.get(OAUTH_CLIENT, str(claims.get("aud"))) if claims is not None else None
    onward = given.get("post_logout_redirect_uri", "")
    if client is not None and onward in client.spec.redirect_uris:
        return redirect(answer_uri(onward, state=given.get("state", "")), clear_cookie())
    return _gone(call)


async def _hinted(deps: Deps, token: str) -> Mapping[str, object] | None:
    """The claims of an ID token that was made here, whenever that was."""
    try:
        claims = await deps.keys.verify(token) if token else {}
    except Unauthorized:
        return None
    return claims if claims.get("iss") == deps.settings.origin and "at_hash" in claims else None


async def sign_out(call: Call, deps: Deps) -> Reply:
    """The answer to the question."""
    await _signed_out(call, deps, _browser(call, deps))
    return _gone(call)


async def _signed_out(call: Call, deps: Deps, browser: Session | None) -> None:
    if browser is not None:
        await deps.sessions.end(browser)
        deps.note(call, "logout", browser.spec.user)


def _gone(call: Call) -> Reply:
    page = render.message(render.preferred(call.headers), words.SIGNED_OUT)
    return Reply(page.body, 200, page.content_type, (*page.headers, clear_cookie()))


# Identity providers


async def to_provider(call: Call, deps: Deps) -> Reply:
    name = call.path["provider"]
    if all(offer.name != name or offer.type != "oidc" for offer in deps.providers.offers()):
        raise NotFound("there is no such identity provider")
    begun = await deps.providers.begin(name, _callback(deps, name))
    kept = {
        "provider": name,
        "next": own_path(call.query.get("next", "")),
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "exp": int((deps.clock.now() + PROVIDER_LIFE).timestamp()),
    }
    signed = await deps.keys.sign(kept)
    return redirect(begun.url, ("set-cookie", f"{PROVIDER_COOKIE}={signed}{_COOKIE_RULES}; Max-Age=600"))


async def from_provider(call: Call, deps: Deps) -> Reply:
    name, query, language = call.path["provider"], call.query, render.preferred(call.headers)
    try:
        begun, onward = await _begun(call, deps, name, query.get("state", ""))
        if query.get("error"):
            raise Denied(query.get("error_description") or query["error"])
        vouched = await deps.providers.finish(name, _callback(deps, name), query.get("code", ""), begun)
        user = await deps.sign_in.by_provider(vouched, came_from(call))
    except (Unauthorized, Denied, Unavailable) as exc:
        return render.message(language, words.FAILED_TITLE, exc.message, status=exc.code)
    cookie = await _opened(call, deps, user, name)
    return redirect(onward, ("set-cookie", cookie), ("set-cookie", f"{PROVIDER_COOKIE}={_COOKIE_RULES}; Max-Age=0"))


async def _begun(call: Call, deps: Deps, provider: str, state: str) -> tuple[Redirect, str]:
    """What this browser went away with. Raises Unauthorized if it is another's, or too long ago."""
    kept = await deps.keys.verify(call.cookies.get(PROVIDER_COOKIE, ""))
    is_over = float(kept.get("exp", 0)) <= deps.clock.now().timestamp()
    if is_over or kept.get("provider") != provider or not hmac.compare_digest(str(kept.get("state")), state):
        raise Unauthorized("this sign-in was not begun here, or too long ago; begin again")
    return Redirect("", state, str(kept["nonce"]), str(kept["verifier"])), own_path(str(kept["next"]))


def _callback(deps: Deps, provider: str) -> str:
    return f"{deps.settings.origin}/oauth/callback/{provider}"


# Devices (RFC 8628)


async def device_page(call: Call, deps: Deps) -> Reply:
    code = call.query.get("user_code", "")
    if _browser(call, deps) is None:
        onward = "/oauth/device" + (f"?{urlencode({'user_code': code})}" if code else "")
        return _sign_in(call, deps, onward)
    return render.device(render.preferred(call.headers), code)


async def device(call: Call, deps: Deps) -> Reply:
    language, browser = render.preferred(call.headers), _browser(call, deps)
    user = deps.reads.get(USER, browser.spec.user) if browser is not None else None
    if browser is None or user is None:
        return redirect("/oauth/device")
    if user.status.must_change_password:
        return render.change_password(language, "/oauth/device")
    deps.sign_in.attempts.take(call.address)  # codes are short: nobody shall try them all
    typed = "".join(c for c in call.body.get("user_code", "").upper() if c.isalpha())
    waiting = deps.sessions.by_user_code(f"{typed[:4]}-{typed[4:]}")
    pending = waiting.spec.pending if waiting is not None else None
    if waiting is None or pending is None or waiting.spec.user or pending.expires <= format_time(deps.clock.now()):
        return render.device(language, fault=words.DEVICE_WRONG)
    deps.sign_in.attempts.give_back(call.address)
    answer = call.body.get("answer")
    if answer == "refuse":
        await deps.sessions.end(waiting)
        return render.message(language, words.DEVICE_REFUSED)
    if answer != "allow":  # the code may be one that somebody sent: say what is let in, and ask
        client = deps.reads.get(OAUTH_CLIENT, waiting.spec.client)
        name = client.spec.display_name if client is not None else ""
        return render.device_consent(language, name or waiting.spec.client, waiting.spec.scopes, pending.user_code)
    await deps.sessions.let_in(waiting, user)
    deps.note(call, "login", user.metadata.name)
    return render.message(language, words.DEVICE_DONE)


# What they share


def _sign_in(call: Call, deps: Deps, onward: str, *, name: str = "", fault: Words | None = None) -> Reply:
    offers, leads_to = deps.providers.offers(), _leads_to(deps, onward)
    return render.sign_in(render.preferred(call.headers), onward, offers, name=name, fault=fault, leads_to=leads_to)


def _new_password(call: Call, deps: Deps, onward: str, fault: str = "") -> Reply:
    language = render.preferred(call.headers)
    return render.change_password(language, onward, fault=fault, leads_to=_leads_to(deps, onward))


def _leads_to(deps: Deps, onward: str) -> str:
    """Where a known application is that is gone to after signing in, for the pages' policy."""
    path, _, query = onward.partition("?")
    given = dict(parse_qsl(query)) if path == "/oauth/authorize" else {}
    client, uri = deps.reads.get(OAUTH_CLIENT, given.get("client_id", "")), given.get("redirect_uri", "")
    return form_target(uri) if client is not None and is_registered(uri, client) else ""


def _browser(call: Call, deps: Deps) -> Session | None:
    return deps.authenticator.at_browser(call.cookies.get(COOKIE, ""))


def came_from(call: Call) -> From:
    return From(call.address, call.headers.get("user-agent", "")[:256], call.request_id)


def own_path(onward: str) -> str:
    """A path of this origin, or the first page: `//host` and `/\\host` are other origins to a browser."""
    return onward if _OWN_PATH.fullmatch(onward) else HOME


def redirect(onward: str, *headers: tuple[str, str]) -> Reply:
    return Reply(b"", 303, "text/plain", (("location", onward), *headers))
