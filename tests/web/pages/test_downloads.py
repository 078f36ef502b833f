"""The release's files over HTTP."""

import base64
import gzip
import hashlib
import os
import time
from email.utils import formatdate

import pytest
from flask.testing import FlaskClient

from designata.store.directory import Release

TURTLE = "/release/1.0.0-0123456789ab/designata.ttl"


def digest(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_a_file_comes_byte_for_byte_as_it_was_built(
    small: FlaskClient, small_release: Release
) -> None:
    for name, facts in small_release.manifest["files"].items():
        reply = small.get(f"/release/{small_release.id}/{name}")
        content = small_release.file(name).read_bytes()
        assert (reply.status_code, reply.data) == (200, content)
        assert reply.mimetype == facts["mediaType"]
        assert reply.headers["Repr-Digest"] == digest(content)
        assert reply.headers["Accept-Ranges"] == "bytes"
        assert reply.headers["Content-Location"] == f"/release/{small_release.id}/{name}"
        assert "Content-Encoding" not in reply.headers
        assert "Content-Disposition" not in reply.headers


def test_turtle_says_its_character_set(small: FlaskClient) -> None:
    assert small.get(TURTLE).headers["Content-Type"] == "text/turtle; charset=utf-8"


@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS"])
def test_the_lists_of_digests_are_there(
    small: FlaskClient, small_release: Release, name: str
) -> None:
    found = small.get(f"/release/latest/{name}", follow_redirects=True)
    assert found.data == (small_release.path / name).read_bytes()


def test_latest_is_short_lived_and_dated_is_for_ever(
    small: FlaskClient, small_release: Release
) -> None:
    for name in ("designata.ttl", "designata.nq.gz", "manifest.json", "SHA256SUMS", ""):
        dated = f"/release/{small_release.id}/{name}"
        for ask in (small.get, small.head):
            latest = ask(f"/release/latest/{name}", headers={"Range": "bytes=0-9"})
            assert (latest.status_code, latest.headers["Location"]) == (302, dated)
            assert latest.headers["Cache-Control"] == "public, max-age=300"
        kept = small.get(dated).headers["Cache-Control"]
        assert kept == ("public, max-age=31536000, immutable" if name else "max-age=300")


def test_a_file_says_since_when_it_is_here(small: FlaskClient, small_release: Release) -> None:
    path = small_release.file("designata.ttl")
    moment = formatdate(path.stat().st_mtime, usegmt=True)
    assert small.get(TURTLE).headers["Last-Modified"] == moment
    known = small.get(TURTLE, headers={"If-Modified-Since": moment})
    assert (known.status_code, known.data) == (304, b"")
    for since, status in ((time.time(), 304), (path.stat().st_mtime - 1, 200), (4.1e9, 200)):
        field = {"If-Modified-Since": formatdate(since, usegmt=True)}
        assert small.get(TURTLE, headers=field).status_code == status
    other = {"If-Modified-Since": moment, "If-None-Match": '"other"'}
    assert small.get(TURTLE, headers=other).status_code == 200


def test_a_file_is_packed_where_that_is_accepted(small: FlaskClient) -> None:
    plain, packed = small.get(TURTLE), small.get(TURTLE, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Repr-Digest"] == digest(packed.data)
    assert (
        "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in packed.headers["Vary"]
    )


@pytest.mark.parametrize("accepted", ["gzip;q=0", "identity, gzip;q=0.5", "br"])
def test_a_file_is_not_packed_where_that_is_not_wanted(small: FlaskClient, accepted: str) -> None:
    reply = small.get(TURTLE, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in reply.headers


def test_a_packed_file_has_a_name_of_its_own(small: FlaskClient) -> None:
    reply = small.get(f"{TURTLE}.gz", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in reply.headers
    assert reply.headers["Content-Disposition"] == "attachment; filename=designata.ttl.gz"
    assert gzip.decompress(reply.data) == small.get(TURTLE).data
    assert reply.data == small.get(f"{TURTLE}.gz").data


def test_a_part_of_a_file_can_be_had(small: FlaskClient) -> None:
    whole = small.get(TURTLE)
    headers = {"Range": "bytes=10-19", "Accept-Encoding": "gzip"}
    part = small.get(TURTLE, headers=headers)
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.data)}"
    assert part.headers["Content-Length"] == "10"
    assert part.headers["ETag"] == whole.headers["ETag"]


def test_a_part_is_had_by_get_alone(small: FlaskClient) -> None:
    whole = small.get(TURTLE)
    for part in ("bytes=10-19", f"bytes={len(whole.data)}-"):
        head = small.head(TURTLE, headers={"Range": part})
        assert (head.status_code, head.headers["Accept-Ranges"]) == (200, "bytes")
        assert head.headers["Content-Length"] == str(len(whole.data))


def test_a_part_beyond_the_end_is_refused(small: FlaskClient) -> None:
    length = len(small.get(TURTLE).data)
    reply = small.get(TURTLE, headers={"Range": f"bytes={length}-"})
    assert (reply.status_code, reply.mimetype) == (416, "application/problem+json")
    assert reply.json and reply.json["type"].endswith("/range-not-satisfiable")
    assert reply.headers["Content-Range"] == f"bytes */{length}"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Repr-Digest" not in reply.headers


def test_what_the_client_wants_of_the_state_comes_before_the_part(small: FlaskClient) -> None:
    whole = small.get(TURTLE)
    beyond = {"Range": "bytes=999999999-"}
    early, since = "Thu, 01 Jan 2004 00:00:00 GMT", whole.headers["Last-Modified"]
    for field, value, status in (
        ("If-Unmodified-Since", early, 412),
        ("If-Unmodified-Since", since, 416),
        ("If-Match", '"another"', 412),
        ("If-Match", whole.headers["ETag"], 416),
        ("If-None-Match", whole.headers["ETag"], 304),
    ):
        assert small.get(TURTLE, headers={**beyond, field: value}).status_code == status
    both = {**beyond, "If-Match": "*", "If-Unmodified-Since": early}
    assert small.get(TURTLE, headers=both).status_code == 416


def test_a_part_of_an_older_file_is_the_whole_new_one(small: FlaskClient) -> None:
    tag = small.get(TURTLE).headers["ETag"]
    same = small.get(TURTLE, headers={"Range": "bytes=0-0", "If-Range": tag})
    older = small.get(TURTLE, headers={"Range": "bytes=0-0", "If-Range": '"older"'})
    assert (same.status_code, older.status_code) == (206, 200)


def test_a_date_names_the_bytes_where_no_coding_could_be_meant(
    small: FlaskClient, small_release: Release
) -> None:
    path = small_release.file("designata.ttl")
    moment = path.stat().st_mtime
    try:
        for age, coding, status in ((9, "identity", 206), (9, "gzip", 200), (0, "identity", 200)):
            os.utime(path, (time.time() - age,) * 2)
            since = formatdate(path.stat().st_mtime, usegmt=True)
            fields = {"Range": "bytes=0-0", "If-Range": since, "Accept-Encoding": coding}
            assert small.get(TURTLE, headers=fields).status_code == status
            fields["If-Range"] = formatdate(path.stat().st_mtime + 1, usegmt=True)
            assert small.get(TURTLE, headers=fields).status_code == 200
    finally:
        os.utime(path, (moment, moment))


def test_who_has_the_whole_in_a_coding_gets_no_part(small: FlaskClient) -> None:
    fields = {"Range": "bytes=0-9", "Accept-Encoding": "gzip"}
    tag = small.get(TURTLE, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    has = small.get(TURTLE, headers={**fields, "If-None-Match": tag})
    assert (has.status_code, has.headers["ETag"]) == (304, tag)
    part = small.get(TURTLE, headers={**fields, "If-None-Match": '"other"'})
    assert (part.status_code, part.data) == (206, small.get(TURTLE).data[:10])


def test_an_unchanged_file_is_not_sent_again(small: FlaskClient) -> None:
    tag = small.get(TURTLE).headers["ETag"]
    for sent in (tag, f'"other", {tag}', "*"):
        reply = small.get(TURTLE, headers={"If-None-Match": sent, "Range": "bytes=0-9"})
        assert (reply.status_code, reply.data) == (304, b"")
        assert reply.headers["ETag"] == tag


@pytest.mark.parametrize("address", [TURTLE, "/doc/base/hmeimim.ttl", "/ontology.ttl"])
def test_who_wants_only_another_state_gets_none(small: FlaskClient, address: str) -> None:
    whole = small.get(address)
    packed = small.get(address, headers={"Accept-Encoding": "gzip"})
    for tag in (whole.headers["ETag"], f'"other", {whole.headers["ETag"]}', "*"):
        assert small.get(address, headers={"If-Match": tag}).data == whole.data
    same = {"If-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"}
    assert small.get(address, headers=same).data == packed.data
    for tag in ('"other"', f"W/{whole.headers['ETag']}", "", "other"):
        reply = small.get(address, headers={"If-Match": tag})
        assert (reply.status_code, reply.mimetype) == (412, "application/problem+json")
        assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", [TURTLE, "/doc/base/hmeimim.ttl", "/static/designata.css"])
def test_who_wants_only_an_older_state_gets_none(small: FlaskClient, address: str) -> None:
    moment = small.get(address).headers["Last-Modified"]
    early, late = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    never = f"Mon, 01 Jan {'9' * 30} 00:00:00 GMT"
    for since, status in ((moment, 200), (early, 412), (late, 200), ("soon", 200), (never, 200)):
        assert small.get(address, headers={"If-Unmodified-Since": since}).status_code == status
    tag = small.get(address).headers["ETag"]
    for other in ({"If-None-Match": tag}, {"If-Modified-Since": moment}):
        both = {**other, "If-Unmodified-Since": early}
        assert small.get(address, headers=both).status_code == 412
    same = {"If-None-Match": tag, "If-Unmodified-Since": late}
    assert small.get(address, headers=same).status_code == 304
    both = {"If-Match": "*", "If-Unmodified-Since": early}
    assert small.get(address, headers=both).status_code == 200


def test_the_style_of_the_pages_is_a_file_like_others(small: FlaskClient) -> None:
    address = "/static/designata.css"
    whole = small.get(address)
    packed = small.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == whole.data
    for one, coding in ((whole, "identity"), (packed, "gzip")):
        same = {"If-Match": one.headers["ETag"], "Accept-Encoding": coding}
        assert small.get(address, headers=same).data == one.data
    part = {"Range": "bytes=0-9"}
    assert small.get(address, headers=part).data == whole.data[:10]
    for tag in (f"W/{whole.headers['ETag']}", whole.headers["ETag"].strip('"')):
        assert small.get(address, headers={**part, "If-Range": tag}).status_code == 200
    beyond = small.get(address, headers={"Range": "bytes=9999999-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole.data)}"
    assert small.get("/static/nothing.css").status_code == 404


def test_head_says_the_length(small: FlaskClient) -> None:
    got, head = small.get(TURTLE), small.head(TURTLE)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Length", "ETag", "Repr-Digest", "Content-Type"):
        assert head.headers[name] == got.headers[name]


MISSING = [
    "/release/latest/nothing.ttl",
    "/release/latest/designata.ttl.gz.gz",
    "/release/latest/..%2Fmanifest.json",
    "/release/latest/%2e%2e/designata.ttl",
    "/release/1.0.0-ffffffffffff/designata.ttl",
    "/release/..%2f..%2fetc/passwd",
    "/release/nothing/",
]


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_in_a_release_is_not_found(small: FlaskClient, path: str) -> None:
    assert small.get(path).status_code == 404


def test_the_page_of_a_release_lists_its_files(small: FlaskClient, small_release: Release) -> None:
    page = small.get("/release/").text
    assert small_release.id in page
    for name in small_release.manifest["files"]:
        assert f'href="/release/latest/{name}"' in page
    assert small.get("/release").headers["Location"] == "/release/"
    assert small.get("/release/latest").headers["Location"] == f"/release/{small_release.id}/"
    assert small.get(f"/release/{small_release.id}/").status_code == 200
