"""Paths find their routes, and names in them are plain."""

import pytest

from armillary.base.errors import BadRequest
from armillary.platform.frame.router import Router


def router(*paths: str) -> Router[str]:
    found: Router[str] = Router()
    for path in paths:
        found.add("GET", path, path)
    return found


@pytest.mark.parametrize(
    ("path", "route", "names"),
    [
        ("/a", "/a", {}),
        ("/a/b", "/a/{x}", {"x": "b"}),
        ("/a/me", "/a/me", {}),
        ("/a/me/c", "/a/{x}/c", {"x": "me"}),  # the literal leads nowhere: back to the parameter
        ("/a/b/c/d", "/a/{x}/c/{y}", {"x": "b", "y": "d"}),
        ("/a/system%3Ax", "/a/{x}", {"x": "system:x"}),
        ("/", "/", {}),
    ],
)
def test_routes(path: str, route: str, names: dict[str, str]) -> None:
    found = router("/", "/a", "/a/{x}", "/a/me", "/a/me/d", "/a/{x}/c", "/a/{x}/c/{y}").find(path)
    assert found is not None
    assert (found.methods["GET"], found.path) == (route, names)


@pytest.mark.parametrize("path", ["/b", "/a/", "/a/b/", "/a//", "//", "/a/b/d"])
def test_nothing_there(path: str) -> None:
    assert router("/", "/a", "/a/{x}", "/a/{x}/c").find(path) is None


@pytest.mark.parametrize(
    "name", ["..", ".", "%2e%2e", "a%2fb", "a%5Cb", "a%00", "a%0a", "a%20b", "%25", "a%3fb", "a%23", "a;b"]
)
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(BadRequest):
        router("/a/{x}").find(f"/a/{name}")


def test_routes_are_there_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        router("/a", "/a")
    with pytest.raises(ValueError, match="calls this parameter"):
        router("/a/{x}", "/a/{y}/b")
