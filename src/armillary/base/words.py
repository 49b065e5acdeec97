"""Text for people, in English and 简体中文: one `Words` value per sentence, chosen by the user's locale."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Language(Enum):
    """Languages in which everything a person sees exists."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in each language; `{name}` stands for a value."""

    en: str
    zh: str

    def say(self, language: Language, **values: object) -> str:
        """The sentence with its values filled in."""
        return (self.zh if language is Language.CHINESE else self.en).format(**values)


def spoken(tag: str) -> Language:
    """The one of ours that a language tag stands for (RFC 5646): English, unless it is Chinese."""
    return Language.CHINESE if tag.strip().lower().startswith("zh") else Language.ENGLISH


def accepted(header: str) -> Language | None:
    """The one of ours that an Accept-Language header likes best (RFC 9110, 12.5.4); None if it names none."""
    liked: list[tuple[float, Language]] = []
    for part in header.lower().split(","):
        tag, _, weight = part.partition(";")
        if tag.strip()[:2] in ("zh", "en"):
            liked.append((_quality(weight), spoken(tag)))
    best = max(liked, key=lambda one: one[0], default=None)  # of equal ones the first
    return best[1] if best and best[0] > 0 else None


def _quality(weight: str) -> float:
    try:
        return float(weight.partition("q=")[2] or 1)
    except ValueError:
        return 0.0


def language_of(environment: Mapping[str, str]) -> Language:
    """As POSIX has it: LC_ALL, else LC_MESSAGES, else LANG decides; ARMILLARY_LANG goes before them."""
    for variable in ("ARMILLARY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(variable, "")
        if value:
            return spoken(value)
    return Language.ENGLISH
