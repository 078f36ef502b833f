"""What the files for running it name exists, and what they promise holds."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from designata.cli import VERBS
from designata.errors import UsageError
from designata.settings import Settings, table
from designata.store.directory import Release
from designata.web.probes import PATHS

NAMES = {row.variable for row in table()}
OWN = 10001


@pytest.fixture(scope="module")
def deploy(checkout: Path) -> Path:
    return checkout / "deploy"


@pytest.fixture(scope="module")
def cluster(deploy: Path) -> dict[str, Any]:
    """The objects for Kubernetes, by their kinds."""
    text = (deploy / "kubernetes/designata.yaml").read_text()
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


@pytest.fixture(scope="module")
def composed(deploy: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((deploy / "compose.yaml").read_text())
    return found


@pytest.fixture(scope="module")
def services(composed: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = composed["services"]
    return found


@pytest.fixture(scope="module")
def image(deploy: Path) -> list[str]:
    """The instructions of the Dockerfile, each in one line."""
    text = re.sub(r"^#.*\n", "", (deploy / "Dockerfile").read_text(), flags=re.M)
    return re.sub(r"\s*\\\n\s*", " ", text).strip().splitlines()


def test_every_setting_that_is_named_exists(deploy: Path) -> None:
    files = [path for path in deploy.rglob("*") if path.is_file()]
    assert len(files) >= 9
    named = {
        name for path in files for name in re.findall(r"DESIGNATA_[A-Z_]+\b", path.read_text())
    }
    assert len(named) > 5
    assert named <= NAMES


def test_every_command_that_is_named_exists(deploy: Path, cluster: dict[str, Any]) -> None:
    text = (deploy / "README.md").read_text() + (deploy / "systemd/designata.service").read_text()
    found = re.findall(r"(?:bin/|run --rm server |^)designata ([a-z]+)", text, re.M)
    pod = cluster["Deployment"]["spec"]["template"]["spec"]
    found += [one["args"][0] for one in (*pod["initContainers"], *pod["containers"])]
    assert {"serve", "pull"} <= set(found) <= set(VERBS)


def test_every_file_that_is_named_exists(
    checkout: Path, deploy: Path, image: list[str], services: dict[str, Any]
) -> None:
    copied = [line.split()[1:-1] for line in image if re.match(r"COPY (?!--)", line)]
    sources = [checkout / name for names in copied for name in names]
    built = services["server"]["build"]
    sources.append(deploy / built["context"] / built["dockerfile"])
    mounted = [text.split(":")[0] for one in services.values() for text in one["volumes"]]
    sources += [deploy / text for text in mounted if text.startswith("./")]
    text = (deploy / "README.md").read_text()
    made = {"deploy/.env"}
    sources += [checkout / name for name in {*re.findall(r"\bdeploy/[\w./-]+\w", text)} - made]
    assert len(sources) > 12
    assert [path for path in sources if not path.exists()] == []


def test_the_image_gets_what_it_copies_and_nothing_else(deploy: Path, image: list[str]) -> None:
    lines = (deploy / "Dockerfile.dockerignore").read_text().splitlines()
    copied = {
        name for line in image if re.match(r"COPY (?!--)", line) for name in line.split()[1:-1]
    }
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied


def test_the_image_has_no_compiler_and_no_root(image: list[str]) -> None:
    starts = [number for number, line in enumerate(image) if line.startswith("FROM ")]
    assert len(starts) == 2
    final = image[starts[1] :]
    assert final[0] == "FROM python:3.11-slim-bookworm"
    (installed,) = (line for line in final if "apt-get install" in line)
    assert re.findall(r"--no-install-recommends (.*?) &&", installed) == ["libmimalloc2.0 tini"]
    assert f"USER {OWN}:{OWN}" in final
    (check,) = (line for line in final if line.startswith("HEALTHCHECK"))
    assert "http://127.0.0.1:8000/readyz" in check
    assert "/readyz" in PATHS
    assert not re.search(r"gcc|g\+\+|build-essential|-dev\b", " ".join(final))


def test_the_containers_give_up_what_they_do_not_need(services: dict[str, Any]) -> None:
    for name, one in services.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
    assert "ports" not in services["server"]
    assert set(services["server"]["networks"]) == {"inside"}
    assert services["server"]["memswap_limit"] == services["server"]["mem_limit"]


def test_the_server_keeps_its_address_and_nginx_knows_it(composed: dict[str, Any]) -> None:
    services = composed["services"]
    (network,) = composed["networks"]["inside"]["ipam"]["config"]
    address = services["server"]["networks"]["inside"]["ipv4_address"]
    assert services["nginx"]["environment"]["NGINX_UPSTREAM"] == f"{address}:8000"
    assert ip_address(address) in ip_network(network["subnet"])
    assert ip_address(address) not in ip_network(network["ip_range"])
    trusted = services["server"]["environment"]["DESIGNATA_TRUSTED_PROXIES"]
    assert network["subnet"] in trusted.split(", ")


def test_the_names_for_nginx_are_those_of_its_template(
    deploy: Path, services: dict[str, Any]
) -> None:
    template = (deploy / "nginx/designata.conf.template").read_text()
    used = set(re.findall(r"\$\{(\w+)\}", template))
    given = set(re.findall(r"^(\w+)=", (deploy / "nginx/debian.env").read_text(), re.M))
    assert used == given == set(services["nginx"]["environment"])


def test_the_pods_are_closed_and_probed(cluster: dict[str, Any]) -> None:
    assert {"Deployment", "Service", "ConfigMap"} <= set(cluster)
    pod = cluster["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == OWN
    for one in (*pod["initContainers"], *pod["containers"]):
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert one["resources"]["limits"]["memory"]
    (server,) = pod["containers"]
    probes = {name: server[name]["httpGet"]["path"] for name in ("livenessProbe", "readinessProbe")}
    assert probes == {"livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    selector = cluster["Service"]["spec"]["selector"]
    assert selector == cluster["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert set(cluster["ConfigMap"]["data"]) <= NAMES | {"ORIGIN"}


def test_what_is_counted_in_nginx_is_what_the_server_takes(deploy: Path) -> None:
    text = (deploy / "nginx/designata.conf.template").read_text()
    largest = 3 * Settings().query_bytes + 16_384
    assert f"client_max_body_size {largest // 1024}k;" in text
    idle = re.search(r"keepalive_timeout (\d+)s;\n}", text)
    assert idle and int(idle[1]) < 2 * Settings().query_seconds + 10
    caddy = (deploy / "caddy/Caddyfile").read_text()
    assert f"max_size {largest // 1024}KiB" in caddy
    found = re.search(r"@large header_regexp Content-Length (\S+)", caddy)
    assert found
    for size in (0, 9, largest - 1, largest, 14_689, 20_000, 99_999):
        assert (re.fullmatch(found[1], str(size)) is not None) == (size > largest), size
    for size in (largest + 1, 114_690, 114_700, 115_000, 120_000, 200_000, 999_999, 10**6, 10**9):
        assert re.fullmatch(found[1], str(size)), size


def test_the_unit_is_understood_and_closed(
    deploy: Path, require: Callable[[str], str], tmp_path: Path
) -> None:
    text = (deploy / "systemd/designata.service").read_text()
    lines = text.splitlines()
    assert {"OOMPolicy=continue", "Type=notify", "MemorySwapMax=0"} <= set(lines)
    assert f"RestartPreventExitStatus={UsageError.exit_code}" in lines
    program = shutil.which("true")
    # The account and the program of the real one are not here.
    text = text.replace("/opt/designata/bin/designata", str(program))
    text = re.sub(r"^(User|Group)=.*", r"\1=daemon", text, flags=re.M)
    unit = tmp_path / "designata.service"
    unit.write_text(text)
    analyze = require("systemd-analyze")
    seen = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True)
    assert (seen.returncode, seen.stderr) == (0, "")
    command = [analyze, "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)]
    rated = subprocess.run(command, capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout[-500:]


def test_the_unit_lets_the_query_processes_close_themselves_in(
    deploy: Path, require: Callable[[str], str]
) -> None:
    """The calls that start a process and shut it in are in the set that the unit allows."""
    analyze = require("systemd-analyze")

    def calls(name: str) -> set[str]:
        if not name.startswith("@"):
            return {name}
        done = subprocess.run([analyze, "syscall-filter", name], capture_output=True, text=True)
        found = set()
        for line in map(str.strip, done.stdout.splitlines()[1:]):
            if line and not line.startswith("#"):
                found |= calls(line)
        return found

    rows = re.findall(
        r"^SystemCallFilter=(.*)", (deploy / "systemd/designata.service").read_text(), re.M
    )
    assert len(rows) == 2
    allowed = set().union(*map(calls, rows[0].split()))
    allowed -= set().union(*map(calls, rows[1].removeprefix("~").split()))
    needed = (
        "clone clone3 fork vfork execve prctl seccomp prlimit64 setrlimit flock kill socketpair"
    )
    assert set(needed.split()) <= allowed


def test_the_configuration_fits_into_the_one_of_debian(
    deploy: Path, require: Callable[[str], str], tmp_path: Path, release: Release
) -> None:
    nginx, main = require("nginx"), Path("/etc/nginx/nginx.conf")
    if not main.is_file():
        pytest.skip("there is no configuration of the distribution")
    text = (deploy / "nginx/designata.conf.template").read_text()
    for line in (deploy / "nginx/debian.env").read_text().splitlines():
        name, _, value = line.partition("=")
        text = text.replace(f"${{{name}}}", value.strip('"'))
    assert text.count("listen 80 ") == text.count("listen [::]:80 ") == 1
    text = text.replace("/var/", f"{tmp_path}/").replace("listen 80 ", "listen 127.0.0.1:28180 ")
    text = text.replace("listen [::]:80 ", "listen [::]:28180 ")
    for folder in ("log/nginx", "cache/nginx", "lib/designata", "conf.d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "conf.d/designata.conf").write_text(text)
    merged = main.read_text().replace("/etc/nginx/conf.d", f"{tmp_path}/conf.d")
    merged = re.sub(r"^.*(sites-enabled|modules-enabled).*$", "", merged, flags=re.M)
    merged = merged.replace("/var/log/", f"{tmp_path}/log/").replace("/run/", f"{tmp_path}/")
    (tmp_path / "nginx.conf").write_text(merged)
    command = [nginx, "-t", "-e", str(tmp_path / "log/e"), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def closed_in(require: Callable[[str], str], release: Release, tmp_path: Path) -> Iterator[Any]:
    """`designata serve` as in the image: nobody's account, nothing writable but /tmp."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    unshare, setpriv = require("unshare"), require("setpriv")
    releases = tmp_path / "releases"
    shutil.copytree(release.path.parent, releases, symlinks=True)
    releases.chmod(0o755)
    # Python and its libraries may lie where that account must not look: they are shown elsewhere.
    shown = {"/mnt/python": sys.base_prefix, "/mnt/releases": str(releases)}
    for number, one in enumerate(one for one in sys.path if not one.startswith(sys.base_prefix)):
        shown[f"/mnt/{number}"] = one
    mounts = [f"mkdir {place} && mount --bind '{one}' {place}" for place, one in shown.items()]
    script = f"""
    set -e
    mount --make-rprivate / && mount -t tmpfs none /mnt && mkdir /mnt/tmp
    {" && ".join(mounts)}
    mount -t tmpfs -o mode=1777 none /mnt/tmp
    mount -o bind,remount,ro /mnt/releases && mount -o bind,remount,ro / && cd /
    exec {setpriv} --reuid {OWN} --regid {OWN} --clear-groups --no-new-privs \
        --bounding-set=-all --inh-caps=-all "$@"
    """
    python = f"/mnt/python/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    command = [unshare, "--mount", "sh", "-c", script, "sh", python]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": ":".join(place for place in shown if place[5:].isdecimal()),
        "LD_LIBRARY_PATH": "/mnt/python/lib",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": "/mnt/tmp",
        "XDG_STATE_HOME": "/mnt",
        "DESIGNATA_RELEASES": "/mnt/releases",
        "DESIGNATA_PORT": "0",
    }
    if subprocess.run([*command, "-c", ""], env=environment, capture_output=True).returncode:
        pytest.skip("no name space of one's own for mounts is given here")
    command += ["-m", "designata", "serve", "--no-build"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def test_it_serves_without_root_and_without_writing(closed_in: Any, release: Release) -> None:
    from urllib.request import urlopen

    line = closed_in.stdout.readline()
    assert line.startswith("Serving"), line
    address = line.split()[-1]
    with urlopen(f"{address}readyz") as reply:
        assert reply.read() == f"ready: {release.id}\n".encode()
    status = Path(f"/proc/{closed_in.pid}/status").read_text()
    assert re.search(r"^Uid:\t10001\t", status, re.M)
    assert re.search(r"^CapBnd:\t0+$", status, re.M)
    with urlopen(f"{address}sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D") as reply:
        assert b"true" in reply.read()
