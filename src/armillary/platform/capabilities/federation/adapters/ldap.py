"""A directory, by LDAP: search-bind, groups, and what became of known accounts. Blocks: for threads.

An empty password is refused before anything is sent: a server takes it for an anonymous bind and says yes (RFC 4513,
5.1.2). Passwords go as the bytes that were typed, since preparing them (SASLprep) can leave nothing of them.
"""

import secrets
import ssl
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from armillary.base.errors import Unavailable
from armillary.platform.capabilities.federation.decide.filters import all_of, any_of, anybody, by_subject, fill
from armillary.platform.capabilities.federation.decide.people import (
    Entry,
    GroupName,
    attributes_of,
    mapped,
    own_groups,
    person_of,
    subject_of,
)
from armillary.platform.capabilities.federation.decide.sync import Account
from armillary.platform.capabilities.federation.kinds import GroupMapping, Ldap
from armillary.platform.capabilities.federation.trial import StepName, Steps
from armillary.platform.capabilities.identity.ports import Vouched

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it asks pyasn1 by old names
    import ldap3  # type: ignore[import-untyped]
    from ldap3.core.exceptions import LDAPException  # type: ignore[import-untyped]

LONGEST_LOGIN = 256
AT_ONCE = 50  # accounts asked for in one search
_PORTS = {"ldap": 389, "ldaps": 636}
_NONE = "1.1"  # no attributes (RFC 4511, 4.5.1.8)
_SUCCESS, _NO_SUCH_OBJECT, _SIZE_LIMIT, _INVALID_CREDENTIALS = 0, 32, 4, 49
# What a bind answers when the account may not sign in, for whatever reason: never a fault of the directory.
_REFUSALS = frozenset({_INVALID_CREDENTIALS, _NO_SUCH_OBJECT, 19, 34, 48, 50, 53})


