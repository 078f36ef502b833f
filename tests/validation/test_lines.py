from __future__ import annotations

from pathlib import Path

import pytest

from designata.turtle import read
from designata.validation import validate, validate_statements

SHAPES = """
ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ;
  sh:property [ sh:path ex:p ; sh:datatype xsd:integer ] ;
  sh:property [ sh:path ex:q ; sh:minCount 1 ] .
"""
BY_HAND = '''# a comment, and a subject with its values over several lines
ex:one ex:q 1 ;
  ex:p 1, 2,
    "LINE 4",
    3 ; # ex:p "not here"
  ex:p """a text
over several lines, LINE 7""" ;
  ex:r ( 1 2
    3 ) .

ex:two ex:p "LINE 11" ; ex:q [ ex:r 1 ;
    ex:r 2 ] .
ex:three ex:r [
    ex:p "LINE 14" ; ex:q 2 ] ; ex:p "LINE 14 too" ; ex:q "#" .
'''


@pytest.mark.parametrize("suffix", (".ttl", ".trig"))
def test_each_result_has_the_line_of_its_triple(check, line, tmp_path, suffix):
    found = {}
    for result in check(BY_HAND, SHAPES).results:
        assert result.triple is not None
        found[result.value] = line(result.line)
    for value, number in found.items():
        assert value is not None
        wanted = int(value.partition("LINE ")[2].split('"')[0].split()[0])
        assert abs(number - wanted) <= 1, (value, number)
    assert len(found) == 5


def test_lines_are_exact_in_our_normal_form(check, line):
    data = 'ex:a\n    ex:p\n        "x",\n        "y" ;\n    ex:q 1\n.\n\nex:b\n    ex:p 1\n.\n'
    results = check(data, SHAPES).results
    assert [(each.value, line(each.line)) for each in results] == [
        ('"x"', 3),
        ('"y"', 4),
        (None, 9),
    ]


def test_a_missing_value_is_shown_at_the_subject(check, line):
    (result,) = check("ex:z ex:q 1 .\n\nex:a\n  ex:p 1 .", SHAPES).results
    assert (result.focus, line(result.line), result.triple) == ("<http://example.org/a>", 4, None)


def test_a_value_too_many_is_shown_at_the_last_one(check, line):
    shapes = "ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."
    (result,) = check("ex:a ex:p 1 ;\n ex:p 2 .", shapes).results
    assert line(result.line) == 2


PATHS = {
    "[ sh:inversePath ex:p ]": 2,
    "( ex:q ex:r )": 4,
    "[ sh:alternativePath ( ex:none ex:q ) ]": 3,
    "[ sh:zeroOrMorePath ex:q ]": 3,
}


@pytest.mark.parametrize(("path", "number"), PATHS.items(), ids=PATHS)
def test_the_last_step_of_a_path_has_the_line(check, line, path, number):
    data = "ex:a ex:s 1 .\nex:z ex:p ex:a .\nex:a ex:q ex:b .\nex:b ex:r ex:c ."
    shapes = f"ex:S sh:targetNode ex:a ; sh:property [ sh:path {path} ; sh:nodeKind sh:Literal ] ."
    results = check(data, shapes).results
    assert number in [line(each.line) for each in results]


def test_a_focus_node_that_is_only_a_value_is_shown_there(check, line):
    shapes = "ex:S sh:targetObjectsOf ex:p ; sh:nodeKind sh:Literal ; sh:minLength 3 ."
    results = check('ex:a ex:q 1 .\nex:a ex:p ex:b ;\n ex:p "x" .', shapes).results
    assert [line(each.line) for each in results] == [2, 3]


def test_blank_nodes_have_lines_too(check, line):
    data = "[] ex:q 1 ;\n ex:p 1 .\n[] ex:q 1 ;\n ex:p 1, 2 .\n[] ex:p 3, [] .\n"
    results = check(data, SHAPES).results
    assert [line(each.line) for each in results] == [5, 5]
    assert len({each.focus for each in results}) == 1


def test_equal_labels_in_two_files_are_two_nodes(tmp_path: Path):
    guard = tmp_path / "shapes.ttl"
    guard.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> sh:targetSubjectsOf <urn:p> ;"
        "sh:property [ sh:path <urn:p> ; sh:maxCount 1 ] ."
    )
    files = [tmp_path / "one.ttl", tmp_path / "two.nt"]
    files[0].write_text("_:x <urn:p> 1 .")
    files[1].write_text('_:x <urn:p> "2" .\n')
    assert validate(files, [guard]).conforms


def test_statements_that_were_read_already_give_the_same_report(tmp_path: Path):
    guard = tmp_path / "shapes.ttl"
    guard.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> sh:targetSubjectsOf <urn:p> ;"
        "sh:property [ sh:path <urn:p> ; sh:nodeKind sh:IRI ] ."
    )
    files = [tmp_path / "one.ttl", tmp_path / "two.trig"]
    files[0].write_text('<urn:a> <urn:p> <urn:b> ,\n "x" .\n[] <urn:p> 3 .')
    files[1].write_text('<urn:g> {\n <urn:c> <urn:p> "y" }')
    statements = [(path, statement) for path in files for statement in read(path)]
    report = validate(files, [guard])
    assert validate_statements(iter(statements), [guard]).results == report.results
    assert [(each.file.name, each.line) for each in report.results if each.file] == [
        ("one.ttl", 2),
        ("one.ttl", 3),
        ("two.trig", 2),
    ]


def test_a_line_of_a_million_characters_is_read(check, line):
    data = f'ex:a ex:p "{"x" * 1_000_000}" ;\n ex:q 1 .'
    (result,) = check(data, SHAPES).results
    assert line(result.line) == 1
