"""What every command is given."""

from dataclasses import dataclass

from armillary.base.words import Language, Words
from armillary.cli.platforms import PlatformFile


@dataclass(frozen=True, slots=True)
class Cli:
    """What every command knows: the language, and where tokens are kept."""

    language: Language
    file: PlatformFile

    def say(self, words: Words, **values: object) -> str:
        return words.say(self.language, **values)
