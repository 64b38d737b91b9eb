"""Hidden suite of m51: owners, rulesets and messages against the judge's rules, and three git scripts, replayed."""

import json
import random
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest
from history import History
from pulls import CODEOWNERS, commit_hash, pull_request, random_pull_request, random_ruleset, review, ruleset, run, word
from rules import REASONS, blockers_of, lines_of, owners_of, understood

from mlops_grade.suite import Inspector, Student, hint, probe

LONGEST_FILE = 64 << 10  # bytes: more than a person writes


def ensure(condition: object, message: str) -> None:
    """Fail the check with a message alone, where what was compared would not help, or would give the answer away."""
    if not condition:
        raise AssertionError(message)


def text_of(student: Student, path: str) -> str:
    """A file of the student's as text."""
    data = student.read(path)
    ensure(len(data) <= LONGEST_FILE, f"{path} has {len(data)} bytes: expected at most {LONGEST_FILE}")
    return data.decode(errors="replace")


# ------------------------------------------------------------------------------------------- CODEOWNERS and template


def project_files() -> list[tuple[str, set[str]]]:
    """Paths of the project of task 1, with who has to own them."""
    core, ml, ops = "@acme/core", "@acme/ml", "@acme/ops"
    name, folder = word(), word()
    return [
        (f"{folder}/{name}.py", {core}),
        (f"{name}.toml", {core}),
        (f"src/models/{name}.py", {ml}),
        (f"src/models/{folder}/{folder}/{name}.py", {ml}),
        (f"{folder}/src/models/{name}.py", {core}),
        (f"src/models_{folder}/{name}.py", {core}),
        (f"src/{name}.py", {core}),
        (f"configs/{name}.yaml", {ml, ops}),
        (f"configs/{folder}/{name}.yaml", {core}),
        (f"{folder}/configs/{name}.yaml", {core}),
        (f".github/workflows/{name}.yml", {ops}),
        (f".github/{name}.yml", {ops}),
        (f"{folder}/.github/{name}.yml", {core}),
        (".github/CODEOWNERS", {core}),
        ("Dockerfile", {ops}),
        (f"{folder}/{name}/Dockerfile", {ops}),
        (f"src/models/{folder}/Dockerfile", {ops}),
        ("configs/Dockerfile", {ops}),
        (f"configs/{folder}/Dockerfile", {ops}),
        (f"{folder}/Dockerfile.{name}", {core}),
        ("README.md", set()),
        (f"src/models/{name}.md", set()),
        (f"src/models/{folder}/{name}.md", set()),
        (f"configs/{name}.md", set()),
        (f".github/{name}.md", set()),
        (f"{folder}/{name}/{folder}.md", set()),
    ]


@hint("The last line that matches decides alone: what is general comes first, exceptions come last.")
def test_project_has_owners(student: Student, seed: int) -> None:
    """.github/CODEOWNERS names the right owners for the files of the project"""
    text = text_of(student, ".github/CODEOWNERS")
    for pattern, owners in lines_of(text):
        with hint("`!` and `[ ]` mean nothing here, and an owner is @user, @organisation/team or an email address."):
            ensure(understood(pattern, owners), f"GitHub skips the line `{' '.join([pattern, *owners])}`")
    for path, expected in project_files():
        assert owners_of(text, path) == expected, f"the owners of {path}"


def without_comments(text: str) -> str:
    """Markdown without its HTML comments; the check fails at one that does not end."""
    seen, *comments = text.split("<!--")
    for comment in comments:
        _, end, rest = comment.partition("-->")
        ensure(end, "an HTML comment of the template has no end: nobody would see what follows it")
        seen += rest
    return seen


@hint("Look at it as GitHub shows it: what is in a comment is seen by whoever writes, and by nobody else.")
def test_template_asks(student: Student) -> None:
    """The template has its headings, boxes to tick, an issue to name, and advice that disappears"""
    text = text_of(student, ".github/pull_request_template.md")
    lines = [line.strip() for line in without_comments(text).splitlines()]
    headings = [line.rstrip(" \t#:?").lower() for line in lines]
    for heading in ("## What", "## Why", "## How it was tested"):
        ensure(heading.lower() in headings, f"the template shows no heading `{heading}`")
    boxes = [line for line in lines if re.match(r"[-*+] \[[ xX]\] +\S", line)]
    ticked = [line for line in boxes if "[ ]" not in line[:6]]
    ensure(not ticked, f"a box is ticked before anybody has looked: {ticked}")
    ensure(len(boxes) >= 3, f"the template shows {len(boxes)} boxes to tick, expected 3 at least")
    closing = [line for line in lines if line.startswith("Closes #")]
    ensure(closing, "the template shows no line that begins with `Closes #`")
    with hint("The template is the same for all: each author puts a number of their own."):
        numbered = [line for line in closing if re.match(r"Closes #\d", line)]
        ensure(not numbered, f"every pull request would close the same issue: {numbered}")
    with hint("Advice for whoever fills it in belongs into <!-- ... -->."):
        ensure("<!--" in text, "the template holds no HTML comment")


# ------------------------------------------------------------------------------------------------------------- owners


@probe
def owners_found(cases):
    from mergeable import owners

    found = [owners(codeowners, path) for codeowners, path in cases]
    return [set(each) if isinstance(each, frozenset) else each for each in found]


def assert_owners(student: Student, cases: list[tuple[str, str, str]]) -> None:
    """Compare with the judge's owners, for texts and paths; the third entry is the hint for a case."""
    found = student.run(owners_found, [(codeowners, path) for codeowners, path, _ in cases])
    for (codeowners, path, advice), got in zip(cases, found, strict=True):
        assert isinstance(got, set), f"owners() returned a {type(got).__name__}, expected a set"
        with hint(advice):
            shown = codeowners.strip().replace("\n", " ⏎ ")
            assert got == owners_of(codeowners, path), f"the owners of {path}, where CODEOWNERS has `{shown}`"


