"""Recipes, names, and what is built from them."""

import pytest

from armillary.base.errors import SetupError
from armillary.engine.images.names import local_name
from armillary.engine.images.recipes import RECIPES, containerfile, with_bases


@pytest.mark.parametrize(
    ("reference", "stored"),
    [
        ("nginx", ("library/nginx", "latest")),
        ("nginx:1.22", ("library/nginx", "1.22")),
        ("docker.io/library/nginx:1.22", ("library/nginx", "1.22")),
        ("docker.io/nginx", ("library/nginx", "latest")),
        ("shop/api:1.0", ("shop/api", "1.0")),
        ("registry.example.com:5000/shop/api:1.0", ("shop/api", "1.0")),
        ("localhost/api", ("api", "latest")),
    ],
)
def test_names(reference: str, stored: tuple[str, str]) -> None:
    assert local_name(reference) == stored


@pytest.mark.parametrize("reference", ["", "UPPER", "a b", "a:b:c", "a/../etc", "nginx:-x"])
def test_what_is_no_name(reference: str) -> None:
    with pytest.raises(SetupError, match="image name"):
        local_name(reference)


def test_bases_come_first_and_once() -> None:
    assert [recipe.name for recipe in with_bases(["python", "nginx", "busybox"])] == [
        "debian",
        "python",
        "nginx",
        "busybox",
    ]


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_makes_a_containerfile(name: str) -> None:
    recipe = RECIPES[name]
    text = containerfile(recipe)
    assert text.startswith("FROM ")
    assert all(package in text for package in recipe.packages if recipe.base)
    assert recipe.summary
    assert "latest" in recipe.tags
