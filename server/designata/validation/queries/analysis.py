"""Reading a query into its groups; what SHACL does not allow in a constraint is refused."""

from __future__ import annotations

from typing import Final

from designata.validation.queries.structure import Group, Select, Structure
from designata.validation.queries.tokens import Token, tokenise

_AGGREGATES: Final = frozenset("COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
_REFUSED: Final = {
    "MINUS": "MINUS",
    "VALUES": "VALUES",
    "SERVICE": "SERVICE (a federated query)",
}
_TERMS: Final = frozenset(("iri", "name", "var", "string", "number", "word"))


def analyse(query: str) -> Structure:
    """The structure of a query; ValueError where SHACL does not allow what it does."""
    return _Reader(tokenise(query)).query()


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = [*tokens, Token("end", "", 0, 0)]
        self._at = 0
        self._found = Structure(Select("", 0, 0), Group("", 0))
        for token in tokens:
            if token.kind == "word" and token.text in _REFUSED:
                raise ValueError(f"{_REFUSED[token.text]} is not allowed in a constraint")

        self._found.used_prefixes = {
            token.text.partition(":")[0] for token in tokens if token.kind == "name"
        }

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        if token.kind == "end":
            raise ValueError("the query ends too early")
        self._at += 1
        return token

    def _expect(self, sign: str) -> Token:
        token = self._next()
        if token.text != sign:
            raise ValueError(f"{sign} expected before {token.text}")
        return token

    def query(self) -> Structure:
        found = self._found
        while self._peek().text in ("PREFIX", "BASE"):
            if self._next().text == "PREFIX":
                name = self._next().text
                found.prefixes[name[:-1]] = self._next().text[1:-1]
            else:
                raise ValueError("BASE is not supported in a constraint: write whole IRIs")
        found.select, found.group = self._select("")
        return found

    def _select(self, role: str) -> tuple[Select, Group]:
        """SELECT or ASK with its group and its modifiers."""
        start = self._next()
        if start.text not in ("SELECT", "ASK"):
            raise ValueError(f"a SELECT or an ASK is needed, not {start.text}")
        select, used = Select(start.text, start.start, start.end), set[str]()
        if self._peek().text in ("DISTINCT", "REDUCED"):
            select.head_end = self._next().end
        while self._peek().text not in ("WHERE", "{"):
            token = self._next()
            if token.text == "FROM":
                raise ValueError("FROM is not allowed in a constraint")
            if token.kind == "var":
                select.projected.add(token.text)
            elif token.text == "*":
                select.star = True
            elif token.text == "(":
                select.projected.add(self._projection(select, used))
        if self._peek().text == "WHERE":
            self._next()
        group = self._group(role)
        group.elsewhere |= used
        self._modifiers(select, group)
        return select, group

    def _projection(self, select: Select, used: set[str]) -> str:
        """`(expression AS ?name)`; gives the name."""
        name, depth = "", 1
        while depth:
            token = self._next()
            depth += (token.text == "(") - (token.text == ")")
            if token.kind == "word" and token.text in _AGGREGATES:
                select.aggregates = True
            if token.kind == "word" and token.text == "AS" and depth == 1:
                name = self._next().text
                self._found.assigned.add(name)
            elif token.kind == "var":
                used.add(token.text)
        return name

    def _modifiers(self, select: Select, group: Group) -> None:
        clause = ""
        while self._peek().kind != "end" and self._peek().text != "}":
            token = self._next()
            if token.kind == "word" and token.text in ("GROUP", "HAVING", "ORDER"):
                clause = token.text
                if clause != "HAVING":
                    after = self._expect("BY").end
                    select.group_at = after if clause == "GROUP" else select.group_at
            elif token.kind == "word" and token.text in ("LIMIT", "OFFSET"):
                select.sliced = True
            elif token.kind == "word" and token.text == "AS":
                self._found.assigned.add(self._peek().text)
            elif token.kind == "word" and token.text in _AGGREGATES:
                select.aggregates = True
            elif token.kind == "var":
                group.elsewhere.add(token.text)
                if clause == "GROUP":
                    select.grouped.add(token.text)

    def _group(self, role: str) -> Group:
        group = Group(role, self._expect("{").end)
        if self._peek().text == "SELECT" and self._peek().kind == "word":
            select, inner = self._select("SELECT")
            inner.select = select
            group.children.append(inner)
            self._expect("}")
            return group
        triples = _Triples(self._found, group)
        while True:
            token = self._next()
            if token.text == "}" and token.kind == "sign":
                return group
            if not self._element(token, group, triples):
                triples.take(token)

    def _element(self, token: Token, group: Group, triples: _Triples) -> bool:
        """Read an element that is not a triple; False where it is one."""
        if token.kind == "sign" and token.text == "{":
            self._at -= 1
            group.children.append(self._group("PLAIN"))
        elif token.kind == "word" and token.text in ("OPTIONAL", "UNION"):
            group.children.append(self._group(token.text))
        elif token.kind == "word" and token.text == "GRAPH":
            name = self._next()
            self._found.opaque = True
            if name.kind == "var":
                group.elsewhere.add(name.text)
            group.children.append(self._group("GRAPH"))
        elif token.kind == "word" and token.text == "FILTER":
            self._filter(group)
        elif token.kind == "word" and token.text == "BIND":
            self._expression(group, group.elsewhere)
        else:
            return False
        triples.restart()
        return True

    def _filter(self, group: Group) -> None:
        while self._peek().kind in ("word", "iri", "name"):
            if self._next().text == "EXISTS":
                group.children.append(self._group("EXISTS"))
                return
        self._expression(group, group.in_filters)

    def _expression(self, group: Group, used: set[str]) -> None:
        """A bracketed expression."""
        self._expect("(")
        depth = 1
        while depth:
            token = self._next()
            if token.kind == "sign":
                depth += (token.text == "(") - (token.text == ")")
            elif token.kind == "var":
                used.add(token.text)
            elif token.kind == "word" and token.text == "EXISTS":
                group.children.append(self._group("EXISTS"))
            elif token.kind == "word" and token.text == "AS":
                self._found.assigned.add(self._next().text)


class _Triples:
    """Follows the triples of a group, and knows where a property is expected."""

    def __init__(self, found: Structure, group: Group) -> None:
        self._found, self._group = found, group
        self._stack: list[tuple[str, int]] = []
        self._place = 0
        self._skip = False
        self._ends: list[Token] = []

    def restart(self) -> None:
        """A new triple begins after an element of another kind."""
        self._place, self._stack = 0, []

    def take(self, token: Token) -> None:
        """The next token of the group's triples."""
        if token.kind in _TERMS:
            self._term(token)
        elif token.kind == "sign":
            self._sign(token.text)

    def _term(self, token: Token) -> None:
        if self._skip:
            self._skip = False
            return
        if token.kind == "var":
            self._group.in_triples.add(token.text)
        if self._in_list() and self._place != 1:
            return
        if self._place == 1:
            if token.kind == "var":
                self._found.any_predicate = True
            self._found.predicates.add(token.text)
        elif self._place == 2 and len(self._ends) == 2:
            self._group.patterns.append((self._ends[0], self._ends[1], token))
        if self._place < 2:
            self._ends = [*self._ends[: self._place], token]
        self._place = min(self._place + 1, 2)

    def _in_list(self) -> bool:
        return bool(self._stack) and self._stack[-1][0] == "("

    def _sign(self, sign: str) -> None:
        self._found.opaque |= sign not in (".", ";", ",", "^^")
        if sign == ".":
            self._place = 0
        elif sign == ";" or (sign in "/|" and self._place == 2):
            self._place = 1
        elif sign == "[":
            self._stack.append((sign, self._place))
            self._place = 1
        elif sign == "(":
            self._stack.append(("path" if self._place == 1 else sign, self._place))
        elif sign in "])" and self._stack:
            kind, place = self._stack.pop()
            self._place = 2 if kind == "path" else min(place + 1, 2)
        elif sign == "!" or sign in ("<<", ">>"):
            self._found.any_predicate = True
        elif sign == "^^":
            self._skip = True
