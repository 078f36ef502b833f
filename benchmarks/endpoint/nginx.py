"""nginx with a cache before a server, and nginx with a file: the least that each takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

CONFIGURATION = """
{user}
daemon off;
worker_processes auto;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000;
    types {{ text/turtle ttl; }}
    {cache}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        {location}
    }}
}}
"""
CACHE = """
    proxy_cache_path cache keys_zone=answers:10m max_size=500m;
    upstream inner { server 127.0.0.1:%d; keepalive 16; }
"""
PROXY = """
        location / {
            proxy_pass http://inner;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_cache answers;
            proxy_cache_key "$request_method$request_uri$http_accept";
        }
"""


def proxy(folder: Path, port: int, inner: int) -> Sequence[str]:
    """The command for a cache before the server at a port."""
    return _command(folder, port, cache=CACHE % inner, location=PROXY)


def files(folder: Path, port: int, root: Path) -> Sequence[str]:
    """The command for the files of a folder."""
    return _command(folder, port, cache="sendfile on;", location=f"root {root};")


def _command(folder: Path, port: int, cache: str, location: str) -> Sequence[str]:
    user = "user root;" if os.geteuid() == 0 else ""
    text = CONFIGURATION.format(user=user, port=port, cache=cache, location=location)
    (folder / "nginx.conf").write_text(text)
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
