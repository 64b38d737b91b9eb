"""Rosters, folders of clones and cohort.toml: what is understood, and what is said of what is not."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops_grade.batch.cohort import Cohort, load_cohort
from mlops_grade.batch.gradebook.tables import write_table
from mlops_grade.batch.roster import read_roster
from mlops_grade.batch.student import slug
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


@pytest.mark.parametrize("ref", ["-upload-pack=x", "a..b", "a b", "a~1", "@{-1}", ".hidden", "x.lock", "a//b", "end/"])
def test_a_ref_that_cannot_be_one_is_that_rows_trouble(tmp_path: Path, ref: str) -> None:
    ada, bob = read_roster(roster(tmp_path, f"student,repository,ref\nada,a,{ref}\nbob,b,\n")).students
    assert f"{ref!r} cannot be a branch, a tag or a commit" in ada.trouble
    assert bob.trouble == ""


@pytest.mark.parametrize("ref", ["feature#12", "me@home", "größe/øl", "v1.0+x", "$(touch-x)", "dependabot/pip/a-1.2"])
def test_a_ref_of_any_legal_letters_is_one(tmp_path: Path, ref: str) -> None:
    (ada,) = read_roster(roster(tmp_path, f"student,repository,ref\nada,a,{ref}\n")).students
    assert (ada.ref, ada.trouble) == (ref, "")


def test_an_empty_student_is_refused(tmp_path: Path) -> None:
    assert "row 2, column student" in refused(roster(tmp_path, "student,repository\n,a\n"))


# What people have


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("dialect", ["excel", "excel-tab", "unix"])
def test_what_pythons_csv_module_writes_is_read_as_meant(tmp_path: Path, dialect: str, quoting: int, end: str) -> None:
    with (tmp_path / "roster.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, dialect, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
        writer.writerow(["student", "repository", "name", "note"])
        writer.writerow(
            ["ada", "https://example.org/a,b;c.git", 'Ada "the first"\nLund', 'a "quoted"\nnote\twith\ttabs']
        )
        writer.writerow(["bob", "b", "Bob", ""])
    ada, bob = read_roster(tmp_path / "roster.csv").students
    assert (ada.repository, ada.name, bob.id) == ("https://example.org/a,b;c.git", 'Ada "the first" Lund', "bob")


def test_a_row_after_a_cell_with_line_breaks_is_named_as_spreadsheet_and_editor_count(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, 'student,repository,name\nada,a,"Ada\nvon\nLund"\n,b,\n'))
    assert "row 3 (line 5), column student: is empty" in message


def test_a_quote_that_is_never_closed_swallows_nobody(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, 'student,repository,name\nada,a,Ada\nbob,b,"Bob\ncarl,c,Carl\n'))
    assert "line 3: a quote that is never closed" in message


def test_a_spreadsheets_first_line_names_the_separator(tmp_path: Path) -> None:
    (ada,) = read_roster(roster(tmp_path, "sep=;\r\nstudent;repository\r\nada,b;x\r\n")).students
    assert ada.id == "ada,b"
    assert "row 2 (line 3), column student" in refused(roster(tmp_path, "sep=;\nstudent;repository\n;x\n"))


def test_utf_16_without_a_mark_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        (asa,) = read_roster(roster(tmp_path, "student,repository\nÅsa,a\n".encode(encoding))).students
        assert asa.id == "Åsa"


def test_invisible_characters_are_left_out_and_told(tmp_path: Path) -> None:
    read = read_roster(roster(tmp_path, "student,repository\nada\u200b,a\nbob,https://example.org/\ufeffb\n"))
    assert [(one.id, one.repository.rpartition("/")[2]) for one in read.students] == [("ada", "a"), ("bob", "b")]
    (remark,) = read.remarks
    assert "invisible characters were left out: row 2, column student; row 3, column repository" in remark


def test_a_row_with_more_cells_than_titles_is_never_read_shifted(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, "student,name,repository,lms_id\nada,Lund, Ada,a,s1\n"))
    assert "row 2: has 5 cells, and there are 4 columns: student, name, repository, lms_id" in message
    (ada,) = read_roster(roster(tmp_path, "student,repository\nada,a,,\n")).students
    assert ada.id == "ada", "separators that a spreadsheet leaves at the end hold nothing"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_empty_rows_and_a_named_separator_before_the_titles_are_no_titles(tmp_path: Path, end: str) -> None:
    text = end.join(("sep=;", ";;", "", "student;repository;name", "ada;a;Lund, Ada", ""))
    (ada,) = read_roster(roster(tmp_path, text)).students
    assert (ada.id, ada.name) == ("ada", "Lund, Ada")
    undeclared = end.join((";;", "", "student;repository;name", "ada;a;Lund, Ada", ""))
    assert read_roster(roster(tmp_path, undeclared)).students == (ada,)


@pytest.mark.parametrize("cell", ['"=""0042"""', '="0042"', "0042"])
def test_a_number_that_is_kept_as_text_is_read_as_meant(tmp_path: Path, cell: str) -> None:
    (ada,) = read_roster(roster(tmp_path, f"student,repository,lms_id\nada,a,{cell}\n")).students
    assert ada.lms_id == "0042"


