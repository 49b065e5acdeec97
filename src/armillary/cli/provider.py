"""`armillary provider`: directories and OpenID Connect providers by which people sign in."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import orjson
import typer

from armillary.base.errors import SetupError
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column, Format, ListFormat, show, show_one, structured, table, write
from armillary.cli.session import Session, run
from armillary.kube.kinds.meta import ObjectMeta
from armillary.platform.capabilities.federation.kinds import (
    IDENTITY_PROVIDER,
    GroupMapping,
    IdentityProvider,
    IdentityProviderSpec,
    Ldap,
    Oidc,
)

HELP = Words(
    "Directories (LDAP, Active Directory) and OpenID Connect providers by which people sign in.",
    "供用户登录的目录服务（LDAP、Active Directory）与 OpenID Connect 身份提供商。",
)
HELP_LIST = Words(
    "List the identity providers.\n\nExample: armillary provider list",
    "列出身份提供商。\n\n示例：armillary provider list",
)
HELP_SHOW = Words(
    "Show one provider, and whether it works.\n\nExample: armillary provider show corp -o yaml",
    "查看一个身份提供商及其状态。\n\n示例：armillary provider show corp -o yaml",
)
HELP_CREATE = Words("Set up a provider.", "创建身份提供商。")
HELP_LDAP = Words(
    "Let people sign in by a directory. The password of --bind-dn is read from standard input, or asked for.\n\n"
    "Example: armillary provider create ldap corp --url ldaps://ldap.example.org --base-dn dc=example,dc=org "
    "--bind-dn cn=reader,dc=example,dc=org --ca ca.pem --just-in-time < password\n\n"
    "Example: armillary provider create ldap ad --active-directory --url ldaps://dc1.example.org "
    "--base-dn dc=example,dc=org --bind-dn 'reader@example.org' --group 'Platform Ops=operators' < password",
    "允许用户通过目录服务登录。--bind-dn 的密码从标准输入读取，或在终端中询问。\n\n"
    "示例：armillary provider create ldap corp --url ldaps://ldap.example.org --base-dn dc=example,dc=org "
    "--bind-dn cn=reader,dc=example,dc=org --ca ca.pem --just-in-time < password\n\n"
    "示例：armillary provider create ldap ad --active-directory --url ldaps://dc1.example.org "
    "--base-dn dc=example,dc=org --bind-dn 'reader@example.org' --group 'Platform Ops=operators' < password",
)
HELP_OIDC = Words(
    "Let people sign in by an OpenID Connect provider. The client secret is read from standard input, or asked for. "
    "Register <origin>/oauth/callback/<name> there as redirect URI.\n\n"
    "Example: armillary provider create oidc sso --issuer https://sso.example.org/realms/main --client-id armillary "
    "--group ops=operators --just-in-time < secret",
    "允许用户通过 OpenID Connect 提供商登录。客户端密钥从标准输入读取，或在终端中询问。"
    "请在提供商处将 <平台地址>/oauth/callback/<名称> 登记为重定向 URI。\n\n"
    "示例：armillary provider create oidc sso --issuer https://sso.example.org/realms/main --client-id armillary "
    "--group ops=operators --just-in-time < secret",
)
HELP_TEST = Words(
    "Try a provider step by step. With --login a person is looked for; with --password their sign-in is tried.\n\n"
    "Example: armillary provider test corp --login ann",
    "逐步测试身份提供商。--login 查找用户；加上 --password 则尝试其登录。\n\n"
    "示例：armillary provider test corp --login ann",
)
HELP_SECRET = Words(
    "Set the password or client secret anew; it is read from standard input, or asked for.\n\n"
    "Example: armillary provider secret corp < password",
    "更新绑定密码或客户端密钥；从标准输入读取，或在终端中询问。\n\n示例：armillary provider secret corp < password",
)
HELP_DISABLE = Words(
    "Switch a provider off: nobody signs in by it.\n\nExample: armillary provider disable corp",
    "停用身份提供商：不再允许通过它登录。\n\n示例：armillary provider disable corp",
)
HELP_ENABLE = Words(
    "Switch a provider on again.\n\nExample: armillary provider enable corp",
    "重新启用身份提供商。\n\n示例：armillary provider enable corp",
)
HELP_DELETE = Words(
    "Delete a provider. Users stay, and can't sign in by it any more.\n\nExample: armillary provider delete corp --yes",
    "删除身份提供商。用户会保留，但无法再通过它登录。\n\n示例：armillary provider delete corp --yes",
)
ARG_NAME = Words("The provider's name.", "身份提供商名称。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_DISPLAY_NAME = Words("How the sign-in page calls it.", "登录页面上显示的名称。")
OPT_URL = Words("ldaps://HOST:PORT, or ldap://HOST:PORT with StartTLS.", "ldaps://主机:端口，或 ldap://主机:端口。")
OPT_NO_START_TLS = Words(
    "Send passwords without TLS; for tests in your own network.", "不使用 TLS 发送密码；仅限自有网络中的测试。"
)
OPT_HTTP = Words("Speak HTTP to an issuer on this machine; for tests.", "以 HTTP 访问本机的提供商；仅限测试。")
OPT_CA = Words("PEM file of the authority that signed its certificate.", "签发其证书的 CA（PEM 文件）。")
OPT_BIND_DN = Words("Who searches the directory; anonymous if left out.", "用于搜索目录的账户；省略则匿名。")
OPT_BASE_DN = Words("Where people are searched.", "搜索用户的起始 DN。")
OPT_FILTER = Words("Which entry signs in; {{login}} is what was typed.", "登录条目的过滤器；{{login}} 为用户输入。")
OPT_GROUP_BASE_DN = Words("Where groups are searched; none if left out.", "搜索组的起始 DN；省略则不读取组。")
OPT_GROUP_FILTER = Words(
    "Which groups a person is in; {{dn}} and {{login}}.", "用户所属组的过滤器；可用 {{dn}} 和 {{login}}。"
)
OPT_DISABLED_FILTER = Words("Which entries are disabled accounts.", "标识已禁用账户的过滤器。")
OPT_ACTIVE_DIRECTORY = Words(
    "Attributes and filters of Active Directory, with nested groups.",
    "使用 Active Directory 的属性和过滤器（含嵌套组）。",
)
OPT_SYNC = Words("Seconds between looks at the accounts; 0 for never.", "检查账户的间隔秒数；0 表示从不。")
OPT_ISSUER = Words("Its URL, exactly as it calls itself.", "提供商的 URL，须与其自称完全一致。")
OPT_CLIENT_ID = Words("The platform's client there.", "平台在该提供商处的客户端 ID。")
OPT_PUBLIC = Words("The client has no secret.", "该客户端没有密钥。")
OPT_SCOPE = Words("A scope to ask for. May be repeated.", "请求的 scope。可重复指定。")
OPT_NAME_CLAIM = Words("The claim that becomes the user's name.", "作为用户名的 claim。")
OPT_GROUPS_CLAIM = Words("The claim with groups, as realm_access.roles.", "包含组的 claim，例如 realm_access.roles。")
OPT_GROUP = Words(
    "A group there and the platform group its members are in, as ops=operators. May be repeated.",
    "提供商的组及其对应的平台组，例如 ops=operators。可重复指定。",
)
OPT_JIT = Words(
    "Make an account for everybody who signs in; else only for those invited.",
    "为每个登录者自动创建账户；否则仅限受邀用户。",
)
OPT_LINK = Words(
    "Take a user with the same verified e-mail for the same person.", "将验证过的相同电子邮箱视为同一用户。"
)
OPT_LOGIN = Words("Whom to look for.", "要查找的用户。")
OPT_PASSWORD = Words("Ask for their password, and try it.", "询问其密码并尝试登录。")
OPT_YES = Words("Do not ask.", "不再询问确认。")
ASK_SECRET = Words("Password or secret", "密码或密钥")
NO_SECRET = Words("no password or secret was given", "未提供密码或密钥")
ASK_PASSWORD = Words("Password of {login}", "{login} 的密码")
BAD_GROUP = Words('"{text}" is not GROUP=PLATFORM-GROUP', "“{text}”的格式不是 组=平台组")
NO_FILE = Words("{path} can't be read: {error}", "无法读取 {path}：{error}")
NONE = Words("there are no identity providers yet", "尚未配置身份提供商")
MADE = Words(
    "{name} is set up; armillary provider test {name} tries it",
    "{name} 已创建；可用 armillary provider test {name} 测试",
)
KEPT = Words("the secret of {name} is kept", "{name} 的密钥已保存")
IS_OFF = Words("{name} is switched off", "{name} 已停用")
IS_ON = Words("{name} is switched on", "{name} 已启用")
DELETED = Words("{name} is deleted", "{name} 已删除")
SURE = Words("Delete {name}? Nobody will be able to sign in by it.", "确定删除 {name} 吗？将无法再通过它登录。")
STEP, RESULT, SAYS = Words("STEP", "步骤"), Words("RESULT", "结果"), Words("SAYS", "说明")
DONE, FAILED = Words("ok", "成功"), Words("failed", "失败")


class _State(StrEnum):
    READY = "Ready"
    NOT_READY = "NotReady"
    DISABLED = "Disabled"
    UNKNOWN = "Unknown"


def _condition(item: Any, type_: str) -> Any:
    conditions = item.get("status", {}).get("conditions", ())
    return next((condition for condition in conditions if condition["type"] == type_), {})


def _state(item: Any) -> str:
    if item["spec"].get("disabled"):
        return _State.DISABLED
    status = _condition(item, "Ready").get("status")
    return _State.UNKNOWN if status is None else _State.READY if status == "True" else _State.NOT_READY


def _server(item: Any) -> str:
    spec = item["spec"]
    return str(spec.get("ldap", {}).get("url") or spec.get("oidc", {}).get("issuer") or "")


COLUMNS = (
    Column(Words("NAME", "名称"), lambda item: item["metadata"]["name"]),
    Column(Words("TYPE", "类型"), lambda item: item["spec"]["type"]),
    Column(Words("DISPLAY NAME", "显示名称"), lambda item: item["spec"].get("displayName")),
    Column(Words("SERVER", "服务器"), _server),
    Column(Words("STATE", "状态"), _state),
)
DETAILS = (
    *COLUMNS,
    Column(Words("MESSAGE", "说明"), lambda item: _condition(item, "Ready").get("message")),
    Column(Words("ACCOUNTS", "账户"), lambda item: item["spec"].get("accounts", "invited")),
    Column(
        Words("GROUPS", "组"),
        lambda item: {rule["group"]: rule["asGroup"] for rule in item["spec"].get("groups", ())},
    ),
    Column(Words("LAST SYNC", "上次同步"), lambda item: item.get("status", {}).get("lastSync")),
    Column(Words("SYNC", "同步"), lambda item: _condition(item, "Synced").get("message")),
)
# How Active Directory keeps people: MS-ADTS; 1.2.840.113556.1.4.803 compares bits, .1941 follows nested groups.
_PERSON = "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={login})(userPrincipalName={login})))"
_NESTED = "(&(objectClass=group)(member:1.2.840.113556.1.4.1941:={dn}))"
_DISABLED = "(userAccountControl:1.2.840.113556.1.4.803:=2)"

Texts = list[str] | None


def build(cli: Cli) -> typer.Typer:
    app = typer.Typer(help=cli.say(HELP), no_args_is_help=True, rich_markup_mode=None)
    _add_reading(app, cli)
    create = typer.Typer(help=cli.say(HELP_CREATE), no_args_is_help=True, rich_markup_mode=None)
    _add_ldap(create, cli)
    _add_oidc(create, cli)
    app.add_typer(create, name="create", help=cli.say(HELP_CREATE))
    _add_test(app, cli)
    _add_changing(app, cli)
    return app


def _add_reading(app: typer.Typer, cli: Cli) -> None:
    output_option = typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))

    @app.command("list", help=cli.say(HELP_LIST))
    def list_(output: Annotated[ListFormat, output_option] = ListFormat.TABLE) -> None:
        async def work(session: Session) -> list[Any]:
            answer = await session.cluster().call("GET", IDENTITY_PROVIDER.path())
            return list(orjson.loads(answer.body)["items"])

        show(run(cli, work), COLUMNS, output, cli.language, empty=NONE)

    @app.command("show", help=cli.say(HELP_SHOW))
    def show_(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        output: Annotated[ListFormat, output_option] = ListFormat.TABLE,
    ) -> None:
        async def work(session: Session) -> Any:
            return orjson.loads((await session.cluster().call("GET", IDENTITY_PROVIDER.path("", name))).body)

        show_one(run(cli, work), DETAILS, output, cli.language)


def _add_ldap(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_LDAP))
    def ldap(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        url: Annotated[str, typer.Option(help=cli.say(OPT_URL))],
        base_dn: Annotated[str, typer.Option(help=cli.say(OPT_BASE_DN))],
        bind_dn: Annotated[str, typer.Option(help=cli.say(OPT_BIND_DN))] = "",
        ca: Annotated[Path | None, typer.Option(help=cli.say(OPT_CA))] = None,
        filter: Annotated[str, typer.Option(help=cli.say(OPT_FILTER))] = "",
        group_base_dn: Annotated[str, typer.Option(help=cli.say(OPT_GROUP_BASE_DN))] = "",
        group_filter: Annotated[str, typer.Option(help=cli.say(OPT_GROUP_FILTER))] = "",
        disabled_filter: Annotated[str, typer.Option(help=cli.say(OPT_DISABLED_FILTER))] = "",
        active_directory: Annotated[
            bool, typer.Option("--active-directory", help=cli.say(OPT_ACTIVE_DIRECTORY))
        ] = False,
        insecure: Annotated[bool, typer.Option("--insecure", help=cli.say(OPT_NO_START_TLS))] = False,
        sync_seconds: Annotated[int, typer.Option(help=cli.say(OPT_SYNC), min=0)] = 300,
        display_name: Annotated[str, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = "",
        group: Annotated[Texts, typer.Option(help=cli.say(OPT_GROUP))] = None,
        just_in_time: Annotated[bool, typer.Option("--just-in-time", help=cli.say(OPT_JIT))] = False,
        link_by_email: Annotated[bool, typer.Option("--link-by-email", help=cli.say(OPT_LINK))] = False,
    ) -> None:
        spec = Ldap(
            url=url,
            base_dn=base_dn,
            bind_dn=bind_dn,
            ca=_pem(cli, ca),
            group_base_dn=group_base_dn or (base_dn if active_directory else ""),
            start_tls=not insecure,
            insecure=insecure,
            sync_seconds=sync_seconds,
        )
        if active_directory:
            spec = msgspec.structs.replace(
                spec, filter=_PERSON, name_attribute="sAMAccountName", display_name_attribute="displayName",
                group_filter=_NESTED, disabled_filter=_DISABLED,
            )  # fmt: skip
        chosen = {"filter": filter, "group_filter": group_filter, "disabled_filter": disabled_filter}
        spec = msgspec.structs.replace(spec, **{field: text for field, text in chosen.items() if text})
        common = _common(cli, display_name, group, just_in_time, link_by_email)
        whole = IdentityProviderSpec(type="ldap", ldap=spec, **common)
        _create(cli, name, whole, _secret(cli) if bind_dn else "")


def _add_oidc(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_OIDC))
    def oidc(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        issuer: Annotated[str, typer.Option(help=cli.say(OPT_ISSUER))],
        client_id: Annotated[str, typer.Option(help=cli.say(OPT_CLIENT_ID))],
        public: Annotated[bool, typer.Option("--public", help=cli.say(OPT_PUBLIC))] = False,
        ca: Annotated[Path | None, typer.Option(help=cli.say(OPT_CA))] = None,
        scope: Annotated[Texts, typer.Option(help=cli.say(OPT_SCOPE))] = None,
        name_claim: Annotated[str, typer.Option(help=cli.say(OPT_NAME_CLAIM))] = "preferred_username",
        groups_claim: Annotated[str, typer.Option(help=cli.say(OPT_GROUPS_CLAIM))] = "groups",
        insecure: Annotated[bool, typer.Option("--insecure", help=cli.say(OPT_HTTP))] = False,
        display_name: Annotated[str, typer.Option(help=cli.say(OPT_DISPLAY_NAME))] = "",
        group: Annotated[Texts, typer.Option(help=cli.say(OPT_GROUP))] = None,
        just_in_time: Annotated[bool, typer.Option("--just-in-time", help=cli.say(OPT_JIT))] = False,
        link_by_email: Annotated[bool, typer.Option("--link-by-email", help=cli.say(OPT_LINK))] = False,
    ) -> None:
        spec = Oidc(
            issuer=issuer,
            client_id=client_id,
            ca=_pem(cli, ca),
            scopes=tuple(dict.fromkeys(["openid", *(scope or ("profile", "email"))])),
            name_claim=name_claim,
            groups_claim=groups_claim,
            insecure=insecure,
        )
        common = _common(cli, display_name, group, just_in_time, link_by_email)
        whole = IdentityProviderSpec(type="oidc", oidc=spec, **common)
        _create(cli, name, whole, "" if public else _secret(cli))


def _add_test(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say(HELP_TEST))
    def test(
        name: Annotated[str, typer.Argument(help=cli.say(ARG_NAME))],
        login: Annotated[str, typer.Option(help=cli.say(OPT_LOGIN))] = "",
        password: Annotated[bool, typer.Option("--password", help=cli.say(OPT_PASSWORD))] = False,
        output: Annotated[Format, typer.Option("-o", "--output", help=cli.say(OPT_OUTPUT))] = Format.TABLE,
    ) -> None:
        typed = _typed(cli.say(ASK_PASSWORD, login=login)) if password else ""
        body = {"login": login, "password": typed}
        tried = run(cli, lambda session: session.call("POST", f"{_path(name)}/test", body))
        if output is not Format.TABLE:
            write(structured(tried, output))
        else:
            rows = [
                [step["name"], cli.say(DONE if step["succeeded"] else FAILED), step["says"]] for step in tried["steps"]
            ]
            write(table([cli.say(STEP), cli.say(RESULT), cli.say(SAYS)], rows))
        raise typer.Exit(0 if tried["succeeded"] else 1)


def _add_changing(app: typer.Typer, cli: Cli) -> None:
    name_argument = typer.Argument(help=cli.say(ARG_NAME))

    def switch(name: str, *, disabled: bool) -> None:
        patch = {"spec": {"disabled": disabled}}
        run(cli, lambda session: session.cluster().patch(IDENTITY_PROVIDER, name, "", patch))
        write(cli.say(IS_OFF if disabled else IS_ON, name=name))

    @app.command(help=cli.say(HELP_DISABLE))
    def disable(name: Annotated[str, name_argument]) -> None:
        switch(name, disabled=True)

    @app.command(help=cli.say(HELP_ENABLE))
    def enable(name: Annotated[str, name_argument]) -> None:
        switch(name, disabled=False)

    @app.command(help=cli.say(HELP_SECRET))
    def secret(name: Annotated[str, name_argument]) -> None:
        body = {"value": _secret(cli)}
        run(cli, lambda session: session.call("PUT", f"{_path(name)}/secret", body))
        write(cli.say(KEPT, name=name))

    @app.command(help=cli.say(HELP_DELETE))
    def delete(
        name: Annotated[str, name_argument],
        yes: Annotated[bool, typer.Option("--yes", "-y", help=cli.say(OPT_YES))] = False,
    ) -> None:
        if not yes:
            typer.confirm(cli.say(SURE, name=name), abort=True)
        run(cli, lambda session: session.cluster().delete(IDENTITY_PROVIDER, name))
        write(cli.say(DELETED, name=name))


def _create(cli: Cli, name: str, spec: IdentityProviderSpec, secret: str) -> None:
    async def work(session: Session) -> None:
        item = IdentityProvider(metadata=ObjectMeta(name=name), spec=spec)
        await session.cluster().create(IDENTITY_PROVIDER, item)
        if secret:
            await session.call("PUT", f"{_path(name)}/secret", {"value": secret})

    run(cli, work)
    write(cli.say(MADE, name=name))


def _path(name: str) -> str:
    return f"/identityproviders/{quote(name, safe='')}"


def _common(cli: Cli, display_name: str, groups: Texts, just_in_time: bool, link_by_email: bool) -> dict[str, Any]:
    return {
        "display_name": display_name,
        "groups": tuple(_mapping(cli, text) for text in groups or ()),
        "accounts": "just-in-time" if just_in_time else "invited",
        "link_by_email": link_by_email,
    }


def _mapping(cli: Cli, text: str) -> GroupMapping:
    """A DN holds equals signs itself: the last one divides."""
    group, _, here = text.rpartition("=")
    if not group or not here:
        raise typer.BadParameter(cli.say(BAD_GROUP, text=text))
    return GroupMapping(group=group, as_group=here)


def _pem(cli: Cli, path: Path | None) -> str:
    try:
        return path.read_text() if path is not None else ""
    except (OSError, UnicodeDecodeError) as exc:
        raise SetupError(cli.say(NO_FILE, path=path, error=exc)) from exc


def _secret(cli: Cli) -> str:
    found = _typed(cli.say(ASK_SECRET))
    if not found:
        raise SetupError(cli.say(NO_SECRET))
    return found


def _typed(question: str) -> str:
    """Asked for at a terminal, else a line of standard input: never an argument, which others can see."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")
