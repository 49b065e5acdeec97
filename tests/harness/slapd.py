"""A real OpenLDAP server on loopback, with a directory of a small company in it; gone with its context."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from armillary.base.pki import ensure_pki

SUFFIX = "dc=example,dc=org"
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
READER, READER_PASSWORD = f"cn=reader,{SUFFIX}", "reads-only"
_ROOT, _ROOT_PASSWORD = f"cn=root,{SUFFIX}", "root-of-tests"
STRANGER = "127.0.0.2"  # the server is there as well, and its certificate does not say so
_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"

_CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'adUser' SUP top AUXILIARY
  MAY ( sAMAccountName $ userAccountControl $ objectGUID ) )
pidfile {directory}/slapd.pid
TLSCACertificateFile {pki}/ca.crt
TLSCertificateFile {pki}/apiserver.crt
TLSCertificateKeyFile {pki}/apiserver.key
allow bind_anon_dn
database mdb
suffix "{suffix}"
rootdn "{root}"
rootpw {root_password}
directory {directory}/data
index objectClass,uid,entryUUID eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""

_TOP = f"""
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

dn: {READER}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: {READER_PASSWORD}
"""


def person(uid: str, password: str, *more: str, mail: str = "") -> str:
    """An entry as LDIF; `more` are further lines."""
    lines = [
        f"dn: uid={uid},{PEOPLE}", "objectClass: inetOrgPerson", "objectClass: adUser", f"uid: {uid}",
        f"sAMAccountName: {uid}", f"cn: {uid.title()} Example", "sn: Example", f"mail: {mail or uid + '@example.org'}",
        f"userPassword: {password}", *more,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def group(name: str, *uids: str) -> str:
    members = [f"member: uid={uid},{PEOPLE}" for uid in uids] or [f"member: {READER}"]
    return "\n".join([f"dn: cn={name},{GROUPS}", "objectClass: groupOfNames", f"cn: {name}", *members]) + "\n"


@dataclass(frozen=True)
class Slapd:
    """`ldap` takes StartTLS, `ldaps` is TLS from the start; `ca` is the PEM of who signed the certificate."""

    ldap: str
    ldaps: str
    ca: str
    directory: Path

    def change(self, ldif: str) -> None:
        """Changes by the directory's own administrator (ldapmodify -a)."""
        command = ["ldapmodify", "-a", "-x", "-H", self.ldap, "-D", _ROOT, "-w", _ROOT_PASSWORD]
        subprocess.run(command, input=ldif, text=True, check=True, capture_output=True, timeout=20)

    def delete(self, dn: str) -> None:
        command = ["ldapdelete", "-x", "-H", self.ldap, "-D", _ROOT, "-w", _ROOT_PASSWORD, dn]
        subprocess.run(command, check=True, capture_output=True, timeout=20)


def prepared(directory: Path, entries: Sequence[str]) -> tuple[Path, str]:
    """A directory's content and its configuration, not running yet; with the PEM of who signs its certificate."""
    directory.mkdir(parents=True)
    (directory / "data").mkdir()
    pki = ensure_pki(directory / "pki", ["localhost"], ["127.0.0.1"], datetime.now(UTC), node="slapd")
    config, ldif = directory / "slapd.conf", directory / "content.ldif"
    config.write_text(
        _CONFIG.format(
            directory=directory, pki=directory / "pki", suffix=SUFFIX, root=_ROOT, root_password=_ROOT_PASSWORD,
            reader=READER,
        )
    )  # fmt: skip
    ldif.write_text("\n".join([_TOP, *entries]))
    subprocess.run([_program("slapadd"), "-q", "-f", config, "-l", ldif], check=True, capture_output=True, timeout=60)
    return config, pki.ca.read_text()


def start_command(config: Path, urls: str) -> list[str]:
    return [_program("slapd"), "-d", "0", "-h", urls, "-f", str(config)]


@asynccontextmanager
async def running_slapd(directory: Path, entries: Sequence[str]) -> AsyncIterator[Slapd]:
    """On ports of its own, with these entries (LDIF) beside who may read them."""
    config, ca = prepared(directory, entries)
    plain, tls = free_port(), free_port()
    ldap, ldaps = f"ldap://127.0.0.1:{plain}", f"ldaps://127.0.0.1:{tls}"
    with (directory / "log").open("wb") as log:
        command = start_command(config, f"{ldap} {ldaps} ldaps://{STRANGER}:{tls}")
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        await wait_port(plain)
        await wait_port(tls)
        yield Slapd(ldap, ldaps, ca, directory)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _program(name: str) -> str:
    found = shutil.which(name, path=_PATH)
    assert found is not None, f"{name} is missing; `make setup-test` installs it"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def wait_port(port: int) -> None:
    """Until somebody listens there."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return
