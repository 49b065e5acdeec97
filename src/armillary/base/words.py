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


def language_of(environment: Mapping[str, str]) -> Language:
    """As POSIX has it: LC_ALL, else LC_MESSAGES, else LANG decides; ARMILLARY_LANG goes before them."""
    for variable in ("ARMILLARY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(variable, "")
        if value:
            return Language.CHINESE if value.lower().startswith("zh") else Language.ENGLISH
    return Language.ENGLISH
