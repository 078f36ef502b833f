"""Constraints on text: length, pattern and language (section 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from designata.validation.compiled import Finding, FocusTest, Table, ValueTest
from designata.validation.constraints.context import Context, component
from designata.validation.regular import Pattern
from designata.validation.terms import Node, is_blank, is_literal, split_literal, text_of


def _length(local: str, context: Context) -> Iterator[ValueTest]:
    limit = context.parameters.integer(local)
    if limit is None:
        return
    least = local == "minLength"

    def bad(values: set[Node]) -> set[Node]:
        return {
            value
            for value in values
            if is_blank(value)
            or (len(text_of(value)) < limit if least else len(text_of(value)) > limit)
        }

    words = "at least" if least else "at most"
    hint = f"the text must have {words} {limit} characters"
    yield ValueTest(component("MinLength" if least else "MaxLength"), bad, hint)


def pattern(context: Context) -> Iterator[ValueTest]:
    """Values must match a regular expression of SPARQL."""
    flags = context.parameters.text("flags") or ""
    for node in context.parameters.all("pattern"):
        if not is_literal(node):
            raise context.parameters.wrong("pattern", "must be a string")
        try:
            compiled = Pattern(text_of(node), flags)
        except ValueError as error:
            raise context.parameters.wrong("pattern", str(error)) from None
        shown = text_of(node)
        hint = f"the text must match {shown}"
        yield ValueTest(component("Pattern"), compiled.mismatches, hint)


def languages(context: Context) -> Iterator[ValueTest]:
    """Values must have a language tag from a list of ranges."""
    head = context.parameters.one("languageIn")
    if head is None:
        return
    ranges = [text_of(node).lower() for node in context.parameters.items("languageIn", head)]

    def bad(values: set[Node]) -> set[Node]:
        return {value for value in values if not _matches(value, ranges)}

    hint = f"the text must be in one of the languages {', '.join(ranges)}"
    yield ValueTest(component("LanguageIn"), bad, hint)


def _matches(value: Node, ranges: Iterable[str]) -> bool:
    tag = split_literal(value).language.lower() if is_literal(value) else ""
    return bool(tag) and any(
        each == "*" or tag == each or tag.startswith(each + "-") for each in ranges
    )


def unique_language(context: Context) -> Iterator[FocusTest]:
    """No two values may have the same language."""
    if context.parameters.all("uniqueLang"):
        context.only_for_properties("uniqueLang")
    if not context.parameters.boolean("uniqueLang"):
        return
    if context.parameters.all("uniqueLang")[0].startswith('"1"'):
        return
    yield FocusTest(component("UniqueLang"), _twice, "there are two texts in one language")


def _twice(table: Table) -> Iterator[Finding]:
    for focus, values in table.items():
        if len(values) > 1:
            seen: dict[str, int] = {}
            for value in values:
                tag = split_literal(value).language.lower() if is_literal(value) else ""
                seen[tag] = seen.get(tag, 0) + 1
            yield from (Finding(focus) for tag, count in seen.items() if tag and count > 1)


BUILDERS: Final[dict[str, Callable[[Context], Iterator[ValueTest | FocusTest]]]] = {
    "minLength": partial(_length, "minLength"),
    "maxLength": partial(_length, "maxLength"),
    "pattern": pattern,
    "languageIn": languages,
    "uniqueLang": unique_language,
}
