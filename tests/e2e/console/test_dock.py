"""The terminal below the page: another container, files in and out, a container with tools; what fails says why."""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.console.conftest import NAMESPACE, PROJECT, Installation
from tests.harness.browser import Visitor
from tests.harness.cluster import eventually

BENCH = """
apiVersion: v1
kind: Pod
metadata: {name: bench, namespace: shop-web}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - {name: tool, image: "busybox:1.35", command: [sleep, "100000"]}
    - {name: other, image: "busybox:1.35", command: [sleep, "100000"], env: [{name: WHO, value: the-other-one}]}
"""


@pytest.fixture(scope="module")
def bench(installation: Installation) -> Iterator[str]:
    """A pod of two containers with a shell and tar."""
    cluster = installation.cluster
    cluster.apply(BENCH)
    cluster.kubectl("-n", NAMESPACE, "wait", "pod/bench", "--for=condition=Ready", "--timeout=90s", timeout=120)
    yield "bench"
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "bench", "--wait=false")


def open_terminal(visitor: Visitor, pod: str) -> Page:
    page = visitor.go(f"{PROJECT}/pods/{pod}")
    page.get_by_role("button", name="Terminal", exact=True).click()
    expect(screen(page)).to_contain_text("#")
    return page


def screen(page: Page) -> Locator:
    return page.locator(".xterm-rows")


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("combobox", name=field).click()
    page.get_by_role("option", name=option).click()


def test_a_shell_answers_in_the_container_that_is_chosen_and_comes_back(admin: Visitor, bench: str) -> None:
    page = open_terminal(admin, bench)
    choose(page, "Container", "other")
    expect(screen(page)).to_contain_text("#")
    page.keyboard.type("echo $WHO; exit\n")
    expect(screen(page)).to_contain_text("the-other-one")
    page.get_by_role("button", name="Connect again").click()
    expect(page.get_by_text("The terminal ended.")).to_have_count(0)
    page.keyboard.type("echo $((40+2))\n")
    expect(screen(page)).to_contain_text("42")
    assert admin.violations() == []


def test_files_go_up_and_come_down(admin: Visitor, bench: str, installation: Installation) -> None:
    page = open_terminal(admin, bench)
    content = b"never out of stock\n" * 20_000
    page.get_by_role("button", name="Upload").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "motto 格言.txt", "mimeType": "text/plain", "buffer": content}
    )
    dialog.get_by_role("textbox").fill("/no/such/place")
    dialog.get_by_role("button", name="Upload").click()
    expect(dialog.get_by_role("alert")).to_contain_text("/no/such/place")
    dialog.get_by_role("textbox").fill("/tmp")
    dialog.get_by_role("button", name="Upload").click()
    expect(dialog.get_by_role("status")).to_contain_text("Uploaded to /tmp")
    page.keyboard.press("Escape")
    there = installation.cluster.kubectl(
        "-n", NAMESPACE, "exec", "bench", "-c", "tool", "--", "wc", "-c", "/tmp/motto 格言.txt"
    )
    assert there.split()[0] == str(len(content))

    page.get_by_role("button", name="Download").click()
    dialog.get_by_role("textbox").fill("/tmp/motto 格言.txt")
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Download").click()
    assert saved.value.path().read_bytes() == content
    dialog.get_by_role("textbox").fill("/no/such/file")
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("alert")).to_contain_text("/no/such")


def test_a_transfer_is_stopped_half_way(admin: Visitor, bench: str, installation: Installation, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(4 << 30)  # holes: it takes no room here, and far longer to send than to stop
    page = open_terminal(admin, bench)
    page.get_by_role("button", name="Upload").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(big)
    dialog.get_by_role("button", name="Upload").click()
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.get_by_role("progressbar")).to_have_count(0)
    expect(dialog.get_by_text("Uploaded to")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Upload")).to_be_enabled()  # to try again

    def processes() -> str:
        return installation.cluster.kubectl("-n", NAMESPACE, "exec", "bench", "-c", "tool", "--", "ps")

    eventually(lambda: "tar -xmf" not in processes(), "the end of what received it")
    installation.cluster.kubectl("-n", NAMESPACE, "exec", "bench", "-c", "tool", "--", "rm", "-f", "/tmp/big")


def test_a_directory_comes_as_an_archive(admin: Visitor, bench: str) -> None:
    page = open_terminal(admin, bench)
    page.keyboard.type("mkdir -p /tmp/shop/wall && echo hello > /tmp/shop/wall/motto; echo ma$((1+1))de\n")
    expect(screen(page)).to_contain_text("ma2de")
    page.get_by_role("button", name="Download").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("/tmp/shop")
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Download").click()
    assert saved.value.suggested_filename == "shop.tar"
    with tarfile.open(saved.value.path()) as archive:
        motto = archive.extractfile("shop/wall/motto")
        assert motto is not None
        assert motto.read() == b"hello\n"


def test_a_container_with_tools_that_cannot_start_says_why(admin: Visitor, bench: str) -> None:
    page = open_terminal(admin, bench)
    page.get_by_role("button", name="Debug container").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Image").fill("busybox:no-such-version")
    dialog.get_by_role("button", name="Start").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no-such-version", timeout=60_000)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.locator(".xterm-screen").click()
    page.keyboard.type("echo st$((1+1))ill\n")
    expect(screen(page)).to_contain_text("st2ill")


def test_a_container_with_tools_joins_the_pod(admin: Visitor, bench: str) -> None:
    page = open_terminal(admin, bench)
    page.get_by_role("button", name="Debug container").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=60_000)
    expect(page.get_by_role("combobox", name="Container")).to_have_value(re.compile(r"debug-\d+"))
    expect(screen(page)).to_contain_text("#")
    page.keyboard.type("ps | grep -c 'sleep 10000[0]'\n")
    expect(screen(page)).to_contain_text("1")