@hint("Read the file from top to bottom, and remember what the last line that matches says.")
def test_last_line_decides(student: Student, seed: int) -> None:
    """owners goes by the last line that matches, alone, and skips what GitHub does not understand"""
    a, b, c, folder, name = word(), word(), word(), word(), word()
    last = (
        "The last line that matches decides; owners of earlier lines are not added, and the order of names is theirs."
    )
    none = "A line may match and name nobody: then nobody owns the path, whatever stands above."
    comment = "`#` begins a comment: on a line of its own, and behind owners."
    skipped = "A line with something that GitHub cannot read is left out as a whole, as if it were not there."
    path = f"{folder}/{name}.py"
    cases = [
        (f"* @{a}\n/{folder}/ @{b}\n", path, last),
        (f"/{folder}/ @{b}\n* @{a}\n", path, last),
        (f"*.py @{a} @org/{b}\n*.py {c}@example.org\n", path, last),
        (f"* @{a}\n*.md @{b}\n/{folder}/ @{c} @{b}\n*.txt @{a}\n", path, last),
        (f"* @{a}\n/{folder}/\n", path, none),
        (f"* @{a}\n/{folder}/\n/{folder}/{name}.py @{b}\n", path, none),
        (f"/{folder}/ @{a}\n*.py # @{b} for now\n", path, none),
        (f"/other/ @{a}\n", path, "No line matches: nobody owns the path."),
        ("", path, "An empty file has no owners."),
        (f"# * @{b}\n\n   \n*\t@{a}   @{b}\n", path, "White space of any kind and length stands between the words."),
        (f"# owners\n  # * @{b}\n* @{a} #and nobody else\n", path, comment),
        (f"* @{a}  # was @{b} {c}@example.org\n", path, comment),
        (f"* @{a}\n!{folder}/ @{b}\n", path, skipped),
        (f"* @{a}\n!/{folder}/\n", path, skipped),
        (f"* @{a}\n*.[p]y @{b}\n", path, skipped),
        (f"* @{a}\n*.py {b}\n", path, skipped),
        (f"* @{a}\n*.py @{b} {c}\n", path, skipped),
        (f"* @{a} @org/{b} {c}@example.org\n", path, "Users, teams and addresses are owners, as they are written."),
    ]
    assert_owners(student, cases)
    patterns = ["*", "*.py", "*.md", f"/{folder}/", f"/{a}/", f"{b}/"]
    paths = [f"{start}{name}.{end}" for start in ("", f"{folder}/", f"{a}/", f"{a}/{b}/") for end in ("py", "md")]
    for _ in range(40):
        people = [f"@{person}" for person in random.choices([a, b, c, name], k=2)]
        chosen = [f"{pattern} {' '.join(people[: random.randint(0, 2)])}" for pattern in random.choices(patterns, k=5)]
        cases.append(("\n".join(chosen), random.choice(paths), last))
    assert_owners(student, cases)


@hint("Take a pattern apart at its slashes, and ask of each part what it may stand for.")
def test_patterns(student: Student, seed: int) -> None:
    """owners reads patterns as GitHub does: roots, folders, stars"""
    a, b, c, d = (word() for _ in range(4))
    root = "A slash at the beginning or in the middle ties a pattern to the root; one at the end does not."
    below = "A pattern that matches a folder owns everything below it, however deep; with a slash at its end, no file."
    star = "`*` and `?` stop at a slash, and a name matches from its first letter to its last."
    direct = "`folder/*` is the exception: the files directly in it, and none in the folders below."
    double = "`**` stands for any number of folders, none as well; at the end for all that is below."
    literal = "Only `*` and `?` are special: a dot is a dot, a plus is a plus, and A is not a."
    tried = {
        root: {
            f"/{a}.py": [f"{a}.py", f"{b}/{a}.py"],
            f"{a}/{b}": [f"{a}/{b}", f"{a}/{b}/{c}.py", f"{c}/{a}/{b}", f"{c}/{a}/{b}/{d}.py"],
            f"{a}/{b}/": [f"{a}/{b}/{c}.py", f"{c}/{a}/{b}/{d}.py"],
            f"{a}/": [f"{a}/{b}.py", f"{c}/{a}/{b}.py", f"{c}/{d}/{a}/{b}/{c}.py"],
            f"{a}.py": [f"{a}.py", f"{b}/{a}.py", f"{b}/{c}/{a}.py"],
            f"/{a}/": [f"{a}/{b}.py", f"{b}/{a}/{c}.py"],
            f"/*.{a}": [f"{b}.{a}", f"{c}/{b}.{a}"],
        },
        below: {
            f"/{a}": [f"{a}", f"{a}/{b}.py", f"{a}/{b}/{c}/{d}.py", f"{a}{b}", f"{a}{b}/{c}.py", f"{b}/{a}"],
            f"/{a}/": [a, f"{a}/{b}/{c}/{d}.py", f"{a}{b}/{c}.py"],
            f"{a}/": [a, f"{b}/{a}", f"{b}/{a}/{c}"],
            a: [a, f"{b}/{a}/{c}/{d}.py", f"{b}/{c}{a}/{d}.py", f"{a}.py"],
            f"/{a}/{b}": [f"{a}/{b}{c}", f"{a}/{b}/{c}", f"{a}/{c}/{b}"],
        },
        star: {
            "*": [f"{a}.py", f"{a}/{b}/{c}.py", f".{a}/{b}"],
            "*.py": [f"{a}.py", f"{a}/{b}.py", f"{a}/{b}.pyi", f"{a}.py.{b}"],
            f"/{a}/*/{b}": [f"{a}/{c}/{b}", f"{a}/{c}/{d}/{b}", f"{a}/{b}", f"{a}/{c}/{b}/{d}.py"],
            f"/{a}/*.py": [f"{a}/{b}.py", f"{a}/{c}/{b}.py"],
            f"/{a}_*/": [f"{a}_{b}/{c}.py", f"{b}_{c}/{d}.py", f"{a}_{b}", f"{d}/{a}_{b}/{c}.py"],
            f"{a[:3]}?{a[4:]}.py": [f"{a}.py", f"{b}/{a}.py", f"{a[:3]}{a[4:]}.py", f"{a[:3]}/{a[4:]}.py"],
            f"*{a}*": [f"{b}{a}{c}", f"{d}/{b}{a}.py", f"{a[:3]}/{a[3:]}"],
        },
        direct: {
            f"{a}/*": [f"{a}/{b}.py", f"{a}/{b}/{c}.py", f"{b}/{a}/{c}.py"],
            f"/{a}/{b}/*": [f"{a}/{b}/{c}", f"{a}/{b}/{c}/{d}", f"{a}/{c}"],
            f"**/{a}/*": [f"{a}/{b}", f"{c}/{d}/{a}/{b}", f"{c}/{a}/{d}/{b}"],
        },
        double: {
            f"**/{a}": [a, f"{b}/{c}/{a}", f"{b}/{a}/{c}/{d}.py", f"{b}/{c}{a}"],
            f"/{a}/**": [a, f"{a}/{b}", f"{a}/{b}/{c}/{d}.py", f"{b}/{a}/{c}"],
            f"/{a}/**/{b}": [f"{a}/{b}", f"{a}/{c}/{b}", f"{a}/{c}/{d}/{b}", f"{a}/{c}/{d}", f"{a}{b}"],
            f"{a}/**/*.py": [f"{a}/{b}.py", f"{a}/{b}/{c}/{d}.py", f"{a}/{b}.md", f"{c}/{a}/{b}.py"],
            f"**/{a}/**": [f"{a}/{b}", f"{c}/{a}/{b}/{d}", f"{c}/{d}"],
        },
        literal: {
            f"/{a}.{b}": [f"{a}.{b}", f"{a}x{b}"],
            f"{a}+{b}": [f"{a}+{b}", f"{a}{a[-1]}{b}"],
            f"/{a.upper()}/": [f"{a}/{b}", f"{a.upper()}/{b}"],
            f"*({a}).py": [f"{b}({a}).py", f"{b}{a}.py"],
        },
    }
    assert_owners(
        student,
        [
            (f"{pattern} @{d}", path, advice)
            for advice, patterns in tried.items()
            for pattern, paths in patterns.items()
            for path in paths
        ],
    )


# ------------------------------------------------------------------------------------------------------- ruleset.json

