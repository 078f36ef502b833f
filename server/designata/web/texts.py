"""Text in its language and direction, and the one order in which languages stand in for another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal

RIGHT_TO_LEFT: Final = frozenset(
    "ar arc arz ckb dv fa he khw ks lrc nqo ps sd syr ug ur yi".split()
)
_RIGHT_TO_LEFT_SCRIPTS: Final = frozenset("arab hebr syrc thaa nkoo adlm rohg".split())
_LANGUAGES: Final = {
    "ar": "Arabic",
    "az": "Azerbaijani",
    "bg": "Bulgarian",
    "bs": "Bosnian",
    "ckb": "Central Kurdish",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "kk": "Kazakh",
    "ko": "Korean",
    "ku": "Kurdish",
    "ky": "Kyrgyz",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sr": "Serbian",
    "sv": "Swedish",
    "tg": "Tajik",
    "tr": "Turkish",
    "tt": "Tatar",
    "ug": "Uyghur",
    "uk": "Ukrainian",
    "und": "language not stated",
    "ur": "Urdu",
    "uz": "Uzbek",
    "zh": "Chinese",
}
_SCRIPTS: Final = {
    "latn": "Latin script",
    "arab": "Arabic script",
    "cyrl": "Cyrillic script",
    "hebr": "Hebrew script",
}


def direction(language: str) -> str:
    """`rtl` or `ltr` for a BCP 47 tag; its script decides where it names one; `auto` without."""
    if not language:
        return "auto"
    primary, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), None)
    if script:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if primary in RIGHT_TO_LEFT else "ltr"


def language_name(language: str) -> str:
    """A BCP 47 tag for people: `Arabic (Latin script)`."""
    primary, *rest = language.lower().split("-")
    name = _LANGUAGES.get(primary, primary)
    script = next((_SCRIPTS[part] for part in rest if part in _SCRIPTS), None)
    return f"{name} ({script})" if script else name


@dataclass(frozen=True, slots=True)
class Text:
    """A text to show; `machine` is the literal's own form where that reads differently."""

    value: str
    language: str = ""
    machine: str | None = None
    direction: str = ""

    @classmethod
    def of(cls, literal: Literal) -> Text:
        """The text of a literal."""
        own = str(literal.direction) if literal.direction else ""
        return cls(literal.value, literal.language or "", direction=own)

    @property
    def dir(self) -> str:
        """The direction for HTML's `dir`: its own, else the one of its language."""
        return self.direction or direction(self.language)

    @property
    def language_name(self) -> str:
        """The language for people."""
        return language_name(self.language) if self.language else ""

    def __str__(self) -> str:
        return self.value


def preference(language: str) -> tuple[int, str]:
    """Where a language stands: English, none stated, Latin script, then by tag."""
    tag = language.lower()
    if tag == "en":
        return 0, tag
    if tag.startswith("en-"):
        return 1, tag
    if tag in ("", "mul", "und"):
        return 2, tag
    return (3, tag) if "-latn" in tag else (4, tag)


def preferred(literals: Iterable[Literal]) -> Text | None:
    """The one literal to show of several, always the same one."""
    ordered = sorted(literals, key=lambda one: (preference(one.language or ""), one.value))
    return Text.of(ordered[0]) if ordered else None