def test_what_we_guard_from_a_spreadsheet_is_read_back(tmp_path: Path) -> None:
    write_table(tmp_path / "roster.csv", ["student", "repository", "name", "lms_id"], [["ada", "a", "@da", "=1"]])
    (ada,) = read_roster(tmp_path / "roster.csv").students
    assert (ada.name, ada.lms_id) == ("@da", "=1")
    (tis,) = read_roster(roster(tmp_path, "student,repository,name\nada,a,'tis\n")).students
    assert tis.name == "'tis"


def test_an_unknown_encoding_is_named_by_the_files_own_lines_and_columns(tmp_path: Path) -> None:
    text = "student;repository;name\rada;a,b,c;Ada\rx;y;Søren\r".encode("latin-1")
    assert "row 3, column 3" in refused(roster(tmp_path, text))


def test_an_error_names_the_column_as_the_file_does(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, 'Login,Repo,SIS ID\nada,a,"s1\n2"\n'))
    assert "row 2, column SIS ID: a line break" in message


def test_a_row_that_says_the_same_again_is_read_once_and_told(tmp_path: Path) -> None:
    read = read_roster(roster(tmp_path, "student,repository,try\nada,a,2\nbob,b,1\nada,a,1\n"))
    assert [student.id for student in read.students] == ["ada", "bob"]
    assert "read once, as a row before says the same: row 4 (ada)" in read.remarks[-1]


def test_a_spreadsheets_own_file_is_told_apart(tmp_path: Path) -> None:
    assert "save it as CSV" in refused(roster(tmp_path, b"PK\x03\x04" + bytes(30)))


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("github.com/my-org/ada", "https://github.com/my-org/ada"),
        ("www.github.com/my-org/ada.git", "https://www.github.com/my-org/ada.git"),
        ("git.example.org:3000/x/y", "https://git.example.org:3000/x/y"),
        ("host:x.git", "host:x.git"),
        ("git@host:x/y.git", "git@host:x/y.git"),
        ("https://github.com/my-org/ada/tree/work/of-ada", "https://github.com/my-org/ada"),
        ("Https://github.com/my-org/ada", "https://github.com/my-org/ada"),
        ("<https://github.com/my-org/ada>", "https://github.com/my-org/ada"),
        ("https://github.com/my-org/ada/commit/0badc0de", "https://github.com/my-org/ada"),
        ("https://gitlab.example.org/x/y/-/tree/main?ref_type=heads", "https://gitlab.example.org/x/y"),
    ],
)
def test_addresses_are_read_as_they_are_meant(tmp_path: Path, cell: str, meant: str) -> None:
    (ada,) = read_roster(roster(tmp_path, f"student,repository\nada,{cell}\n")).students
    assert ada.repository == meant


def test_the_address_of_a_branchs_page_names_the_branch(tmp_path: Path) -> None:
    (ada,) = read_roster(roster(tmp_path, "student,repository\nada,https://github.com/o/ada/tree/work/x\n")).students
    assert ada.ref == "work/x"


