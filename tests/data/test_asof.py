"""Who held HTS designated on the days that matter, by the question and by the command."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal

from designata.store.directory import Release
from designata.store.pool import Pool
from designata.store.question import fill
from designata.store.rows import rows
from designata.vocabulary import PREFIXES, term

HERE = Path(__file__).parent
TABLE = list(
    csv.DictReader((HERE / "asof.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t")
)
DAYS = [column for column in TABLE[0] if column[0].isdigit()]
HTS = "hayat-tahrir-al-sham"


def ask(pool: Pool, day: str) -> dict[str, dict[str, str]]:
    found = rows(pool, f"SELECT ?text {{ {term('query:asof')} {term('sh:select')} ?text }}")
    values = {
        "date": Literal(day, datatype=term("xsd:date")),
        "organization": term(f"organization:{HTS}"),
        "authority": None,
    }
    answers = rows(pool, fill(found[0]["text"].value, values))
    return {
        row["programme"].value.rpartition("/")[2]: {k: v.value for k, v in row.items()}
        for row in answers
    }


@pytest.mark.parametrize("day", DAYS)
def test_answer_of_each_authority(pool: Pool, day: str) -> None:
    answers = {programme: row["answer"] for programme, row in ask(pool, day).items()}
    assert answers == {row["programme"]: row[day] for row in TABLE}


@pytest.mark.parametrize("day", DAYS)
def test_command_says_what_the_question_says(pool: Pool, release: Release, day: str) -> None:
    command = [sys.executable, "-m", "designata", "asof", day, "--organization", HTS]
    environment = {**os.environ, "DESIGNATA_RELEASES": str(release.path.parent)}
    done = subprocess.run(
        [*command, "--format", "json"], env=environment, capture_output=True, check=True
    )
    found = json.loads(done.stdout)
    keys = {"organization", "authority", "programme", "answer", "coverage", "act", "name"}
    assert all(set(row) == keys | {"period", "sources"} for row in found)
    expected = ask(pool, day)
    assert len(found) == len(expected)
    for row in found:
        same = expected[row["programme"].rpartition("/")[2]]
        assert {key: row[key] for key in keys} == {key: same.get(key) for key in keys}
        assert sorted(row["sources"]) == sorted(same["sources"].split())


def act(slug: str) -> str:
    return PREFIXES["act"] + slug


def test_alias_of_another_entry_comes_before_the_entry_of_its_own(pool: Pool) -> None:
    before, after = ask(pool, "2014-05-13")["un-1267"], ask(pool, "2014-05-14")["un-1267"]
    assert before["coverage"] == PREFIXES["coverage-kind"] + "alias-of"
    assert before["act"] == act("un-2013-05-30-al-nusra-alias")
    assert after["coverage"] == PREFIXES["coverage-kind"] + "own-entry"
    assert after["act"] == act("un-2014-05-14-al-nusra-listing")
    assert after["name"] == "Al-Nusrah Front for the People of the Levant"


def test_name_follows_the_amendments(pool: Pool) -> None:
    names = {day: ask(pool, day)["us-fto"]["name"] for day in ("2016-11-13", "2016-11-14")}
    assert names == {"2016-11-13": "Jabhat al-Nusra", "2016-11-14": "Jabhat Fath al Sham"}
    assert ask(pool, "2018-06-04")["un-1267"]["name"] == "Jabhat Fath al-Sham"
    assert ask(pool, "2018-06-06")["un-1267"]["name"] == "Hayat Tahrir al-Sham"


def test_revocation_is_the_act_once_it_is_over(pool: Pool) -> None:
    assert ask(pool, "2025-07-08")["us-fto"]["act"] == act("us-2025-07-08-hts-fto-revocation")
    assert ask(pool, "2026-02-26")["un-1267"]["answer"] == "certain"
    assert ask(pool, "2026-02-27")["un-1267"]["act"] == act("un-2026-02-27-hts-removal")


def test_absence_on_a_checked_list_is_no(pool: Pool) -> None:
    row = ask(pool, "2026-07-21")["eu-881-2002"]
    assert row["answer"] == "no"
    assert row["sources"] == PREFIXES["source"] + "eu-881-2002-annex-i-2026-07-21"
    assert ask(pool, "2026-07-22")["eu-881-2002"]["answer"] == "unknown"


def test_organ_finds_the_designations_of_its_state(pool: Pool, release: Release) -> None:
    command = [sys.executable, "-m", "designata", "asof", "2018-06-06", "--organization", HTS]
    environment = {**os.environ, "DESIGNATA_RELEASES": str(release.path.parent)}
    for authority in ("united-states", "us-department-of-state"):
        done = subprocess.run(
            [*command, "--authority", authority, "--format", "json"],
            env=environment,
            capture_output=True,
            check=True,
        )
        programmes = [row["programme"].rpartition("/")[2] for row in json.loads(done.stdout)]
        assert programmes == ["us-fto", "us-sdgt"]
