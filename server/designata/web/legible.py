"""Pages without the characters that HTML does not allow, whatever data and requests hold."""

from __future__ import annotations

import re
from typing import Any, Final

from jinja2 import Template

_PLANES: Final = "".join(
    f"{chr(first)}-{chr(first + 0xFFFD)}" for first in range(0x10000, 0x110000, 0x10000)
)
# In the order in which they are frequent, so that a long page takes few milliseconds.
_FORBIDDEN: Final = re.compile(f"[^ -~\n\xa0-\ufdcf\ufdf0-\ufffd\t\f\r{_PLANES}]")


class Legible(Template):
    """A template that shows U+FFFD for each control character and noncharacter."""

    def render(self, *given: Any, **values: Any) -> str:
        """The page."""
        return _FORBIDDEN.sub("\ufffd", super().render(*given, **values))
