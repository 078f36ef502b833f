import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from designata import __version__, errors
from designata.cli import EXIT_CODES, VERBS, commands, run
from designata.settings import Settings, misspelt, table

Captured = pytest.CaptureFixture[str]


def all_errors(kind: type[errors.DesignataError]) -> Iterator[type[errors.DesignataError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from all_errors(each)


def test_every_exit_code_is_documented() -> None:
    codes = {kind.exit_code for kind in all_errors(errors.DesignataError)}
    assert codes <= set(EXIT_CODES)
    assert set(EXIT_CODES) - codes == {0}


def test_help_lists_verbs_codes_and_settings(capfd: Captured) -> None:
    assert run(["--help"]) == 0
    text = capfd.readouterr().out
    for word in (*VERBS, *map(str, EXIT_CODES), *(row.variable for row in table())):
        assert f" {word} " in text, word


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_examples_and_the_line_that_lists_it(verb: str, capfd: Captured) -> None:
    assert run([verb, "--help"]) == 0
    text = capfd.readouterr().out
    assert f"  designata {verb} " in text or f"  designata {verb}\n" in text
    assert "\\b" not in text
    command = commands.get_command(commands.make_context("designata", [verb]), verb)
    assert command is not None and command.help is not None
    assert " ".join(command.help.split("\n\n")[0].split()) == VERBS[verb].help


def test_the_version_is_told(capfd: Captured) -> None:
    assert run(["--version"]) == 0
    assert capfd.readouterr().out == f"designata {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nonsense"], 2, "No such command 'nonsense'"),
        (["asof"], 2, "Missing argument"),
        (["asof", "2024-13-01"], 2, "'2024-13-01' is not a day"),
        (["asof", "20241201"], 2, "'20241201' is not a day written as YYYY-MM-DD"),
        (["asof", "0024-12-01"], 2, "ask for a day from 1900-01-01 to 2099-12-31"),
        (["query", "no-such-file.rq"], 3, "no-such-file.rq: No such file"),
        (["query", "SELECT *\n{"], 5, "designata: "),
        (["query", "DELETE WHERE { ?s ?p ?o }"], 5, "read-only"),
        (["serve", "--load", "no-such-file.ttl"], 3, "no-such-file.ttl"),
        (["serve", "--load", "/"], 3, "name each of its files"),
        (["serve", "--load", f"http://e.x/%zz={__file__}"], 2, "'http://e.x/%zz' is not an IRI"),
        (["serve", "--load", "/dev/null"], 3, "no regular file"),
        (["serve", "--load", "x" * 300], 3, "there is no such file"),
        (["serve", "file.ttl"], 2, "write --load file.ttl"),
        (["serve", "--port", "70000"], 2, "70000"),
        (["serve", "--load", __file__, "--host", "ä..b"], 2, "'ä..b' is not an address to listen"),
        (["serve", "--load", __file__, "--host", "\udcff"], 2, "is not an address to listen on"),
        (["build", "--out", "/dev/null/x"], 4, "Not a directory"),
        (["build", "--out", ""], 2, "an argument is empty"),
        (["build", "--out="], 2, "an argument is empty"),
        (["publish"], 2, "say where the engine is: --to http://…, or DESIGNATA_STORE"),
        (["pull", "http://x/", "--release", "../x"], 2, "'../x' is no id of a release"),
        (["watch", "--every", "-1"], 2, "this takes seconds, from 0 to 3600"),
        (["watch", "--every", "nan"], 2, "this takes seconds, from 0 to 3600"),
        (["watch", "--every", "1e300"], 2, "this takes seconds, from 0 to 3600"),
        (["watch", "no-such-file.ttl"], 3, "no-such-file.ttl: there is no such file"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_refusal_is_one_message_and_its_code(
    arguments: list[str], code: int, message: str, capfd: Captured
) -> None:
    assert run(arguments) == code
    said = capfd.readouterr()
    assert said.out == ""
    assert message in said.err
    assert "Traceback" not in said.err


def test_a_setting_that_makes_no_sense_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    monkeypatch.setenv("DESIGNATA_QUERY_WORKERS", "many")
    assert run(["stats"]) == 2
    assert "this setting takes a whole number" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("QUERY_WORKERS", "0", "a whole number, at least 1 and at most 1000"),
        ("PAGE_WORKERS", "0", "a whole number, at least 1 and at most 1000"),
        ("WEB_PROCESSES", "-1", "a whole number, at least 1 and at most 1000"),
        ("PORT", "99999", "a whole number, at least 0 and at most 65535"),
        ("QUERY_SECONDS", "inf", "a number, at least 0.01 and at most 86400"),
        ("QUERY_SECONDS", "nan", "a number, at least 0.01 and at most 86400"),
        ("RESULT_BYTES", "9" * 20, "a whole number, at least 65536 and at most 281474976710656"),
        ("RESULT_BYTES", "-1", "a whole number, at least 65536 and at most 281474976710656"),
        ("WORKER_BYTES", "512", "a whole number, at least 16777216 and at most 281474976710656"),
        ("SANDBOX", "perhaps", "yes or no"),
        ("RELEASES", "", "something; leave it out for the default"),
        ("HOST", "", "something; leave it out for the default"),
    ],
)
def test_a_setting_has_bounds(
    name: str, value: str, wanted: str, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    monkeypatch.setenv(f"DESIGNATA_{name}", value)
    assert run(["serve"]) == 2
    said = f"designata: DESIGNATA_{name}={value!r}: this setting takes {wanted}\n"
    assert capfd.readouterr().err == said


def test_every_default_is_within_its_bounds() -> None:
    texts = {row.variable: str(row.default) for row in table()}
    assert Settings.load(texts) == Settings()


def test_proxies_that_are_no_addresses_are_a_usage_error_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, capfd: Captured, tmp_path: Path
) -> None:
    monkeypatch.setenv("DESIGNATA_TRUSTED_PROXIES", "nginx")
    monkeypatch.setenv("DESIGNATA_RELEASES", str(tmp_path / "releases"))
    assert run(["serve", "--port", "0"]) == 2
    assert capfd.readouterr().err.startswith("designata: DESIGNATA_TRUSTED_PROXIES=nginx: 'nginx'")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("DESIGNATA_QUERY_SECOND", ["DESIGNATA_QUERY_SECONDS"]),
        ("DESIGNATA_TRUSTED_PROXY", ["DESIGNATA_TRUSTED_PROXIES"]),
        ("DESIGNATA_QUERY_SECONDS", []),
        ("DESIGNATA_W3C", []),
        ("DESIGNATA_SERVICE_HOST", []),
        ("QUERY_SECOND", []),
    ],
)
def test_a_misspelt_setting_is_recognised(variable: str, meant: list[str]) -> None:
    assert list(misspelt({variable: "5"})) == [(variable, name) for name in meant]


