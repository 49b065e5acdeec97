"""What a provider says of a person, as what the platform knows of people. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from armillary.platform.capabilities.federation.kinds import GroupMapping, Ldap, Oidc
from armillary.platform.capabilities.identity.ports import Vouched


@dataclass(frozen=True, slots=True)
class Entry:
    """Of a directory; names of attributes in lower case."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]

    def text(self, attribute: str) -> str:
        values = self.attributes.get(attribute.lower(), ())
        return values[0].decode(errors="replace").strip() if values else ""

    def texts(self, attribute: str) -> tuple[str, ...]:
        return tuple(value.decode(errors="replace") for value in self.attributes.get(attribute.lower(), ()))


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group at the provider; OpenID Connect providers have no DNs."""

    name: str
    dn: str = ""


def attributes_of(spec: Ldap) -> list[str]:
    """What is read of a person's entry."""
    wanted = [
        "entryUUID", "objectGUID", spec.id_attribute, spec.name_attribute, spec.email_attribute,
        spec.display_name_attribute, spec.member_of_attribute,
    ]  # fmt: skip
    return list(dict.fromkeys(name for name in wanted if name))


def subject_of(entry: Entry, spec: Ldap) -> str:
    """What stays when the person is renamed or moved, where the directory has such a thing."""
    if spec.id_attribute:
        return entry.text(spec.id_attribute)
    if known := entry.text("entryUUID"):
        return known.lower()
    guid = entry.attributes.get("objectguid", ())
    return str(UUID(bytes_le=guid[0])) if guid and len(guid[0]) == 16 else entry.dn.lower()


def person_of(
    provider: str, entry: Entry, spec: Ldap, groups: Sequence[GroupName], mapping: Sequence[GroupMapping]
) -> Vouched:
    """A directory's word for an e-mail address counts as verified: administrators write it, not people themselves."""
    email = entry.text(spec.email_attribute)
    return Vouched(
        provider=provider,
        subject=subject_of(entry, spec),
        name=entry.text(spec.name_attribute),
        email=email,
        email_verified=bool(email),
        display_name=entry.text(spec.display_name_attribute),
        groups=mapped(groups, mapping),
    )


def own_groups(entry: Entry, spec: Ldap) -> tuple[GroupName, ...]:
    """The groups that a person's own entry names."""
    if not spec.member_of_attribute:
        return ()
    return tuple(GroupName(_first_value(dn), dn) for dn in entry.texts(spec.member_of_attribute))


def _first_value(dn: str) -> str:
    """`cn=Ops\\, Night,ou=groups` is called `Ops, Night`."""
    name, value, characters = False, "", iter(dn)
    for character in characters:
        if not name:
            name = character == "="
        elif character == "\\":
            value += next(characters, "")
        elif character == ",":
            break
        else:
            value += character
    return value


def mapped(groups: Sequence[GroupName], mapping: Sequence[GroupMapping]) -> tuple[str, ...]:
    """The platform groups: those that a mapping names, and no others."""
    held = {name.casefold() for group in groups for name in (group.name, group.dn) if name}
    return tuple(sorted({rule.as_group for rule in mapping if rule.group.casefold() in held}))


def claim(claims: Mapping[str, Any], way: str) -> Any:
    """A claim by its name, or inside others: `realm_access.roles`. Names may hold dots themselves."""
    if way in claims:
        return claims[way]
    found: Any = claims
    for name in way.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def merged(token: Mapping[str, Any], userinfo: Mapping[str, Any], spec: Oidc) -> dict[str, Any]:
    """The ID token's claims, then userinfo's if it is about the same person (OpenID Connect Core, 5.3.2)."""
    if userinfo.get("sub") != token["sub"]:
        return dict(token)
    both = {**userinfo, **token}
    # That an address is verified is said of the address beside it, and of no other.
    is_other = spec.email_claim in token and token[spec.email_claim] != userinfo.get(spec.email_claim)
    if is_other and "email_verified" not in token:
        both.pop("email_verified", None)
    return both


def vouched_of(provider: str, claims: Mapping[str, Any], spec: Oidc, mapping: Sequence[GroupMapping]) -> Vouched:
    held = claim(claims, spec.groups_claim)
    names = [held] if isinstance(held, str) else held if isinstance(held, list) else []
    return Vouched(
        provider=provider,
        subject=str(claims["sub"]),
        name=_string(claim(claims, spec.name_claim)),
        email=_string(claim(claims, spec.email_claim)),
        email_verified=claims.get("email_verified") in (True, "true"),  # some providers write every claim as text
        display_name=_string(claim(claims, spec.display_name_claim)),
        groups=mapped([GroupName(name) for name in names if isinstance(name, str)], mapping),
    )


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
