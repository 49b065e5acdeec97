"""The sign-in pages as HTML: no script, no style of their own, everything said in the reader's language. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote

from armillary.base.words import Language, Words, accepted
from armillary.platform.capabilities.identity.pages import words
from armillary.platform.capabilities.identity.ports import Offer
from armillary.platform.frame.capability import Reply

_POLICY = "default-src 'none'; style-src 'self'; form-action {}; frame-ancestors 'none'; base-uri 'none'"
# The rings of an armillary sphere.
_MARK = (
    '<svg class="mark" viewBox="0 0 40 40" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">'
    '<circle cx="20" cy="20" r="17"/><ellipse cx="20" cy="20" rx="17" ry="6"/>'
    '<ellipse cx="20" cy="20" rx="6" ry="17"/><circle cx="20" cy="20" r="3" fill="currentColor"/></svg>'
)


def preferred(headers: Mapping[str, str]) -> Language:
    """By Accept-Language, else English."""
    return accepted(headers.get("accept-language", "")) or Language.ENGLISH


def page(language: Language, title: str, parts: Iterable[str], *, status: int = 200, leads_to: str = "") -> Reply:
    """`leads_to` is where, beside this origin, its forms may end up (CSP's form-action)."""
    tag = "zh-CN" if language is Language.CHINESE else "en"
    body = (
        f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/oauth/style.css"></head>'
        f"<body><main>{_MARK}<h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>"
    )
    policy = _POLICY.format(f"'self' {leads_to}".rstrip())
    headers = (("content-security-policy", policy), ("content-language", tag))
    return Reply(body.encode(), status, "text/html; charset=utf-8", headers)


def sign_in(
    language: Language,
    onward: str,
    offers: Sequence[Offer],
    *,
    name: str = "",
    fault: Words | None = None,
    leads_to: str = "",
) -> Reply:
    fields = [
        _hidden("next", onward),
        _field(language, "name", words.NAME, value=name, autocomplete="username", first=not name),
        _field(
            language, "password", words.PASSWORD, kind="password", autocomplete="current-password", first=bool(name)
        ),
        _button(words.SIGN_IN.say(language)),
    ]
    links = [
        f'<a class="button plain" href="/oauth/providers/{quote(offer.name)}?next={quote(onward, safe="")}">'
        f"{escape(words.WITH.say(language, provider=offer.display_name or offer.name))}</a>"
        for offer in offers
        if offer.type == "oidc"
    ]
    more = [f'<p class="or">{words.OR.say(language)}</p>', *links] if links else []
    parts = [_fault(language, fault), _form("/oauth/login", fields), *more]
    return page(language, words.TITLE.say(language), parts, status=401 if fault else 200, leads_to=leads_to)


def change_password(language: Language, onward: str, *, fault: str = "", leads_to: str = "") -> Reply:
    fields = [
        _hidden("next", onward),
        _field(language, "password", words.NEW_PASSWORD, kind="password", autocomplete="new-password", first=True),
        _field(language, "again", words.AGAIN, kind="password", autocomplete="new-password"),
        _button(words.SAVE.say(language)),
    ]
    told = f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    why = f"<p>{words.CHANGE_WHY.say(language)}</p>"
    parts = [why, told, _form("/oauth/password", fields)]
    return page(language, words.CHANGE_TITLE.say(language), parts, status=422 if fault else 200, leads_to=leads_to)


def consent(language: Language, client: str, scopes: Sequence[str], onward: str, leads_to: str) -> Reply:
    return _asked(language, client, scopes, "/oauth/consent", {"next": onward}, leads_to=leads_to)


def device_consent(language: Language, client: str, scopes: Sequence[str], code: str) -> Reply:
    return _asked(language, client, scopes, "/oauth/device", {"user_code": code}, words.DEVICE_WHAT.say(language))


def _asked(
    language: Language,
    client: str,
    scopes: Sequence[str],
    action: str,
    kept: Mapping[str, str],
    warning: str = "",
    leads_to: str = "",
) -> Reply:
    """What an application wants, and two answers."""
    told = "".join(f"<li>{escape(words.SCOPES[s].say(language))}</li>" for s in scopes if s in words.SCOPES)
    hidden = [_hidden(name, value) for name, value in kept.items()]
    allow = _form(action, [*hidden, _hidden("answer", "allow"), _button(words.ALLOW.say(language))])
    refuse = _form(action, [*hidden, _hidden("answer", "refuse"), _button(words.REFUSE.say(language), plain=True)])
    what = f"<p>{escape(warning)}</p>" if warning else ""
    parts = [f"{what}<p>{words.CONSENT_WHAT.say(language)}</p><ul>{told}</ul>", allow, refuse]
    return page(language, words.CONSENT_TITLE.say(language, client=client), parts, leads_to=leads_to)


def sign_out(language: Language) -> Reply:
    asked = _form("/oauth/logout", [_button(words.SIGN_OUT.say(language))])
    return page(language, words.SIGN_OUT_TITLE.say(language), [asked])


def device(language: Language, code: str = "", *, fault: Words | None = None) -> Reply:
    fields = [
        _field(language, "user_code", words.DEVICE_CODE, value=code, autocomplete="off", first=True, css="code"),
        _button(words.CONTINUE.say(language)),
    ]
    parts = [f"<p>{words.DEVICE_WHAT.say(language)}</p>", _fault(language, fault), _form("/oauth/device", fields)]
    return page(language, words.DEVICE_TITLE.say(language), parts, status=404 if fault else 200)


def message(language: Language, title: Words, text: str = "", *, status: int = 200) -> Reply:
    return page(language, title.say(language), [f"<p>{escape(text)}</p>"] if text else [], status=status)


def _form(action: str, fields: Iterable[str]) -> str:
    return f'<form method="post" action="{action}">{"".join(fields)}</form>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _field(
    language: Language,
    name: str,
    label: Words,
    *,
    value: str = "",
    kind: str = "text",
    autocomplete: str,
    first: bool = False,
    css: str = "",
) -> str:
    more = (" autofocus" if first else "") + (f' class="{css}"' if css else "")
    return (
        f'<label for="{name}">{label.say(language)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" value="{escape(value)}" autocomplete="{autocomplete}"'
        f' autocapitalize="none" spellcheck="false" required{more}>'
    )


def _button(text: str, *, plain: bool = False) -> str:
    return f'<button type="submit"{" class=plain" if plain else ""}>{escape(text)}</button>'


def _fault(language: Language, fault: Words | None) -> str:
    return f'<p class="fault" role="alert">{fault.say(language)}</p>' if fault is not None else ""