def test_nowhere_to_write_is_said(tmp_path: Path) -> None:
    file, gone = tmp_path / "x.ttl", tmp_path / "gone"
    file.write_text("<urn:a> <urn:b> 1 .")
    code = (
        f"import sys, tempfile; tempfile.tempdir = {str(gone)!r}; from designata.cli import run; "
        f"sys.exit(run(['serve', '--port', '0', '--load', {str(file)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (
        4,
        "",
        "designata: there is no folder for temporary files (No such file or directory); "
        "let /tmp be written, or name another in TMPDIR\n",
    )


def test_an_error_of_ours_is_called_so(monkeypatch: pytest.MonkeyPatch, capfd: Captured) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("designata.commands.stats.current_release", fail)
    assert run(["stats"]) == 70
    assert "please report it" in capfd.readouterr().err


def test_python_m_designata_is_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "designata", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"designata {__version__}\n")


@pytest.mark.usefixtures("here")
def test_a_reader_that_goes_away_is_no_error() -> None:
    text = "SELECT * { ?a ?p ?x . ?b ?p ?y }"
    command = [sys.executable, "-m", "designata", "query", text, "--format", "csv"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--format", "jsonl"]])
def test_a_disk_that_is_full_is_told(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "designata", *arguments]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
        quiet = subprocess.run(command, stdout=full, stderr=full)
    assert (done.returncode, done.stderr) == (
        4,
        "designata: input or output: No space left on device\n",
    )
    assert quiet.returncode == 4


def test_help_does_not_load_what_only_other_verbs_need() -> None:
    code = (
        "import sys; from designata.cli import run; run(['--help']); run(['format', '--help']);"
        "names = ('rdflib', 'flask', 'pyshacl', 'httptools');"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_output_is_utf_8_wherever_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "x.ttl"
    file.write_text('<urn:a> <urn:b> "\u0645" .', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "designata", "format", "--check", str(file)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (
        1,
        [b"1 not in normal form: run `designata format`"],
    )
    assert "\u0645" in done.stdout.decode("utf-8")


def test_a_report_that_cannot_be_written_is_no_file_that_cannot_be_read(
    tmp_path: Path, capfd: Captured
) -> None:
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text("<urn:a> <urn:b> <urn:c> .\n")
    shapes.write_text("<urn:s> <http://www.w3.org/ns/shacl#targetSubjectsOf> <urn:b> .\n")
    assert run(["validate", "-s", str(shapes), str(data), "-o", "/dev/null/x"]) == 4
    assert capfd.readouterr().err == "designata: /dev/null/x: Not a directory\n"


def test_a_link_that_leads_to_itself_is_a_file_that_cannot_be_read(
    tmp_path: Path, capfd: Captured
) -> None:
    link = tmp_path / "loop.ttl"
    link.symlink_to(link)
    assert run(["validate", str(link)]) == 3
    assert capfd.readouterr().err == f"designata: {link}: Too many levels of symbolic links\n"


def test_a_literal_that_is_too_long_names_its_line(tmp_path: Path, capfd: Captured) -> None:
    data = tmp_path / "huge.nt"
    data.write_text(f'<urn:a> <urn:b> "c" .\n<urn:a> <urn:b> "{"x" * 17_000_000}" .\n')
    assert run(["validate", str(data)]) == 3
    assert capfd.readouterr().err.startswith(f"designata: {data}:2: Reached the buffer")


def test_a_name_that_is_no_text_is_shown_escaped(tmp_path: Path) -> None:
    data = os.fsencode(tmp_path) + b"/bad\xff.ttl"
    Path(os.fsdecode(data)).write_text("<#a> <http://e.x/b> 'c' .\n")
    command = [sys.executable, "-m", "designata", "format", "--check", data]
    found = subprocess.run(command, capture_output=True, check=False)
    assert found.returncode == 1
    assert found.stdout.startswith(b"--- " + os.fsencode(tmp_path) + b"/bad\\udcff.ttl\n")
