"""What the commands about workspaces, projects and quotas share: their options, and waiting until a thing is there."""

import asyncio
from collections.abc import Sequence
from typing import Any

import typer

from armillary.base.errors import Denied, NotFound, SetupError
from armillary.base.words import Words
from armillary.cli.context import Cli
from armillary.cli.output import Column
from armillary.cli.session import Session

WAIT_SECONDS, LOOK_SECONDS = 30.0, 0.2

OPT_OUTPUT = Words("Output format.", "输出格式。")
OPT_DISPLAY_NAME = Words("How people call it.", "显示名称。")
OPT_DESCRIPTION = Words("What it is for.", "描述。")
OPT_QUOTA = Words(
    "Quota, as requests.cpu=4,pods=20; NAME- takes one away. May be repeated.",
    "配额，例如 requests.cpu=4,pods=20；名称后加 - 表示取消该项。可重复指定。",
)
OPT_LIMITS = Words(
    "What containers get that ask for nothing, as cpu=500m,memory=512Mi. May be repeated.",
    "未声明资源的容器的默认限制，例如 cpu=500m,memory=512Mi。可重复指定。",
)
OPT_ISOLATED = Words(
    "Refuse traffic from outside, other than what is allowed.", "网络隔离：拒绝来自外部的流量（已允许的除外）。"
)
OPT_ALLOW = Words(
    "Who may come in all the same: workspace:NAME, namespace:NAME or addresses as 10.0.0.0/8. May be repeated.",
    "隔离时仍允许进入的来源：workspace:名称、namespace:名称 或网段（如 10.0.0.0/8）。可重复指定。",
)
OPT_WORKSPACE = Words(
    "Its workspace; the one of your sign-in if left out.", "所属企业空间；省略时使用登录时选定的企业空间。"
)
OPT_WAIT = Words("Wait until it can be used.", "等待直到可用。")
OPT_YES = Words("Do not ask.", "不再询问确认。")
NO_WORKSPACE = Words(
    "name a workspace with --workspace; armillary workspace list shows yours",
    "请用 --workspace 指定企业空间；armillary workspace list 可列出您的企业空间",
)
BAD_AMOUNT = Words(
    '"{text}" is not NAME=AMOUNT, as requests.cpu=4', "“{text}”的格式不是 名称=数量（例如 requests.cpu=4）"
)
NOTHING = Words("nothing to change: give at least one option", "没有要修改的内容：请至少指定一个选项")
NOT_YET = Words("{name} is made, and is not ready yet", "{name} 已创建，但尚未就绪")

TITLE_NAME = Words("NAME", "名称")
TITLE_STATE = Words("STATE", "状态")
TITLE_ROLE = Words("MY ROLE", "我的角色")
TITLE_DISPLAY_NAME = Words("DISPLAY NAME", "显示名称")
TITLE_NAMESPACE = Words("NAMESPACE", "命名空间")
TITLE_CREATED = Words("CREATED", "创建时间")
TITLE_ISOLATED = Words("ISOLATED", "网络隔离")
TITLE_MESSAGE = Words("MESSAGE", "说明")
ENDING, READY, PENDING = "Ending", "Ready", "Pending"

Texts = list[str] | None


def state(item: Any) -> str:
    """Of a workspace, project or cluster, in one word."""
    if item.get("ending"):
        return ENDING
    return READY if item["state"]["ready"] else PENDING


NAME = Column(TITLE_NAME, lambda item: item["name"])
STATE = Column(TITLE_STATE, state)
MESSAGE = Column(TITLE_MESSAGE, lambda item: item["state"]["message"])
CREATED = Column(TITLE_CREATED, lambda item: item["created"])
DISPLAY_NAME = Column(TITLE_DISPLAY_NAME, lambda item: item["displayName"])
ROLE = Column(TITLE_ROLE, lambda item: item["role"])
NAMESPACE = Column(TITLE_NAMESPACE, lambda item: item["namespace"])


def chosen_workspace(cli: Cli, given: str) -> str:
    """The one that is named, else the one of the sign-in. Raises SetupError if there is neither."""
    platform = cli.file.current()
    found = given or (platform.workspace if platform is not None else "")
    if not found:
        raise SetupError(cli.say(NO_WORKSPACE))
    return found


def amounts(cli: Cli, texts: Texts) -> dict[str, str | None]:
    """`a=1,b=2` and `c-`, as a merge patch has it. Raises BadParameter for what is neither."""
    found: dict[str, str | None] = {}
    for text in (part for given in texts or () for part in given.split(",")):
        name, equals, amount = text.partition("=")
        if equals and name and amount:
            found[name] = amount
        elif not equals and len(text) > 1 and text.endswith("-"):
            found[text[:-1]] = None
        else:
            raise typer.BadParameter(cli.say(BAD_AMOUNT, text=text))
    return found


def given_amounts(cli: Cli, texts: Texts) -> dict[str, str]:
    return {name: amount for name, amount in amounts(cli, texts).items() if amount is not None}


def allowed(texts: Texts) -> list[dict[str, str]]:
    """`workspace:a`, `namespace:b`, else addresses. An empty text empties the list."""
    return [_allowed(text) for text in texts or () if text]


def _allowed(text: str) -> dict[str, str]:
    sort, colon, name = text.partition(":")
    return {sort: name} if colon and sort in ("workspace", "namespace") else {"cidr": text}


def network(isolated: bool | None, allow: Texts) -> dict[str, Any]:
    """What was said of the network, and nothing else."""
    said: dict[str, Any] = {} if isolated is None else {"isolated": isolated}
    return said | ({} if allow is None else {"allow": allowed(allow)})


def given(**fields: Any) -> dict[str, Any]:
    """Those that were said."""
    return {name: value for name, value in fields.items() if value not in (None, {}, [])}


async def wait_ready(session: Session, path: str, name: str = "") -> Any | None:
    """What is at `path` (in a list, by name), once it is ready; None if that takes too long.

    Until roles are in place its own maker may not see it.
    """
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                found = await _look(session, path, name)
                if found is not None and found["state"]["ready"]:
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        return None


async def _look(session: Session, path: str, name: str) -> Any | None:
    try:
        found = await session.get(path)
    except (NotFound, Denied):
        return None
    return next((item for item in found["items"] if item["name"] == name), None) if name else found


async def one(session: Session, path: str, resource: str, name: str) -> Any:
    """Of a list, the item of that name. Raises NotFound."""
    items: Sequence[Any] = (await session.get(path))["items"]
    found = next((item for item in items if item["name"] == name), None)
    if found is None:
        raise NotFound(f'{resource} "{name}" not found')
    return found