def test_a_path_that_is_there_is_no_address(tmp_path: Path) -> None:
    (tmp_path / "github.com" / "o" / "ada").mkdir(parents=True)
    (ada,) = read_roster(roster(tmp_path, "student,repository\nada,github.com/o/ada\n")).students
    assert ada.repository == str(tmp_path / "github.com/o/ada")


# What platforms write

TEMPLATE = "https://github.com/my-org/mlops-{student}"


def test_github_classrooms_grades_are_a_roster(tmp_path: Path) -> None:
    text = (
        '"assignment_name","assignment_url","starter_code_url","github_username","roster_identifier",'
        '"student_repository_name","student_repository_url","submission_timestamp","points_awarded","points_available"\n'
        '"mlops","https://classroom.github.com/c/a","https://github.com/o/s","ada-l","s270001","mlops-ada-l",'
        '"https://github.com/my-org/mlops-ada-l","2027-01-20 10:00:00 UTC","3","10"\n'
        '"mlops","https://classroom.github.com/c/a","https://github.com/o/s","","s270002","","","","",""\n'
    )
    ada, bob = read_roster(roster(tmp_path, text)).students
    assert (ada.id, ada.repository, ada.lms_id) == ("ada-l", "https://github.com/my-org/mlops-ada-l", "s270001")
    assert (bob.id, bob.repository, bob.lms_id) == ("s270002", "", "s270002"), "who has not accepted is a row as well"


def test_github_classrooms_roster_needs_only_where_the_work_is(tmp_path: Path) -> None:
    file = roster(tmp_path, 'identifier,github_username,github_id,name\ns1,ada-l,77,"Lund, Ada"\ns2,,,Bob\n')
    ada, bob = read_roster(file, TEMPLATE).students
    assert (ada.id, ada.repository, ada.lms_id, ada.name) == (
        "ada-l", "https://github.com/my-org/mlops-ada-l", "s1", "Lund, Ada",
    )  # fmt: skip
    assert (bob.id, bob.repository) == ("s2", ""), "nobody knows his login"
    assert 'repository = "https://' in refused(file)


def test_classroom_50s_roster_has_names_in_two_columns(tmp_path: Path) -> None:
    text = "username,first_name,last_name,email,section,github_id\nada-l,Ada,Lund,ada@example.org,A,77\n"
    (ada,) = read_roster(roster(tmp_path, text), TEMPLATE).students
    assert (ada.id, ada.name, ada.email) == ("ada-l", "Ada Lund", "ada@example.org")
    assert ada.repository == "https://github.com/my-org/mlops-ada-l"


def test_staff_on_classroom_50s_roster_is_left_out_and_whoever_was_invited_by_mail_is_a_row(tmp_path: Path) -> None:
    text = (
        "username,first_name,last_name,email,section,github_id,role\nada-l,Ada,Lund,ada@example.org,A,77,student\n"
        "eve,Eve,Holm,eve@example.org,A,78,ta\n,Bob,Berg,bob@example.org,A,,\n"
    )
    read = read_roster(roster(tmp_path, text), TEMPLATE)
    ada, bob = read.students
    assert (ada.id, bob.id, bob.name, bob.repository) == ("ada-l", "bob@example.org", "Bob Berg", "")
    assert "left out, as their role is not a student's: eve" in read.remarks[-1]


def test_classroom_50s_scores_have_a_row_for_a_team_and_a_link_to_its_commit(tmp_path: Path) -> None:
    text = (
        "name,first_name,last_name,usernames,score,max_score,submissions,submitted_at,late,commit,review,release\n"
        '"Ada Lund",Ada,Lund,"ada-l, bob-b",3,5,1,2027-01-20T10:00:00Z,no,https://github.com/o/c-a-t1/commit/0badc0de,,\n'
        "Eve Holm,Eve,Holm,eve,0,,,,,,,\n"
    )
    ada, bob, eve = read_roster(roster(tmp_path, text)).students
    assert (ada.id, ada.repository, ada.ref) == ("ada-l", "https://github.com/o/c-a-t1", "0badc0de")
    assert (bob.id, bob.repository, bob.ref) == ("bob-b", ada.repository, ada.ref)
    assert (ada.name, bob.name) == ("", ""), "whose of the two the name is does not stand there"
    assert (eve.id, eve.name, eve.repository) == ("eve", "Eve Holm", "")