# GitHub's rules for branches.
RULE_TYPES = {
    *("creation", "update", "deletion", "required_linear_history", "merge_queue", "required_deployments"),
    *("required_signatures", "pull_request", "required_status_checks", "non_fast_forward", "commit_message_pattern"),
    *("commit_author_email_pattern", "committer_email_pattern", "branch_name_pattern", "tag_name_pattern"),
    *("file_path_restriction", "max_file_path_length", "file_extension_restriction", "max_file_size", "workflows"),
    *("code_scanning", "copilot_code_review", "code_quality"),
}
PULL_REQUEST = {
    "required_approving_review_count": 1,
    "dismiss_stale_reviews_on_push": True,
    "require_code_owner_review": True,
    "required_review_thread_resolution": True,
}


def given_ruleset(student: Student) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The ruleset and the parameters of its rules; the check fails where GitHub would not take it."""
    text = text_of(student, "ruleset.json")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AssertionError(f"ruleset.json is no JSON: {error}") from None
    ensure(isinstance(found, dict), "ruleset.json holds no JSON object")
    ensure(isinstance(found.get("name"), str) and found["name"], "the ruleset has no name")
    assert found.get("target", "branch") == "branch", "the ruleset's target"
    given = found.get("rules")
    ensure(isinstance(given, list) and all(isinstance(rule, dict) for rule in given), "`rules` is no list of objects")
    rules: dict[str, dict[str, Any]] = {}
    for rule in given:
        kind, parameters = rule.get("type"), rule.get("parameters", {})
        ensure(isinstance(kind, str) and kind in RULE_TYPES, f"GitHub knows no rule of the type {kind!r}")
        ensure(isinstance(parameters, dict), f"the parameters of the rule {kind} are no object")
        ensure(kind not in rules, f"there are two rules of the type {kind}: which one is meant?")
        rules[kind] = parameters
    return found, rules


@hint("A ruleset says where it holds, for whom not, and whether it holds at all; each rule has a name of its own.")
def test_ruleset_guards_main(student: Student) -> None:
    """ruleset.json is active for main alone, without bypass, and forbids to delete, force or merge"""
    found, rules = given_ruleset(student)
    assert found.get("enforcement") == "active", "the ruleset's enforcement"
    conditions = found.get("conditions")
    names = conditions.get("ref_name") if isinstance(conditions, dict) else None
    included = names.get("include") if isinstance(names, dict) else None
    excluded = names.get("exclude", []) if isinstance(names, dict) else None
    for listed, key in ((included, "include"), (excluded, "exclude")):
        valid = isinstance(listed, list) and all(isinstance(name, str) for name in listed)
        ensure(valid, f"conditions.ref_name.{key} is no list of names: expected one, it may be empty")
    main = {"~DEFAULT_BRANCH", "refs/heads/main"}
    with hint("A branch is named in full, `refs/heads/...`, or as `~DEFAULT_BRANCH`."):
        ensure(main & set(included), f"the ruleset does not include main: {included}")
        ensure(set(included) <= main, f"the ruleset holds for more than main: {included}")
        gone = [name for name in excluded if name in ("~ALL", *main) or fnmatchcase("refs/heads/main", name)]
        ensure(not gone, f"the ruleset excludes main: {gone}")
    assert (found.get("bypass_actors") or []) == [], "who may bypass the rules"
    for kind, meaning in (
        ("deletion", "main can be deleted"),
        ("non_fast_forward", "main can be replaced by a forced push"),
        ("required_linear_history", "merge commits come into main"),
    ):
        ensure(kind in rules, f"{meaning}: there is no rule {kind}")
    ensure("update" not in rules, "with the rule `update` nobody can change main at all, since nobody may bypass it")


@hint("The names of a rule's parameters stand in the skeleton; GitHub wants each that has no default.")
def test_ruleset_asks_for_review_and_checks(student: Student) -> None:
    """ruleset.json asks for the reviews, the merge method and the checks of task 4"""
    _, rules = given_ruleset(student)
    ensure("pull_request" in rules, "changes come to main without a pull request: there is no rule pull_request")
    asked = rules["pull_request"]
    for name, expected in PULL_REQUEST.items():
        got = asked.get(name)
        same = got == expected and isinstance(got, bool) is isinstance(expected, bool)
        ensure(same, f"{name} of the rule pull_request is {got!r}, expected {expected!r}")
    last_push = asked.get("require_last_push_approval")
    ensure(isinstance(last_push, bool), "require_last_push_approval is missing: GitHub wants true or false")
    with hint("One commit for each pull request, and no merge commit: one method does that."):
        assert asked.get("allowed_merge_methods") == ["squash"], "the allowed merge methods"
    ensure("required_status_checks" in rules, "no checks are required: there is no rule required_status_checks")
    policy = rules["required_status_checks"]
    required = policy.get("required_status_checks")
    ensure(
        isinstance(required, list) and all(isinstance(check, dict) for check in required),
        'required_status_checks is no list of objects such as {"context": "tests"}',
    )
    contexts = [check.get("context") for check in required]
    ensure(all(isinstance(name, str) for name in contexts), f"a check has no context: {contexts}")
    assert sorted(contexts) == ["lint", "tests"], "the required checks"
    assert policy.get("strict_required_status_checks_policy") is True, "whether the branch has to be up to date"


# ----------------------------------------------------------------------------------------------------------- blockers


@probe
def blockers_found(cases):
    from mergeable import blockers

    return [blockers(*case) for case in cases]


@dataclass(frozen=True)
class Scene:
    """A pull request made for one question."""

    words: str
    blocked: bool
    pr: dict[str, Any]
    ruleset: dict[str, Any] = field(default_factory=ruleset)
    codeowners: str = CODEOWNERS


# What of a pull request a reason is about, to be shown.
ABOUT = {
    "draft": ["draft"],
    "approvals": ["author", "head", "reviews"],
    "changes requested": ["author", "head", "reviews"],
    "code owners": ["author", "head", "reviews", "files", "teams"],
    "conversations": ["resolved"],
    "checks": ["head", "checks"],
    "behind": ["behind"],
}


def assert_reason(student: Student, reason: str, scenes: dict[str, list[Scene]]) -> None:
    """Compare whether blockers names one reason: in scenes, by their hint, and in pull requests drawn at random."""
    made = [(advice, scene) for advice, several in scenes.items() for scene in several]
    drawn = [(random_pull_request(), random_ruleset(), CODEOWNERS) for _ in range(40)]
    cases = [(scene.pr, scene.ruleset, scene.codeowners) for _, scene in made] + drawn
    found = student.run(blockers_found, cases)
    for got in found:
        names = isinstance(got, list | tuple) and all(isinstance(name, str) for name in got)
        ensure(names, f"blockers() returned {got!r}, expected a list of words")
    for (advice, scene), got in zip(made, found, strict=False):
        with hint(advice):
            said = "does not name" if scene.blocked else "names"
            ensure((reason in got) is scene.blocked, f"{scene.words}: blockers() {said} {reason!r}")
    for (pr, rules, owners), got in zip(drawn, found[len(made) :], strict=True):
        expected = reason in blockers_of(pr, rules, owners)
        shown = json.dumps({key: pr[key] for key in ABOUT[reason]}).replace(pr["head"], "HEAD")
        said = "does not name" if expected else "names"
        ensure((reason in got) is expected, f"blockers() {said} {reason!r} for a pull request drawn at random: {shown}")


@hint("An approval is somebody's last opinion, about the head, by another person than the author.")
def test_approvals(student: Student, seed: int) -> None:
    """blockers counts the people who approve the head, and not the author"""
    head, old = commit_hash(), commit_hash()
    kept = ruleset(reviews={"dismiss_stale_reviews_on_push": False})
    two = ruleset(reviews={"required_approving_review_count": 2})
    both = [review("grace", "APPROVED", head), review("alan", "APPROVED", head)]

    def scene(words: str, blocked: bool, reviews: list[dict[str, Any]], rules: dict[str, Any] | None = None) -> Scene:
        return Scene(words, blocked, pull_request(head=head, reviews=reviews), rules or ruleset())

    scenes = {
        "Count those whose opinion is an approval, and compare with what the ruleset asks for.": [
            scene("one approval, and one is asked for", False, both[:1]),
            scene("no review at all", True, []),
            scene("one approval, and two are asked for", True, both[:1], two),
            scene("two approvals, and two are asked for", False, both, two),
            scene("three approvals, and two are asked for", False, [*both, review("donald", "APPROVED", head)], two),
        ],
        "Nobody approves their own work.": [scene("the author approves", True, [review("ada", "APPROVED", head)])],
        "People are counted, not reviews.": [scene("one person approves twice, of two", True, both[:1] * 2, two)],
        "An approval is of a commit: compare it with the head, where the ruleset dismisses stale ones.": [
            scene("an approval of an older head", True, [review("grace", "APPROVED", old)]),
            scene(
                "an approval of an older head, which is not dismissed", False, [review("grace", "APPROVED", old)], kept
            ),
            scene(
                "the same person approves the old head and the new one",
                False,
                [review("grace", "APPROVED", old), review("grace", "APPROVED", head)],
            ),
        ],
        "The last opinion of each person counts; a comment is no opinion.": [
            scene("an approval, and a comment after it", False, [*both[:1], review("grace", "COMMENTED", head)]),
            scene("comments only", True, [review("grace", "COMMENTED", head)]),
            scene("an approval, then changes requested", True, [*both[:1], review("grace", "CHANGES_REQUESTED", head)]),
            scene("an approval, then one that was dismissed", True, [*both[:1], review("grace", "DISMISSED", head)]),
            scene(
                "one person approves, another one's review was dismissed after it",
                False,
                [*both[:1], review("alan", "DISMISSED", head)],
            ),
        ],
    }
    assert_reason(student, "approvals", scenes)


@hint("Take the last opinion of each person: is one of them that changes are needed?")
def test_changes_requested(student: Student, seed: int) -> None:
    """blockers keeps a request for changes until that person approves, or it is dismissed"""
    head, old = commit_hash(), commit_hash()
    grace = review("grace", "CHANGES_REQUESTED", head)

    def scene(words: str, blocked: bool, *reviews: dict[str, Any]) -> Scene:
        return Scene(words, blocked, pull_request(head=head, reviews=list(reviews)))

    scenes = {
        "A request for changes stands until that person approves: nobody else can.": [
            scene("changes requested by one person", True, grace),
            scene("changes requested, and others approve later", True, grace, review("alan", "APPROVED", head)),
            scene(
                "changes requested, and the same person approves later", False, grace, review("grace", "APPROVED", head)
            ),
            scene("changes requested after an approval", True, review("grace", "APPROVED", head), grace),
        ],
        "A push makes an approval stale. It does not answer a request for changes.": [
            scene("changes requested for an older head", True, review("grace", "CHANGES_REQUESTED", old)),
        ],
        "Take each person's last opinion first, and ask only then whether an approval is stale.": [
            scene(
                "changes requested, the same person approves, and then there is a push",
                False,
                review("grace", "CHANGES_REQUESTED", old),
                review("grace", "APPROVED", old),
            ),
        ],
        "A comment changes no opinion; a dismissed review counts for nothing.": [
            scene(
                "changes requested, then a comment by the same person", True, grace, review("grace", "COMMENTED", head)
            ),
            scene("a request for changes that was dismissed", False, review("grace", "DISMISSED", head)),
            scene("comments only", False, review("grace", "COMMENTED", head)),
            scene("the author's own request for changes", False, review("ada", "CHANGES_REQUESTED", head)),
        ],
    }
    assert_reason(student, "changes requested", scenes)


@hint("Ask for each file who owns it, and whether one of those approves.")
def test_code_owners_approve(student: Student, seed: int) -> None:
    """blockers wants an owner's approval for every file that has owners"""
    head, old = commit_hash(), commit_hash()
    code, text, tools, other = f"src/{word()}.py", f"docs/{word()}.md", f"deploy/{word()}.sh", f"{word()}.toml"

    def scene(words: str, blocked: bool, files: list[str], *approving: str, **changes: Any) -> Scene:
        reviews = [review(user, "APPROVED", head) for user in approving]
        settings = {"rules": ruleset()} | changes
        pr = pull_request(head=head, files=files, reviews=settings.get("reviews", reviews))
        return Scene(words, blocked, pr, settings["rules"])

    unasked = ruleset(reviews={"require_code_owner_review": False})
    scenes = {
        "Each file asks for itself: an owner of one file does not speak for another.": [
            scene("an owner of each of two files approves", False, [code, tools], "grace", "donald"),
            scene("an owner of one of two files approves", True, [code, tools], "grace"),
            scene("an owner of the first of two files approves", True, [tools, code], "donald"),
            scene("somebody who owns another file approves", True, [code], "barbara"),
            scene("one person who owns all the files approves", False, [code, tools], "alan"),
        ],
        "Of a file's owners, one is enough; of a team, any member.": [
            scene("a member of the team approves", False, [code], "alan"),
            scene("one of a person and a team approves", False, [tools], "donald"),
            scene("a member of the team approves, where a person owns it as well", False, [tools], "edsger"),
            scene("nobody who owns it approves", True, [tools], "grace"),
            scene("the owner by the line for everything approves", False, [other], "barbara"),
        ],
        "A file without owners waits for nobody.": [
            scene("a file that nobody owns", False, [text], "grace"),
            scene("a file that nobody owns, beside one whose owner has not approved", True, [text, other], "grace"),
        ],
        "What an owner says is an opinion like any other: it may be stale, withdrawn, or the author's.": [
            scene("the owner approved an older head", True, [code], reviews=[review("grace", "APPROVED", old)]),
            scene("the author owns the file, and nobody else approves", True, [code], reviews=[]),
            scene("the author, an owner, approves, as does somebody who is none", True, [code], "ada", "donald"),
            scene("an owner comments", True, [code], reviews=[review("grace", "COMMENTED", head)]),
            scene(
                "the owner approves, and requests changes later",
                True,
                [code],
                reviews=[review("grace", "APPROVED", head), review("grace", "CHANGES_REQUESTED", head)],
            ),
        ],
        "Only a ruleset with require_code_owner_review asks for them.": [
            scene("owners' reviews are not asked for", False, [code], "barbara", rules=unasked),
        ],
    }
    assert_reason(student, "code owners", scenes)


