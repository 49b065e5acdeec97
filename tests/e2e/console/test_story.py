"""What people do with the console, from an empty workspace on, in both languages."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.console.conftest import PASSWORD, Installation
from tests.harness.browser import ORIGIN, Visitor, visiting
from tests.harness.cluster import Cluster, eventually

SLOW = 60_000  # milliseconds: pods start, images are pulled


@dataclass(frozen=True)
class Words:
    """What stands on the buttons."""

    create: str
    name: str
    image: str
    containers: str
    ports: str
    add_port: str
    network: str
    service: str
    reached: str
    node_port: str
    review: str
    accepted: str
    invite: str
    user: str
    add: str
    more: str
    change_image: str
    change: str
    why: str
    revisions: str
    roll_back: str
    actions: str
    terminal: str
    logs: str
    delete: str
    undo: str
    search: str


EN = Words(
    "Create", "Name", "Image", "Containers", "Ports", "Add a port", "Network", "Also create a service", "Reached",
    "On a port of every node", "Review", "The server accepts this", "Invite", "User name", "Add to the list",
    "One replica more", "Change image", "Change",
    "Why does this not work?", "Revisions", "Roll back", "Actions", "Terminal", "Logs", "Delete", "Undo",
    "Search in the log",
)  # fmt: skip
ZH = Words(
    "创建", "名称", "镜像", "容器", "端口", "添加端口", "网络", "同时创建服务", "访问方式",
    "每个节点的端口（NodePort）", "检查", "服务器接受", "邀请", "用户名", "添加到列表",
    "增加一个副本", "更换镜像", "更改", "为什么不能正常工作？", "修改记录", "回滚", "操作", "终端", "日志", "删除",
    "撤销", "在日志中搜索",
)  # fmt: skip
LANGUAGES = {"en": EN, "zh": ZH}


@pytest.mark.timeout(400)
def test_from_nothing_to_an_application_and_back(browser: Browser, installation: Installation, language: str) -> None:
    words, team = LANGUAGES[language], f"team-{language}"
    with visiting(browser, language=language) as visitor:
        visitor.sign_in("admin", PASSWORD)
        _makes_a_place(visitor, words, team)
        _invites(visitor, words, team)
        _deploys(visitor, words, team)
        _opens_it(installation.cluster, f"{team}-app")
        _scales_breaks_and_mends(visitor, words, team)
        _looks_inside(visitor, words, team, installation.cluster)
        _deletes_and_takes_it_back(visitor, words, team)


def _makes_a_place(visitor: Visitor, words: Words, team: str) -> None:
    page = visitor.go("/platform/workspaces")
    page.get_by_role("main").get_by_role("button", name=words.create).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=words.name, exact=False).first.fill(team)
    dialog.get_by_role("button", name=words.create, exact=True).click()
    page.wait_for_url(f"{ORIGIN}/w/{team}")
    page = visitor.go(f"/w/{team}/projects")
    page.get_by_role("button", name=words.create, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=words.name, exact=False).first.fill("app")
    dialog.get_by_role("button", name=words.create, exact=True).click()
    page.wait_for_url(f"{ORIGIN}/w/{team}/c/host/p/app")


def _invites(visitor: Visitor, words: Words, team: str) -> None:
    page = visitor.go(f"/w/{team}/c/host/p/app/members")
    page.get_by_role("button", name=words.invite).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=words.user).fill("vera")
    dialog.get_by_role("button", name=words.add).click()
    dialog.get_by_role("button", name=words.invite).click()
    expect(page.get_by_role("cell", name="vera", exact=True)).to_be_visible()


def _deploys(visitor: Visitor, words: Words, team: str) -> None:
    page = visitor.go(f"/w/{team}/c/host/p/app/deployments")
    page.get_by_role("button", name=words.create, exact=True).first.click()
    page.get_by_role("textbox", name=words.name, exact=False).first.fill("hello")
    _goes_to(page, words.containers)
    page.get_by_role("combobox", name=words.image).fill("nginx:stable")
    page.keyboard.press("Escape")
    page.get_by_text(words.ports, exact=True).click()
    page.get_by_role("button", name=words.add_port).click()
    page.get_by_role("textbox", name=re.compile(f"^{words.ports[:4]}")).fill("80")
    _goes_to(page, words.network)
    page.get_by_role("switch", name=words.service).click(force=True)
    page.get_by_role("combobox", name=words.reached).click()
    page.get_by_role("option", name=words.node_port).click()
    _goes_to(page, words.review)
    expect(page.get_by_text(words.accepted)).to_be_visible()
    page.get_by_role("button", name=words.create, exact=True).click()
    page.wait_for_url(f"{ORIGIN}/w/{team}/c/host/p/app/deployments/hello")
    expect(page.get_by_role("img").filter(has_text="1/ 1")).to_be_visible(timeout=SLOW)


def _goes_to(page: Page, step: str) -> None:
    page.locator("nav ol").get_by_role("button", name=step).click()


def _opens_it(cluster: Cluster, namespace: str) -> None:
    """As whoever has the address does."""
    port = cluster.kubectl("-n", namespace, "get", "service", "hello", "-o", "jsonpath={.spec.ports[0].nodePort}")
    eventually(
        lambda: "nginx" in cluster.run("curl", "-sS", f"http://127.0.0.1:{port}/", check=False).stdout, "it answers"
    )


def _scales_breaks_and_mends(visitor: Visitor, words: Words, team: str) -> None:
    page = visitor.go(f"/w/{team}/c/host/p/app/deployments/hello")
    page.get_by_role("button", name=words.more).click()
    expect(page.get_by_role("img").filter(has_text="2/ 2")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name=words.actions).click()
    page.get_by_role("menuitem", name=words.change_image).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=words.image).fill("nginx:no-such-version")
    dialog.get_by_role("button", name=words.change, exact=True).click()
    expect(page.get_by_role("heading", name=words.why)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("main")).to_contain_text("nginx:no-such-version")
    page.get_by_role("tab", name=words.revisions).click()
    page.get_by_role("button", name=words.roll_back).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("del")).to_contain_text("nginx:no-such-version")
    dialog.get_by_role("button", name=words.roll_back).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{ORIGIN}/w/{team}/c/host/p/app/deployments/hello")
    expect(page.get_by_role("heading", name=words.why)).to_have_count(0, timeout=SLOW)


def _looks_inside(visitor: Visitor, words: Words, team: str, cluster: Cluster) -> None:
    namespace = f"{team}-app"
    cluster.kubectl("-n", namespace, "rollout", "status", "deployment/hello", "--timeout=60s")
    pod = cluster.kubectl("-n", namespace, "get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
    page = visitor.go(f"/w/{team}/c/host/p/app/pods/{pod}")
    page.get_by_role("button", name=words.terminal).click()
    screen = page.get_by_role("application")
    expect(screen.locator(".xterm-rows")).to_contain_text("#", timeout=SLOW)
    page.keyboard.type("echo the answer is $((6*7)) | tee /proc/1/fd/1\n")
    expect(screen.locator(".xterm-rows")).to_contain_text("the answer is 42")
    page.get_by_role("button", name=words.logs).first.click()
    expect(page.get_by_role("log")).to_contain_text("the answer is 42", timeout=SLOW)
    page.get_by_role("textbox", name=words.search).fill("ANSWER")
    expect(page.get_by_role("log").locator("mark").first).to_have_text("answer")


def _deletes_and_takes_it_back(visitor: Visitor, words: Words, team: str) -> None:
    page = visitor.go(f"/w/{team}/c/host/p/app/deployments/hello")
    page.get_by_role("button", name=words.actions).click()
    page.get_by_role("menuitem", name=words.delete).click()
    page.get_by_role("dialog").get_by_role("button", name=words.delete).click()
    page.get_by_role("button", name=words.undo).click()
    page.goto(f"{ORIGIN}/w/{team}/c/host/p/app/deployments")
    expect(page.get_by_role("link", name="hello", exact=True)).to_be_visible(timeout=SLOW)


def test_a_viewer_sees_no_action_that_they_can_not_take(browser: Browser) -> None:
    with visiting(browser) as visitor:
        visitor.sign_in("vera", PASSWORD)
        page = visitor.go("/w/shop/c/host/p/web/deployments/storefront")
        expect(page.get_by_role("button", name="Redeploy")).to_be_disabled()
        expect(page.get_by_role("button", name="Scale")).to_be_disabled()
        expect(page.get_by_role("button", name="One replica more")).to_be_disabled()
        page.get_by_role("button", name="Actions").click()
        expect(page.get_by_role("menuitem", name="Delete")).to_be_disabled()


def test_a_foreign_tenant_sees_nothing(browser: Browser) -> None:
    with visiting(browser) as visitor:
        visitor.sign_in("eve", PASSWORD)
        page = visitor.go("/home")
        expect(page.get_by_role("link", name="bank")).to_be_visible()
        expect(page.get_by_role("link", name="shop")).to_have_count(0)
        for path in ("/w/shop", "/c/host/pods?open=shop-web/cart-0", "/c/host/deployments/storefront?ns=shop-web"):
            visitor.go(path)
            expect(page.locator("main")).not_to_contain_text("storefront-")
            expect(page.locator("main")).not_to_contain_text("nginx")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.type("storefront")
        expect(page.get_by_role("dialog")).to_contain_text("Nothing found")
