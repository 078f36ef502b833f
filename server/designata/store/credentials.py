"""A name and a password for another server, as Basic or Digest (RFC 7616), as it asks for."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_PART: Final = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
# Longer ones say nothing that is needed, and take long to read.
_LONGEST: Final = 2_000
_ALGORITHMS: Final = {"MD5": "md5", "SHA-256": "sha256"}


@dataclass
class Credentials:
    """Says nothing until the server has asked, and then what that scheme needs."""

    user: str
    password: str = field(repr=False)
    _challenge: Mapping[str, str] | None = field(default=None, repr=False)
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        """Copied into another process, it begins anew."""
        return Credentials, (self.user, self.password)

    def learn(self, challenge: str) -> bool:
        """Take a WWW-Authenticate header; False where it offers no scheme known here."""
        challenge = challenge[:_LONGEST]
        scheme = challenge.partition(" ")[0].lower()
        parts = {name.lower(): first or last for name, first, last in _PART.findall(challenge)}
        if scheme == "digest" and parts.get("algorithm", "MD5").upper() not in _ALGORITHMS:
            return False
        with self._lock:
            self._challenge, self._count = {**parts, "scheme": scheme}, 0
        return scheme in ("basic", "digest")

    def headers(self, method: str, url: str) -> Mapping[str, str]:
        """The Authorization for a request; nothing before a challenge."""
        with self._lock:
            challenge = self._challenge
            self._count += 1
            count = f"{self._count:08x}"
        if challenge is None:
            return {}
        if challenge["scheme"] == "basic":
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {"Authorization": self._digest(challenge, count, method, url)}

    def _digest(self, challenge: Mapping[str, str], count: str, method: str, url: str) -> str:
        algorithm = challenge.get("algorithm", "MD5").upper()
        address = urlsplit(url)
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")

        def hashed(*parts: str) -> str:
            content = ":".join(parts).encode()
            return hashlib.new(_ALGORITHMS[algorithm], content, usedforsecurity=False).hexdigest()

        who, what = hashed(self.user, realm, self.password), hashed(method, target)
        fields = {"username": self.user, "realm": realm, "nonce": nonce, "uri": target}
        bare = {"algorithm": algorithm}
        if "auth" in challenge.get("qop", "").replace(" ", "").split(","):
            fields["cnonce"] = secrets.token_hex(8)
            bare |= {"qop": "auth", "nc": count}
            fields["response"] = hashed(who, nonce, count, fields["cnonce"], "auth", what)
        else:
            fields["response"] = hashed(who, nonce, what)
        if "opaque" in challenge:
            fields["opaque"] = challenge["opaque"]
        quoted = [f'{name}="{value}"' for name, value in fields.items()]
        return "Digest " + ", ".join(
            [*quoted, *(f"{name}={value}" for name, value in bare.items())]
        )