@hint("Ask for each required check how its last run on the head ended.")
def test_required_checks(student: Student, seed: int) -> None:
    """blockers looks at the last run of each required check on the head"""
    head, old = commit_hash(), commit_hash()
    lint = run("lint", head, "success")

    def scene(words: str, blocked: bool, *runs: dict[str, Any]) -> Scene:
        return Scene(words, blocked, pull_request(head=head, checks=list(runs)))

    scenes = {
        "Success, neutral and skipped pass. Anything else does not, and neither does a run that has not ended.": [
            scene("both checks succeed", False, lint, run("tests", head, "success")),
            scene("one check fails", True, lint, run("tests", head, "failure")),
            scene("one check was skipped", False, lint, run("tests", head, "skipped")),
            scene("one check is neutral", False, lint, run("tests", head, "neutral")),
            scene("one check was cancelled", True, lint, run("tests", head, "cancelled")),
            scene("one check has timed out", True, lint, run("tests", head, "timed_out")),
            scene("one check still runs", True, lint, run("tests", head, None)),
        ],
        "A required check that never ran has not passed; one that nobody requires cannot hold anything back.": [
            scene("one of two required checks has no run", True, lint),
            scene("there are no runs", True),
            scene(
                "a check that nobody requires fails",
                False,
                lint,
                run("tests", head, "success"),
                run("docs", head, "failure"),
            ),
        ],
        "Yesterday's green is about yesterday's commit: only runs on the head count.": [
            scene("one check succeeded on an older commit only", True, lint, run("tests", old, "success")),
            scene(
                "a failure on an older commit", False, run("tests", old, "failure"), lint, run("tests", head, "success")
            ),
            scene(
                "a run of an older commit, which ended later",
                False,
                lint,
                run("tests", head, "success"),
                run("tests", old, "failure"),
            ),
        ],
        "Runs come oldest first, and a check may be run again on the same commit: the last one counts.": [
            scene(
                "a failure, then a success", False, lint, run("tests", head, "failure"), run("tests", head, "success")
            ),
            scene(
                "a success, then a failure", True, lint, run("tests", head, "success"), run("tests", head, "failure")
            ),
            scene(
                "a success, then a run that goes on",
                True,
                lint,
                run("tests", head, "success"),
                run("tests", head, None),
            ),
        ],
    }
    assert_reason(student, "checks", scenes)
    relaxed = ruleset(checks={"strict_required_status_checks_policy": False})
    steps = {
        "With a strict policy the branch has to have all commits of its base.": [
            Scene("three commits behind", True, pull_request(behind=3)),
            Scene("one commit behind", True, pull_request(behind=1)),
            Scene("up to date", False, pull_request()),
            Scene("three commits behind, and the policy is not strict", False, pull_request(behind=3), relaxed),
        ]
    }
    assert_reason(student, "behind", steps)


