"""Rosters, folders of clones and cohort.toml: what is understood, and what is said of what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops_grade.batch.cohort import Cohort, load_cohort, read_roster, slug
from mlops_grade.errors import UsageError


def roster(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "roster.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def refused(file: Path) -> str:
    with pytest.raises(UsageError) as refusal:
        read_roster(file)
    return str(refusal.value)


def test_a_roster_names_students_and_where_their_work_is(tmp_path: Path) -> None:
    text = "student,repository,ref,lms_id,email\nada,https://example.org/ada.git,main,7,ada@example.org\nbob,clones/bob,,,\n"
    ada, bob = read_roster(roster(tmp_path, text)).students
    assert (ada.id, ada.repository, ada.ref, ada.lms_id) == ("ada", "https://example.org/ada.git", "main", "7")
    assert bob.repository == str(tmp_path / "clones/bob"), "a relative path is meant from the roster"


def test_the_example_of_the_instructors_page_is_read_whole(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "instructors.md").read_text(encoding="utf-8")
    example = page.partition("```csv\n")[2].partition("```")[0]
    read = read_roster(roster(tmp_path, example))
    assert [(one.name, one.lms_id, one.ref) for one in read.students] == [
        ("Ada L.", "10001", ""),
        ("Bob M.", "10002", "exam"),
    ]
    assert read.remarks == ()


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("STUDENT,Repository,Full Name", "name"),
        ("Student ID,repo URL,display-name", "name"),
        ("username,url,Name", "name"),
        ("github_username,student_repository_url,E-Mail Address", "email"),
        ("Student,Repo,Branch", "ref"),
        ("student,repository,SIS User ID", "lms_id"),
        ("student,repository,ID number", "lms_id"),
    ],
)
def test_headers_are_read_in_any_case_and_spelling(tmp_path: Path, header: str, field: str) -> None:
    read = read_roster(roster(tmp_path, f"{header}\nada,https://example.org/ada.git,x\n"))
    (ada,) = read.students
    assert (ada.id, ada.repository, getattr(ada, field)) == ("ada", "https://example.org/ada.git", "x")
    assert read.remarks == ()


def test_a_column_that_is_not_used_is_named_once(tmp_path: Path) -> None:
    read = read_roster(roster(tmp_path, "student,repository,group,Shoe size\nada,a,1,38\nbob,b,2,41\n"))
    (remark,) = read.remarks
    assert "not used: group, Shoe size." in remark


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_spreadsheets_dialects_are_read(tmp_path: Path, separator: str, encoding: str) -> None:
    text = f"Student{separator}Repository\r\nÅsa{separator}git@example.org:x.git\r\n\r\n"
    (student,) = read_roster(roster(tmp_path, text.encode(encoding))).students
    assert (student.id, student.repository) == ("Åsa", "git@example.org:x.git")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, "student,email\nada,a@example.org\n"))
    assert "row 1" in message
    assert "'repository' is missing" in message
    assert "Found: student, email" in message


def test_an_empty_roster_is_no_roster(tmp_path: Path) -> None:
    assert "row 1" in refused(roster(tmp_path, ""))


def test_a_student_who_is_there_twice_is_named_with_both_rows(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, "student,repository\nada,a\nbob,b\nada,c\n"))
    assert "row 4, column student" in message
    assert "first in row 2" in message


def test_an_unknown_encoding_is_named_with_row_and_column(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, "student,repository\nada,a\nx,Søren\n".encode("latin-1")))
    assert "row 3, column 2" in message
    assert "UTF-8" in message


@pytest.mark.parametrize("ref", ["-upload-pack=x", "a..b", "a b", "$(touch x)"])
def test_a_ref_that_is_none_is_refused(tmp_path: Path, ref: str) -> None:
    assert "row 2, column ref" in refused(roster(tmp_path, f"student,repository,ref\nada,a,{ref}\n"))


def test_an_empty_student_is_refused(tmp_path: Path) -> None:
    assert "row 2, column student" in refused(roster(tmp_path, "student,repository\n,a\n"))


def clones(tmp_path: Path) -> Path:
    for name in ("mlops-ada", "mlops-bob", "notes", "report"):
        (tmp_path / name).mkdir()
    for name in ("mlops-ada", "mlops-bob", "notes"):
        (tmp_path / name / ".git").mkdir()
    (tmp_path / "report" / "gradebook.json").touch()
    return tmp_path


def ids(cohort: Cohort) -> list[str]:
    return [student.id for student in cohort.students]


def test_a_folder_of_clones_is_a_cohort(tmp_path: Path) -> None:
    found = ids(load_cohort(clones(tmp_path)))
    assert found == ["mlops-ada", "mlops-bob", "notes"], "the report of an earlier run is nobody's work"


def test_a_name_pattern_picks_the_clones_and_names_the_students(tmp_path: Path) -> None:
    assert ids(load_cohort(clones(tmp_path), "mlops-{student}")) == ["ada", "bob"]


def test_the_pattern_can_stand_in_cohort_toml(tmp_path: Path) -> None:
    clones(tmp_path)
    (tmp_path / "cohort.toml").write_text('name = "autumn"\npattern = "mlops-{student}"\n')
    cohort = load_cohort(tmp_path)
    assert (cohort.name, ids(cohort)) == ("autumn", ["ada", "bob"])


def test_a_folder_and_the_roster_in_it_are_the_same_cohort(tmp_path: Path) -> None:
    file = roster(tmp_path, "student,repository\nada,a\n")
    assert load_cohort(tmp_path).name == load_cohort(file).name == tmp_path.name
    other = file.rename(tmp_path / "spring.csv")
    assert load_cohort(other).name == "spring"


def test_a_pattern_without_a_student_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"must hold \{student\}"):
        load_cohort(clones(tmp_path), "mlops-*")


def test_an_empty_folder_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Expected a roster"):
        load_cohort(tmp_path)


def test_the_late_table_is_read(tmp_path: Path) -> None:
    roster(tmp_path, "student,repository\nada,a\n")
    (tmp_path / "cohort.toml").write_text(
        '[late]\npolicy = "days"\ndays = 3\ndue = 2027-01-10T12:00:00\nmodules = { s2 = 2027-01-17T12:00:00+01:00 }\n'
    )
    late = load_cohort(tmp_path).settings.late
    assert late.due_of("m01", "s1") == datetime(2027, 1, 10, 12)
    assert late.due_of("m05", "s2") == datetime(2027, 1, 17, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("[late]\npolicy = 'lenient'\n", "late.policy"), ("grase = 3\n", "grase"), ("[late\n", "cannot be read")],
)
def test_a_wrong_cohort_toml_is_told_with_its_key(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "cohort.toml").write_text(text)
    with pytest.raises(UsageError, match=expected):
        load_cohort(tmp_path)


def test_a_student_is_found_by_any_id(tmp_path: Path) -> None:
    text = "student,repository,lms_id,email\nada,a,4711,ada@example.org\n"
    cohort = load_cohort(roster(tmp_path, text))
    assert [cohort.student(word).id for word in ("ada", "4711", "ada@example.org")] == ["ada"] * 3
    with pytest.raises(UsageError, match="no student 'eve'"):
        cohort.student("eve")


@pytest.mark.parametrize("names", [("Åsa", "Asa"), ("a/b", "a-b"), ("Ada", "ada"), ("..", "."), ("x" * 99, "x" * 98)])
def test_slugs_differ_and_are_safe(names: tuple[str, str]) -> None:
    one, other = map(slug, names)
    assert one.casefold() != other.casefold()
    assert all(part.replace("-", "").replace("_", "").isalnum() for part in (one, other))