class _Tls(ldap3.Tls):  # type: ignore[misc]  # untyped
    """By a context of our own, which checks names and addresses as Python does; remembers what went wrong."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context, self.host, self.fault = context, host, ""

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        try:
            connection.socket = self.context.wrap_socket(connection.socket, server_hostname=self.host)
        except OSError as exc:
            self.fault = str(exc)
            raise


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory. All calls raise Unavailable, with a sentence, where it can't be asked."""

    name: str
    spec: Ldap
    password: str  # of `spec.bind_dn`
    mapping: Sequence[GroupMapping] = ()

    def sign_in(self, login: str, password: str, steps: Steps | None = None) -> Vouched | None:
        """Who it is, if the directory accepts the password; None if it refuses."""
        steps = steps or Steps()
        if not password or not login or len(login) > LONGEST_LOGIN or "\0" in login + password:
            steps.note("password", "a name and a password are needed", succeeded=False)
            return None
        with self._searching(steps) as connection:
            entry = self._one(connection, login, steps)
            # Asked for nobody as well: a name that is not there takes as long as a wrong password.
            dn = entry.dn if entry is not None else f"cn={secrets.token_hex(8)},{self.spec.base_dn}"
            is_right = self._accepts(dn, password)
            if entry is None:
                return None
            if not is_right:
                steps.note("password", f"the directory refuses this password for {dn}", succeeded=False)
                return None
            steps.note("password", f"the directory accepts the password of {dn}")
            groups = self._groups(connection, entry, login, steps)
            return person_of(self.name, entry, self.spec, groups, self.mapping)

    def look(self, login: str, steps: Steps) -> None:
        """What a sign-in would find, without a password; any entry at all, without a login."""
        with self._searching(steps) as connection:
            if login:
                entry = self._one(connection, login, steps)
                if entry is not None:
                    self._groups(connection, entry, login, steps)
                return
            with steps.failing_as("search"):
                _search(connection, self.spec.base_dn, "(objectClass=*)", [_NONE], scope=ldap3.BASE)
            steps.note("search", f"{self.spec.base_dn} can be read")

    def accounts(self, subjects: Sequence[str]) -> Mapping[str, Account]:
        """Those of these accounts that are there and would be let in but for being disabled."""
        found: dict[str, Account] = {}
        with self._searching(Steps()) as connection:
            for subject, entry in self._known(connection, subjects):
                groups = self._groups_of(connection, entry, entry.text(self.spec.name_attribute))
                found[subject] = Account(self._is_disabled(connection, entry), mapped(groups, self.mapping))
        return found

    def _known(self, connection: Any, subjects: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        who, wanted = anybody(self.spec.filter), attributes_of(self.spec)
        by_id = [text for subject in subjects if (text := by_subject(subject, self.spec.id_attribute))]
        for start in range(0, len(by_id), AT_ONCE):
            asked = all_of(any_of(*by_id[start : start + AT_ONCE]), who)
            for entry in _search(connection, self.spec.base_dn, asked, wanted):
                yield subject_of(entry, self.spec), entry
        for subject in subjects:
            if not by_subject(subject, self.spec.id_attribute):
                for entry in _search(connection, subject, who, wanted, scope=ldap3.BASE, may_lack_base=True):
                    yield subject, entry

    def _one(self, connection: Any, login: str, steps: Steps) -> Entry | None:
        """The one entry that signs in by that name."""
        asked = fill(self.spec.filter, login=login)
        with steps.failing_as("search"):
            entries = _search(connection, self.spec.base_dn, asked, attributes_of(self.spec), most=2)
        if len(entries) != 1:
            count = "nobody" if not entries else "more than one entry"
            steps.note("search", f"{asked} below {self.spec.base_dn} finds {count}", succeeded=False)
            return None
        entry = entries[0]
        if self._is_disabled(connection, entry):
            steps.note("search", f"{entry.dn} is found, and disabled", succeeded=False)
            return None
        if not subject_of(entry, self.spec) or not entry.text(self.spec.name_attribute):
            lacking = self.spec.name_attribute if subject_of(entry, self.spec) else self.spec.id_attribute
            steps.note("search", f"{entry.dn} has no {lacking}", succeeded=False)
            return None
        steps.note("search", f"{entry.dn} is found")
        return entry

    def _is_disabled(self, connection: Any, entry: Entry) -> bool:
        asked = self.spec.disabled_filter
        return bool(asked and _search(connection, entry.dn, asked, [_NONE], scope=ldap3.BASE, may_lack_base=True))

    def _groups(self, connection: Any, entry: Entry, login: str, steps: Steps) -> Sequence[GroupName]:
        with steps.failing_as("groups"):
            groups = self._groups_of(connection, entry, login)
        held = ", ".join(sorted(group.name for group in groups)) or "none"
        here = ", ".join(mapped(groups, self.mapping)) or "none"
        steps.note("groups", f"groups in the directory: {held}; groups here: {here}")
        return groups

    def _groups_of(self, connection: Any, entry: Entry, login: str) -> Sequence[GroupName]:
        spec = self.spec
        if not spec.group_base_dn:
            return own_groups(entry, spec)
        asked = fill(spec.group_filter, dn=entry.dn, login=login)
        found = _search(connection, spec.group_base_dn, asked, [spec.group_name_attribute])
        return [*own_groups(entry, spec), *(GroupName(g.text(spec.group_name_attribute), g.dn) for g in found)]

    # Connections

    def _accepts(self, dn: str, password: str) -> bool:
        with self._open(Steps()) as connection:
            return _bind(connection, dn, password) == _SUCCESS

    @contextmanager
    def _searching(self, steps: Steps) -> Iterator[Any]:
        """Bound as who may search."""
        with self._open(steps) as connection:
            if self.spec.bind_dn:
                with steps.failing_as("bind"):
                    if not self.password:
                        raise Unavailable("the password of spec.ldap.bindDn is empty")
                    code = _bind(connection, self.spec.bind_dn, self.password)
                    if code != _SUCCESS:
                        raise Unavailable(f"the directory does not let {self.spec.bind_dn} in (LDAP result {code})")
                steps.note("bind", f"bound as {self.spec.bind_dn}")
            yield connection

    @contextmanager
    def _open(self, steps: Steps) -> Iterator[Any]:
        """Connected, and with TLS where it is asked for; never without it."""
        url = urlsplit(self.spec.url)
        tls = self._tls(url.hostname or "", steps)
        server = ldap3.Server(
            url.hostname,
            url.port or _PORTS[url.scheme],
            use_ssl=url.scheme == "ldaps",
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=self.spec.timeout_seconds,
            mode=ldap3.IP_SYSTEM_DEFAULT,
        )
        connection = ldap3.Connection(
            server,
            client_strategy=ldap3.SYNC,
            auto_referrals=False,
            check_names=False,
            receive_timeout=self.spec.timeout_seconds,
        )
        try:
            self._connect(connection, tls, steps)
            yield connection
        finally:
            with suppress(LDAPException, OSError):
                connection.unbind()

    def _connect(self, connection: Any, tls: _Tls, steps: Steps) -> None:
        url, is_ldaps = self.spec.url, self.spec.url.startswith("ldaps")
        try:
            connection.open(read_server_info=False)
        except (LDAPException, OSError) as exc:
            name: StepName = "tls" if tls.fault else "connect"
            with steps.failing_as(name):
                raise Unavailable(f"{url}: {tls.fault}" if tls.fault else f"{url} does not answer") from exc
        steps.note("connect", f"{url} answers")
        if is_ldaps:
            steps.note("tls", "the server's certificate is trusted")
        elif self.spec.start_tls:
            with steps.failing_as("tls"):
                try:
                    is_begun = connection.start_tls(read_server_info=False)
                except (LDAPException, OSError) as exc:
                    raise Unavailable(f"{url}: no StartTLS: {tls.fault or exc}") from exc
                if not is_begun:
                    raise Unavailable(f"{url}: no StartTLS")
            steps.note("tls", "StartTLS is done, and the server's certificate is trusted")

    def _tls(self, host: str, steps: Steps) -> _Tls:
        try:
            return _Tls(ssl.create_default_context(cadata=self.spec.ca or None), host)
        except (ssl.SSLError, ValueError) as exc:
            with steps.failing_as("tls"):
                raise Unavailable(f"spec.ldap.ca can't be read: {exc}") from exc


def _bind(connection: Any, dn: str, password: str) -> int:
    """The LDAP result code; only refusals and success are answers."""
    connection.user, connection.password, connection.authentication = dn, password.encode(), ldap3.SIMPLE
    try:
        connection.bind(read_server_info=False)
    except (LDAPException, OSError) as exc:
        raise Unavailable(f"the directory did not answer a bind: {exc}") from exc
    code = int(connection.result["result"])
    if code != _SUCCESS and code not in _REFUSALS:
        raise Unavailable(f"the directory can't bind now: {connection.result['description']}")
    return code


def _search(
    connection: Any,
    base: str,
    asked: str,
    attributes: Sequence[str],
    *,
    scope: str = ldap3.SUBTREE,
    most: int = 0,
    may_lack_base: bool = False,
) -> list[Entry]:
    """Entries only: where other servers are referred to, they are not asked."""
    try:
        connection.search(base, asked, scope, attributes=list(attributes), size_limit=most)
    except (LDAPException, OSError) as exc:
        raise Unavailable(f"the directory did not answer a search of {asked}: {exc}") from exc
    code = int(connection.result["result"])
    if code == _NO_SUCH_OBJECT and may_lack_base:
        return []
    if code != _SUCCESS and not (most and code == _SIZE_LIMIT):
        said = connection.result["description"]
        raise Unavailable(f"the directory can't search {base} for {asked}: {said}")
    return [
        Entry(found["dn"], {name.lower(): values for name, values in found["raw_attributes"].items()})
        for found in connection.response or ()
        if found["type"] == "searchResEntry"
    ]