@hint("Go through the table of task 3: each word has its own condition, and its own setting.")
def test_drafts_and_conversations(student: Student, seed: int) -> None:
    """blockers knows drafts and conversations, and asks for nothing that the ruleset does not"""
    unasked = ruleset(reviews={"required_review_thread_resolution": False})
    everything = pull_request(
        draft=True,
        behind=2,
        reviews=[review("grace", "CHANGES_REQUESTED", commit_hash())],
        checks=[],
        resolved=[False],
    )
    asleep, dry = ruleset(enforcement="disabled"), ruleset(enforcement="evaluate")
    talks = {
        "One conversation that is open is enough, where the ruleset asks for it.": [
            Scene("all conversations resolved", False, pull_request()),
            Scene("one of two conversations is open", True, pull_request(resolved=[False, True])),
            Scene("the last conversation is open", True, pull_request(resolved=[True, False])),
            Scene("no conversations", False, pull_request(resolved=[])),
            Scene("an open conversation, and the ruleset does not ask", False, pull_request(resolved=[False]), unasked),
        ]
    }
    drafts = {
        "A draft is not merged, whatever the ruleset says.": [
            Scene("a draft", True, pull_request(draft=True)),
            Scene("no draft", False, pull_request()),
            Scene("a draft, and the ruleset is disabled", True, everything, asleep),
            Scene("a draft, and the ruleset has no rules", True, everything, ruleset(rules=[])),
        ]
    }
    assert_reason(student, "conversations", talks)
    assert_reason(student, "draft", drafts)
    rules = ruleset()["rules"]
    whole = [
        ("everything is as it should be", pull_request(), ruleset(), []),
        ("everything is wrong", everything, ruleset(), list(REASONS)),
        ("everything is wrong, and the ruleset is disabled", everything, asleep, ["draft"]),
        ("everything is wrong, and the ruleset is evaluated only", everything, dry, ["draft"]),
        ("everything is wrong, and the ruleset has no rules", everything, ruleset(rules=[]), ["draft"]),
        ("the rule pull_request is missing", everything, ruleset(rules=rules[:2]), ["draft", "checks", "behind"]),
        ("the checks' rule is missing", everything, ruleset(rules=[rules[0], rules[2]]), list(REASONS[:5])),
    ]
    found = student.run(blockers_found, [(pr, rules, CODEOWNERS) for _, pr, rules, _ in whole])
    for (words, _, _, expected), got in zip(whole, found, strict=True):
        with hint("A rule that is not there, or a ruleset that is not active, asks for nothing; a word comes once."):
            assert sorted(got) == sorted(expected), f"{words}: what blockers() returned"


# ----------------------------------------------------------------------------------------------------- squash_message


@probe
def messages_found(prs):
    from mergeable import squash_message

    return [squash_message(pr) for pr in prs]


def messages(student: Student, prs: list[dict[str, Any]]) -> list[str]:
    found = student.run(messages_found, prs)
    ensure(all(isinstance(each, str) for each in found), "squash_message() returned something that is no text")
    return [str(each) for each in found]


def title_of(length: int) -> str:
    """A title of that many characters, of words."""
    words = ["Read"]
    while (missing := length - len(" ".join(words))) > 0:
        size = missing - 1 if missing <= 8 else min(random.randint(2, 7), missing - 3)
        words.append(word()[:size].ljust(size, "e"))
    return " ".join(words)


@hint("What is added to the title needs room as well.")
def test_squash_subject(student: Student, seed: int) -> None:
    """squash_message begins with title and number, in 72 characters"""
    for number in (random.randint(2, 9), random.randint(100, 999), random.randint(10_000, 99_999)):
        room = 72 - len(f" (#{number})")
        lengths = [random.randint(10, 40), room - 1, room, room + 1, room + 2, random.randint(90, 140)]
        prs = [pull_request(number=number, title=title_of(length), body="", closes=[]) for length in lengths]
        cut = f"{'x' * (room - 10)} {'y' * 8} {'z' * 8}"  # as much as fits, with the dots, is the room to a character
        prs.append(pull_request(number=number, title=cut, body="", closes=[]))
        for pr, message in zip(prs, messages(student, prs), strict=True):
            subject, title = message.split("\n")[0], pr["title"]
            words = f"the subject, for the title {title!r} and the number {number}"
            ensure(len(subject) <= 72, f"{words}, has {len(subject)} characters: {subject!r}")
            with hint(
                "Fit what is added, ` (#number)` and `…`, as well; take away whole words, and no more than needed."
            ):
                assert subject == expected_subject(title, number), words


def expected_subject(title: str, number: int) -> str:
    end = f" (#{number})"
    if len(title) + len(end) <= 72:
        return title + end
    words = title.split()
    fitting = [count for count in range(len(words)) if len(" ".join(words[:count])) + 1 + len(end) <= 72]
    return " ".join(words[: fitting[-1]]) + "…" + end