@pytest.mark.parametrize(
    "cell", ["Ada Lund; bob+x@example.org", '"Ada Lund,bob+x@example.org"', '"Ada Lund\nbob+x@example.org"']
)
def test_a_row_for_a_team_is_a_row_for_each_member(tmp_path: Path, cell: str) -> None:
    read = read_roster(roster(tmp_path, f"team,members,repository\n7,{cell},group7\n8,eve,group8\n"))
    assert [(one.id, Path(one.repository).name) for one in read.students] == [
        ("Ada Lund", "group7"), ("bob+x@example.org", "group7"), ("eve", "group8"),
    ]  # fmt: skip


def test_somebody_in_two_teams_is_refused(tmp_path: Path) -> None:
    message = refused(roster(tmp_path, 'members,repository\n"ada,bob",a\n"eve,ada",b\n'))
    assert "row 3, column members: 'ada' is there twice (first in row 2), and the rows differ" in message


def test_a_line_for_each_try_is_one_student(tmp_path: Path) -> None:
    header = "username,first_name,last_name,email,section,score,max_score,datetime,submission_tag,submitted_by"
    line = "ada-l,Ada,Lund,ada@example.org,A,{},5,2027-01-2{}T10:00:00Z,submit/{},ada-l"
    text = "\n".join((header, line.format(4, 1, 2), line.format(2, 0, 1), ""))
    (ada,) = read_roster(roster(tmp_path, text), TEMPLATE).students
    assert (ada.id, ada.name) == ("ada-l", "Ada Lund")


@pytest.mark.parametrize("policy", ["Manual Posting", "Muted"])
def test_an_export_of_canvas_is_a_roster(tmp_path: Path, policy: str) -> None:
    text = (
        f"Student,ID,SIS User ID,SIS Login ID,Section,Essay (9)\n,,,,,{policy}\n    Points Possible,,,,,10\n"
        '"Lund, Ada",31,s1,alund,MLOps,\n"Student, Test",99,,t,MLOps,\n'
    )
    (ada,) = read_roster(roster(tmp_path, text), TEMPLATE).students
    assert (ada.id, ada.canvas_id, ada.lms_id, ada.name) == ("alund", "31", "s1", "Lund, Ada")
    assert ada.repository.endswith("mlops-alund")


def test_an_export_of_moodle_is_a_roster(tmp_path: Path) -> None:
    text = "First name,Last name,ID number,Institution,Department,Email address,Quiz\nAda,Lund,s1,,,ada@example.org,-\n"
    (ada,) = read_roster(roster(tmp_path, text), TEMPLATE).students
    assert (ada.id, ada.name, ada.lms_id, ada.email) == ("s1", "Ada Lund", "s1", "ada@example.org")


def test_the_place_of_the_work_can_stand_in_cohort_toml(tmp_path: Path) -> None:
    roster(tmp_path, "student\nada\n")
    (tmp_path / "cohort.toml").write_text(f'repository = "{TEMPLATE}"\n')
    (ada,) = load_cohort(tmp_path).students
    assert ada.repository == "https://github.com/my-org/mlops-ada"
    (tmp_path / "cohort.toml").write_text('repository = "https://github.com/my-org"\n')
    with pytest.raises(UsageError, match=r"expected \{student\} in it"):
        load_cohort(tmp_path)


@pytest.mark.parametrize("word", ["ada", "ADA@example.org", "S1", " s1 "])
def test_a_student_is_found_by_any_of_their_names(tmp_path: Path, word: str) -> None:
    text = "student,repository,lms_id,email\nada,a,s1,Ada@Example.org\nADA,b,s2,other@example.org\n"
    assert load_cohort(roster(tmp_path, text)).student(word).id == "ada"


def test_a_name_that_several_share_is_refused(tmp_path: Path) -> None:
    text = "student,repository,email\nada,a,team@example.org\nbob,b,team@example.org\n"
    with pytest.raises(UsageError, match=r"could be several students of the cohort .*: name one of ada, bob"):
        load_cohort(roster(tmp_path, text)).student("team@example.org")


# Folders


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
