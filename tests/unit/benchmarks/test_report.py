"""A ratio above 1 is good for us, whichever way a figure counts."""

import pytest
from benchmarks.report import Figure, medians, plain, ratio


@pytest.mark.parametrize(
    ("better", "ours", "theirs", "wanted"),
    [("less", 2.0, 6.0, 3.0), ("more", 6.0, 2.0, 3.0), ("less", 2.0, 0.0, 0.0), ("more", 0.0, 2.0, 0.0)],
)
def test_ratios(better: str, ours: float, theirs: float, wanted: float) -> None:
    assert ratio(Figure("x", ours, "s", better), theirs) == wanted


def test_each_figure_is_the_median_of_its_rounds() -> None:
    rounds = [[Figure("a", value, "s", "less"), Figure("b", 1.0, "s", "less")] for value in (5.0, 1.0, 2.0)]
    assert [(f.name, f.value) for f in medians(rounds)] == [("a", 2.0), ("b", 1.0)]


def test_a_competitor_of_this_run_comes_before_the_reference() -> None:
    ours = [Figure("a", 1.0, "s", "less", reference=9.0)]
    assert plain("x", ours)[0]["ratio"] == 9.0
    (told,) = plain("x", ours, [Figure("a", 3.0, "s", "less")])
    assert (told["competitor"], told["ratio"]) == (3.0, 3.0)