def people_of(paragraph: str) -> list[tuple[str, str]]:
    """Name and address (in lower case) of each line of co-authors; the check fails at any other line."""
    found = []
    for line in paragraph.splitlines():
        match = re.fullmatch(r"Co-authored-by: ([^<>]+) <([^<>\s]+)>", line.strip(), re.IGNORECASE)
        if match is None:
            raise AssertionError(f"among the co-authors stands the line {line!r}")
        found.append((match[1].strip(), match[2].lower()))
    return found


@hint("Make a list of the parts, leave out the empty ones, and join them with a blank line.")
def test_squash_parts(student: Student, seed: int) -> None:
    """squash_message holds the description, the issues and the co-authors, a paragraph each"""
    first, second, third = (word() for _ in range(3))
    issues = random.sample(range(2, 900), k=3)

    def commit(login: str, email: str, message: str = "Go on") -> dict[str, str]:
        return {"login": login, "name": login.title(), "email": email, "message": message}

    ada, grace, alan = "ada@example.org", "grace@example.org", "alan@example.org"
    own = commit("ada", ada)
    named = "Go on\n\nIt was slow.\n\nReviewed-by: Alan <alan@example.org>\n"
    cases = [
        ("a description, nothing else", f"It took {first} minutes.", [], [own], set()),
        ("a description of two paragraphs", f"{first} {second}\n\n- {third}", [], [own], set()),
        ("an issue", first, issues[:1], [own], set()),
        ("three issues", first, issues, [own], set()),
        ("no description, two issues", "", issues[:2], [own], set()),
        ("nothing but a title", "  \n", [], [own], set()),
        ("a comment", f"<!-- What? -->\n{first}", [], [own], set()),
        ("two comments", f"<!-- What?\nIn short. -->\n{first}\n\n<!-- Why? -->\n{second}\n", issues, [own], set()),
        ("nothing but a comment", "<!-- Why? -->\n", issues, [own], set()),
        ("a commit of somebody else", first, issues, [own, commit("grace", grace)], {grace}),
        ("two commits of one person", first, [], [own, commit("grace", grace), commit("grace", grace)], {grace}),
        ("an address in capitals", first, [], [commit("grace", grace), own, commit("grace", grace.upper())], {grace}),
        ("an author of two addresses", first, [], [own, commit("ada", "ada@work.example")], set()),
        ("no commit of the author", "", [], [commit("grace", grace), commit("alan", alan)], {grace, alan}),
        ("a name in a message", first, [], [commit("ada", ada, f"Go\n\nCo-authored-by: Alan <{alan}>")], {alan}),
        ("a name, in capitals", "", [1], [commit("ada", ada, f"{named}CO-AUTHORED-BY: Grace <{grace}>\n")], {grace}),
        (
            "two names in a message, one of them with a commit",
            first,
            [],
            [
                commit("ada", ada, f"Go\n\nCo-authored-by: Alan <{alan}>\nCo-authored-by: Grace <{grace}>"),
                commit("grace", grace),
            ],
            {alan, grace},
        ),
        (
            "the author, named by somebody else",
            first,
            issues,
            [own, commit("grace", grace, f"Go\n\nCo-authored-by: Ada <{ada.title()}>")],
            {grace},
        ),
        ("somebody who reviewed", first, [], [commit("ada", ada, named)], set()),
    ]
    prs = [pull_request(body=body, closes=closes, commits=commits) for _, body, closes, commits, _ in cases]
    for (words, body, closes, _, people), pr, message in zip(cases, prs, messages(student, prs), strict=True):
        assert_parts(f"for {words}", body, closes, people, pr, message)


def assert_parts(words: str, body: str, closes: list[int], people: set[str], pr: dict[str, Any], message: str) -> None:
    """Compare a message with its parts, paragraph by paragraph."""
    paragraphs = [part.strip() for part in re.split(r"\n[ \t]*\n", message.strip()) if part.strip()]
    assert paragraphs[:1] == [f"{pr['title']} (#{pr['number']})"], f"the first paragraph, {words}"
    rest = paragraphs[1:]
    with hint("Whoever wrote a commit, or stands in its Co-authored-by lines, once each, without the author."):
        named = people_of(rest.pop()) if rest and rest[-1].lower().startswith("co-authored-by:") else []
        assert sorted(email for _, email in named) == sorted(people), f"the addresses in the last paragraph, {words}"
        names = [name for name, _ in named]
        assert sorted(names) == sorted(email.split("@")[0].title() for email in people), f"the names there, {words}"
    with hint("Each issue has its own line, in a paragraph after the description."):
        lines = [line.strip() for line in rest.pop().splitlines()] if closes and rest else []
        assert sorted(lines) == sorted(f"Closes #{number}" for number in closes), f"the lines for issues, {words}"
    with hint("The description is as its author wrote it, but for HTML comments, each to its own end."):
        shown = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
        assert " ".join(rest).split() == shown.split(), f"the words between the subject and what follows, {words}"


# -------------------------------------------------------------------------------------------------------- the scripts

# What every call starts with: a configuration of its own, no editor, no question, clocks that do not matter.
PRELUDE = """set -euo pipefail
root=$PWD
unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
export GIT_CONFIG_GLOBAL=$root/gitconfig GIT_CONFIG_NOSYSTEM=1 GIT_EDITOR=false GIT_TERMINAL_PROMPT=0
export GIT_AUTHOR_DATE="2031-03-05T09:00:00Z" GIT_COMMITTER_DATE="2031-03-05T09:00:00Z"
"""
CONFIGURATION = """[user]
    name = Ada
    email = ada@example.org
[init]
    defaultBranch = main
[commit]
    gpgSign = false
[gc]
    auto = 0
[maintenance]
    auto = false
"""
# play.sh SCRIPT [ARG...]: the student's script, in the clone `work`; ROOT in an argument is the folder of the remotes.
PLAY = f"""{PRELUDE}
cd work
arguments=("${{@:2}}")
exec bash "$root/$1" "${{arguments[@]/#ROOT/$root}}"
"""
# Functions for scenes, as in the session's other modules: `put FILE TEXT`, `save MESSAGE`, `hash [REVISION]`, and
# `maintain FILE TEXT MESSAGE`, a commit that is pushed to the project's main. What a scene prints is kept in a file.
SCENE = f"""{PRELUDE}
exec >"$root/hashes.txt"
put() {{ mkdir -p "$(dirname "$1")"; printf '%s\\n' "$2" >"$1"; git add "$1"; }}
save() {{ git commit --quiet --message "$@"; }}
hash() {{ git rev-parse "${{1:-HEAD}}"; }}
maintain() {{ (cd "$root/maintainer"; put "$1" "$2"; save "$3"; git push --quiet origin main; hash); }}
git init --quiet --bare project.git
git clone --quiet project.git maintainer 2>/dev/null
maintain train.py "epochs = 1" "Train it" >/dev/null
cp -R project.git fork.git
git clone --quiet fork.git work
cd work
git remote add upstream "$root/project.git"
git fetch --quiet upstream
"""
COLLEAGUE = 'cd "$root"; git clone --quiet fork.git colleague; cd colleague'
UNTRACKED = "notes to self: ask Grace about the learning rate\n"


@probe
def git_folder(folder):
    """All files of a git folder that say something about commits and references."""
    from pathlib import Path

    folder = Path(folder)
    found = [path for part in ("objects", "refs") for path in sorted((folder / part).rglob("*")) if path.is_file()]
    found += [path for path in (folder / name for name in ("HEAD", "packed-refs", "config")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@probe
def references(folder):
    """What the files of a git folder say about references: nothing packs them here."""
    from pathlib import Path

    files = [Path(folder, "packed-refs"), *sorted(Path(folder, "refs").rglob("*"))]
    return {path.as_posix(): path.read_bytes() for path in files if path.is_file()}


class Playground:
    """The project, a fork of it, a clone of that, and the student's scripts."""

    def __init__(self, student: Student, inspector: Inspector, scene: str, *names: str) -> None:
        """Build a scene: it may use `$1`, `$2`, … for names, and prints hashes, one a line, that are kept."""
        self.student = student
        self.inspector = inspector
        student.write("gitconfig", CONFIGURATION)
        student.write("play.sh", PLAY)
        student.write("scene.sh", SCENE + scene)
        built = student.shell("scene.sh", *names)
        if built.exit_code != 0:
            raise RuntimeError(f"the scene could not be built: {built.stderr}")
        self.hashes = student.read("hashes.txt").decode().split()
        student.write("work/notes.txt", UNTRACKED)
        self.project_before = student.run(references, "project.git")
        self.fork_before = student.run(references, "fork.git")

    def play(self, script: str, *args: str) -> Any:
        """Run a script of the student in the clone."""
        return self.student.shell("play.sh", script, *args)

    def play_well(self, script: str, *args: str) -> None:
        """Run a script that has to succeed, and to leave alone what is not ours."""
        done = self.play(script, *args)
        assert done.exit_code == 0, f"{script} exits with status {done.exit_code}: {done.last_words}"
        unchanged = self.student.run(references, "project.git") == self.project_before
        ensure(unchanged, f"{script} has pushed to the project's own repository")
        kept = self.student.read("work/notes.txt") == UNTRACKED.encode()
        ensure(kept, f"{script} has changed notes.txt, a file that git does not track")

    def refused(self, words: str, script: str, *args: str) -> None:
        """Run a script that cannot do what it should."""
        done = self.play(script, *args)
        unchanged = self.student.run(references, "fork.git") == self.fork_before
        ensure(unchanged, f"{words}: {script} has changed the fork")
        with hint("Whoever calls the script goes by its status."):
            ensure(done.exit_code != 0, f"{words}: {script} exits with status 0")

    def history(self, git_folder_name: str) -> History:
        files = self.student.run(git_folder, git_folder_name)
        return History.read(self.inspector, files)

    @property
    def fork(self) -> History:
        return self.history("fork.git")

    @property
    def clone(self) -> History:
        return self.history("work/.git")


SYNC_SCENE = f"""
git switch --quiet --create topic; put idea.py "1"; save "An idea"; git push --quiet origin topic; hash
git switch --quiet "$1"
git init --quiet --bare "$root/elsewhere.git"
if [[ $2 == missing ]]; then git remote remove upstream; else git remote set-url upstream "$root/elsewhere.git"; fi
maintain model.py "layers = 3" "A model" >"$root/first"
if [[ $3 == partly ]]; then
    ({COLLEAGUE}; git fetch --quiet "$root/project.git" main; git push --quiet origin FETCH_HEAD:main)
fi
maintain train.py "epochs = $4" "Train longer"
"""


@hint("A fork does not follow the project by itself: fetch from upstream, move main forward, push it to origin.")
@pytest.mark.parametrize(
    ("branch", "upstream", "fork"),
    [("main", "missing", "behind"), ("topic", "elsewhere", "partly")],
    ids=["on main", "on another branch"],
)
def test_fork_is_in_step(
    student: Student, seed: int, inspector: Inspector, branch: str, upstream: str, fork: str
) -> None:
    """sync.sh brings main in step with the project, in the clone and on the fork"""
    epochs = str(random.randint(2, 99))
    play = Playground(student, inspector, SYNC_SCENE, branch, upstream, fork, epochs)
    topic, newest = play.hashes
    play.play_well("sync.sh", "ROOT/project.git")
    clone, forked = play.clone, play.fork
    with hint("`git remote add` makes a remote, `git remote set-url` changes where it is."):
        url = clone.remote("upstream")
        ensure(url is not None, "the clone has no remote upstream")
        ensure(str(url).rstrip("/").endswith("/project.git"), f"upstream is {url}, which is not the URL that was given")
    ensure(forked.branch("main") == newest, "main on the fork is not where the project's main is")
    ensure(clone.branch("main") == newest, "main in the clone is not where the project's main is")
    with hint("The clone may be on any branch when the script is called, and is there when it ends."):
        assert clone.head == f"refs/heads/{branch}", "the branch on which the clone is"
    ensure(clone.branch("topic") == topic, "topic, another branch of the clone, has moved")
    assert sorted(forked.references("refs/heads/")) == ["main", "topic"], "the branches on the fork"
    ensure(forked.branch("topic") == topic, "topic, another branch of the fork, has moved")
    if branch == "main":
        with hint("Moving a branch by force leaves the files of the one that you are on as they were."):
            assert student.read("work/train.py") == f"epochs = {epochs}\n".encode(), "what train.py holds on the disk"


OWN_COMMIT_SCENE = f"""
if [[ $1 == here ]]; then
    put own.py "1"; save "On main by mistake"
else
    ({COLLEAGUE}; put own.py "1"; save "On the fork's main"; git push --quiet origin main)
fi
hash
git switch --quiet --create topic
maintain model.py "layers = 3" "A model"
"""


@hint("Nothing is lost without being asked for: only a main that is behind can be moved forward.")
@pytest.mark.parametrize("place", ["here", "on the fork"])
def test_own_commits_are_not_lost(student: Student, seed: int, inspector: Inspector, place: str) -> None:
    """sync.sh refuses when main has commits that the project lacks"""
    play = Playground(student, inspector, OWN_COMMIT_SCENE, place)
    where = {"here": "the clone's main has a commit of its own", "on the fork": "the fork's main has one of its own"}
    play.refused(where[place], "sync.sh", "ROOT/project.git")
    kept = play.hashes[0] in play.clone.ancestors(play.clone.branch("main"))
    ensure(kept, "a commit that was on the clone's main before is not on it any more")


PROPOSE_SCENE = f"""
git switch --quiet --create "$2" main
put old.py "1"; save "Somebody else's idea"
put old.py "2"; save "Somebody else's second idea"; git push --quiet origin "$2"; hash
git switch --quiet --create "$1"
put "$3.py" "1"; save "Begin with $3"
[[ $4 == new ]] || git push --quiet origin "$1"
put "$3.py" "2"; put tests.py "$3"; save "Test $3" --author "Grace <grace@example.org>"
put "$3.py" "3"; save "End with $3"
if [[ $4 == theirs* ]]; then
    ({COLLEAGUE}; git switch --quiet "$1"; put more.py "1"; save "A colleague's"; git push --quiet origin "$1")
fi
[[ $4 != *fetched ]] || git fetch --quiet origin
maintain model.py "layers = 3" "A model"
git switch --quiet "$5"
"""


@hint(
    "rebase moves what follows one commit onto another one. Which commits are BRANCH's own, and where do they belong?"
)
@pytest.mark.parametrize("state", ["new", "published"])
def test_branch_brings_its_own_commits(student: Student, seed: int, inspector: Inspector, state: str) -> None:
    """propose.sh publishes a branch that brings its own commits to the project's main, and nobody else's"""
    branch, old, name = f"feature/{word()}", f"idea-{word()}", word()
    on = {"new": old, "published": "main"}[state]
    play = Playground(student, inspector, PROPOSE_SCENE, branch, old, name, state, on)
    old_tip, newest = play.hashes
    play.play_well("propose.sh", branch, old)
    fork, clone = play.fork, play.clone
    tip = fork.branch(branch)
    with hint("The clone knows upstream as it was when it last asked, and the fork's main is not the project's."):
        ensure(newest in fork.ancestors(tip), "the branch does not start at the project's main as it is now")
    brought = fork.since(tip, newest)
    said = [fork.message(commit).strip() for commit in brought]
    ensure(not any("Somebody" in message for message in said), f"the branch brings commits of {old} as well: {said}")
    assert said == [f"Begin with {name}", f"Test {name}", f"End with {name}"], "the messages of what the branch brings"
    people = [fork.author(commit).split()[0] for commit in brought]
    assert people == ["Ada", "Grace", "Ada"], "the authors of what the branch brings"
    files = {"train.py": "epochs = 1\n", "model.py": "layers = 3\n", f"{name}.py": "3\n", "tests.py": f"{name}\n"}
    assert fork.files(tip) == files, "the files of the branch on the fork"
    ensure(fork.branch(old) == old_tip, f"{old} on the fork has changed")
    ensure(clone.branch(old) == old_tip, f"{old} in the clone has changed")
    with hint("Afterwards you go on working on the branch: be on it, and let a plain git push know where it belongs."):
        assert clone.head == f"refs/heads/{branch}", "the branch on which the clone is"
        ensure(clone.branch(branch) == tip, "the branch in the clone and the one on the fork are at different commits")
        assert clone.upstream(branch) == ("origin", f"refs/heads/{branch}"), "where a plain git push would go"


@hint("A lease protects what you have not seen; what was fetched counts as seen. Ask whether it is in your branch.")
@pytest.mark.parametrize("state", ["theirs", "theirs, fetched"])
def test_colleagues_commits_are_not_replaced(student: Student, seed: int, inspector: Inspector, state: str) -> None:
    """propose.sh refuses when the fork's branch has a colleague's commit that the clone's lacks"""
    branch, old = word(), word()
    play = Playground(student, inspector, PROPOSE_SCENE, branch, old, word(), state, "main")
    play.refused(f"a colleague has pushed to {branch}", "propose.sh", branch, old)


REVIEWER = "Grace Hopper <grace@example.org>"
ANSWER_SCENE = f"""
git switch --quiet --create "$1" --no-track upstream/main
put net.py "layers = 1
width = 8
rate = $2"; put labels.txt "$2"; save "A net"
git push --quiet --set-upstream origin "$1"
mkdir "$root/review notes"
(
    {COLLEAGUE}; git switch --quiet "$1"
    put more.py "1"; save "From a maintainer"; git push --quiet origin "$1"; hash
    notes="$root/review notes"
    put net.py "layers = 1
width = $3
rate = $2"; git diff --cached >"$notes/b first.patch"; save "1"
    put tests/new.py "assert $3"; git rm --quiet labels.txt
    put net.py "layers = 1
width = $3
rate = 0.$3"; git diff --cached >"$notes/a second.patch"; save "2"
    put README.md "A net of width $3"; git diff --cached >"$notes/c.patch"
)
(cd "$root/maintainer"; put other.py "1"; git add other.py; save "Other"; put other.py "2"; git diff --cached) \\
    >"$root/review notes/other.patch"
git switch --quiet main
"""


def answered_files(rate: str, width: str) -> list[dict[str, str]]:
    """The files after each of the reviewer's changes."""
    before = {"train.py": "epochs = 1\n", "more.py": "1\n", "labels.txt": f"{rate}\n"}
    first = before | {"net.py": f"layers = 1\nwidth = {width}\nrate = {rate}\n"}
    second = first | {"net.py": f"layers = 1\nwidth = {width}\nrate = 0.{width}\n", "tests/new.py": f"assert {width}\n"}
    del second["labels.txt"]
    return [first, second, second | {"README.md": f"A net of width {width}\n"}]


def is_trailer_of(message: str, trailer: str) -> bool:
    """Whether git finds a trailer in a message: in the last paragraph, which is not the subject, among its like."""
    paragraphs = [part.splitlines() for part in re.split(r"\n[ \t]*\n", message.strip())]
    last = [line.strip() for line in paragraphs[-1]]
    alike = all(re.match(r"[A-Za-z0-9-]+: ?\S", line) for line in last)
    return len(paragraphs) > 1 and alike and trailer.lower() in (line.lower() for line in last)


@hint("Each patch becomes a commit of its own on top of the branch, and what has been reviewed stays where it is.")
def test_answers_are_commits(student: Student, seed: int, inspector: Inspector) -> None:
    """answer.sh adds a commit for each patch to the branch on the fork, with the reviewer as co-author"""
    branch, rate, width = f"net-{word()}", str(random.randint(2, 9)), str(random.randint(10, 99))
    play = Playground(student, inspector, ANSWER_SCENE, branch, rate, width)
    patches = [f"../review notes/{name}.patch" for name in ("b first", "a second", "c")]
    play.play_well("answer.sh", branch, REVIEWER, *patches)
    fork, before = play.fork, play.hashes[0]
    tip = fork.branch(branch)
    with hint(
        "Reviewers have seen these commits, and others have pushed to the branch: add on top of what is there now."
    ):
        ensure(before in fork.ancestors(tip), "commits that were on the fork's branch are not on it any more")
    added = fork.since(tip, before)
    assert len(added) == len(patches), "the number of commits that were added to the fork's branch"
    for number, (commit, files) in enumerate(zip(added, answered_files(rate, width), strict=True), start=1):
        with hint(
            "A commit holds its patch as it is: new files and deleted ones too, and nothing else that lies about."
        ):
            assert sorted(fork.files(commit)) == sorted(files), f"the files of answer {number}"
            assert fork.files(commit) == files, f"what the files of answer {number} hold"
        with hint("Trailers stand in the last paragraph, behind a blank line: see `git help interpret-trailers`."):
            credited = is_trailer_of(fork.message(commit), f"Co-authored-by: {REVIEWER}")
            ensure(credited, f"the reviewer is no co-author of answer {number}: {fork.message(commit)!r}")


@hint("Push once, when all is done.")
def test_answers_come_together_or_not_at_all(student: Student, seed: int, inspector: Inspector) -> None:
    """answer.sh pushes nothing when one of the patches does not apply"""
    branch = word()
    play = Playground(student, inspector, ANSWER_SCENE, branch, "3", "32")
    patches = ["../review notes/b first.patch", "../review notes/other.patch"]
    play.refused("the second of two patches does not apply", "answer.sh", branch, REVIEWER, *patches)
