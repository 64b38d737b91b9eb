"""Hidden suite of m05: six git scripts, replayed in fresh clones of fresh remotes."""

import random
import string
from math import ceil, log2
from typing import Any

from history import History

from mlops_grade.suite import Inspector, Student, hint, probe

# What every call starts with: a configuration of its own, no editor, no question, clocks that do not matter.
PRELUDE = """set -euo pipefail
root=$PWD
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
# play.sh SCRIPT [ARG...]: the student's script, in the clone `work`.
PLAY = f"""{PRELUDE}
cd work
exec bash "$root/$1" "${{@:2}}"
"""
# Functions for scenes: `put FILE TEXT`, `save MESSAGE` (commits all that is tracked or put), `hash [REVISION]`. What a
# scene prints is kept in a file: a student who reads what their scripts printed should not find it there.
SCENE = f"""{PRELUDE}
exec >"$root/hashes.txt"
put() {{ mkdir -p "$(dirname "$1")"; printf '%s\\n' "$2" >"$1"; git add "$1"; }}
save() {{ git commit --quiet --message "$1"; }}
hash() {{ git rev-parse "${{1:-HEAD}}"; }}
git init --quiet --bare remote.git
git clone --quiet remote.git work 2>/dev/null
cd work
"""
# A colleague's clone, made at the time when it is called.
COLLEAGUE = 'cd "$root"; git clone --quiet remote.git colleague; cd colleague'
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
def leftovers(folder):
    """Names in a git folder that tell of something unfinished."""
    from pathlib import Path

    return sorted(path.name for path in Path(folder).iterdir())


def ensure(condition: object, message: str) -> None:
    """Fail the check with a message alone, where what was compared would not help, or would give the answer away."""
    if not condition:
        raise AssertionError(message)


def word() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=7))


class Playground:
    """A remote, a clone of it, and the student's scripts."""

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

    def play(self, script: str, *args: str) -> Any:
        """Run a script of the student in the clone."""
        return self.student.shell("play.sh", script, *args)

    def play_well(self, script: str, *args: str) -> Any:
        """Run a script that has to succeed."""
        done = self.play(script, *args)
        assert done.exit_code == 0, f"{script} exits with status {done.exit_code}: {done.last_words}"
        return done

    def history(self, git_folder_name: str) -> History:
        files = self.student.run(git_folder, git_folder_name)
        return History.read(self.inspector, files)

    @property
    def remote(self) -> History:
        return self.history("remote.git")

    @property
    def clone(self) -> History:
        return self.history("work/.git")


# ------------------------------------------------------------------------------------------------------------- branch

BRANCH_SCENE = f"""
put model.py "layers = 1"; save "A first model"
put train.py "epochs = 1"; save "Train it"
git push --quiet origin main
git switch --quiet --create old-idea
put idea.txt "never mind"; save "An idea"
({COLLEAGUE}; put model.py "layers = 3"; save "A deeper model"; git push --quiet origin main)
hash; hash main; git --git-dir "$root/remote.git" rev-parse main
"""


@hint("Your clone knows the remote as it was when you last asked. Where does a new branch start if you say nothing?")
def test_branch_starts_at_the_newest_main(student: Student, seed: int, inspector: Inspector) -> None:
    """branch.sh makes a branch at the remote's newest main, and switches to it"""
    name = f"feature/{word()}"
    play = Playground(student, inspector, BRANCH_SCENE)
    old_idea, old_main, newest = play.hashes
    play.play_well("branch.sh", name)
    clone = play.clone
    start = clone.branch(name)
    wrong_starts = {
        old_idea: "the branch starts where the clone happened to be",
        old_main: "the branch starts at an old main: others have pushed since",
    }
    if start in wrong_starts:
        raise AssertionError(wrong_starts[start])
    assert start == newest, "the branch does not start where main is on the remote"
    assert clone.head == f"refs/heads/{name}", "the clone is not on the new branch"


@hint(
    "Publishing has two halves: the branch on the remote, and your branch's note of which remote branch it belongs to."
)
def test_branch_is_published(student: Student, seed: int, inspector: Inspector) -> None:
    """branch.sh publishes the branch, and sets it up for a plain git push and git pull"""
    name = word()
    play = Playground(student, inspector, BRANCH_SCENE)
    _, _, newest = play.hashes
    play.play_well("branch.sh", name)
    remote = play.remote
    ensure(name in remote.references("refs/heads/"), f"there is no branch {name} on the remote")
    assert remote.branch("main") == newest, "main on the remote has changed"
    upstream = play.clone.upstream(name)
    if upstream is None:
        raise AssertionError(f"{name} is set up with no branch of the remote: git push would ask which one is meant")
    assert upstream == ("origin", f"refs/heads/{name}"), "a plain git push and git pull would mean another branch"


# -------------------------------------------------------------------------------------------------------------- merge

HEADING = ["Changelog", "=========", "", "Unreleased", "----------"]
OLD_LINES = ["- a first model", "", "0.1 ======= the beginning", "", "- everything"]
MERGE_SCENE = """
printf '%s\\n' "$3" >CHANGELOG.md; git add CHANGELOG.md
put train.py "epochs = 1"; put model.py "layers = 1"; save "Begin"
git switch --quiet --create "$1"
printf '%s\\n' "$5" >CHANGELOG.md; git add CHANGELOG.md
put model.py "layers = $2"; put dropout.py "rate = 0.$2"; save "Dropout"
git push --quiet origin "$1"
git switch --quiet main
printf '%s\\n' "$4" >CHANGELOG.md; git add CHANGELOG.md
put train.py "epochs = $2"; put schedule.py "warm up = $2"; save "A schedule"
git push --quiet origin main
git branch --quiet --delete --force "$1"
hash; hash "origin/$1"
"""


def merged(student: Student, inspector: Inspector) -> tuple[Playground, History, list[str], str]:
    """The clone, the remote after merge.sh, the lines that both sides added, and the number they wrote into files."""
    branch, number = f"topic-{word()}", str(random.randint(2, 9))
    ours, theirs = (f"- {side} {word()}" for side in ("schedule:", "dropout:"))
    texts = ["\n".join([*HEADING, *added, *OLD_LINES]) for added in ([], [ours, f"{ours}, tuned"], [theirs])]
    play = Playground(student, inspector, MERGE_SCENE, branch, number, *texts)
    play.play_well("merge.sh", branch)
    return play, play.remote, [ours, f"{ours}, tuned", theirs], number


@hint("git marks the two versions in the file and stops. Keep the lines of both; only the marks have to go.")
def test_merge_keeps_both_edits(student: Student, seed: int, inspector: Inspector) -> None:
    """merge.sh keeps what both sides added to CHANGELOG.md, and all other lines as they were"""
    _, remote, added, _ = merged(student, inspector)
    files = remote.files(remote.branch("main"))
    assert "CHANGELOG.md" in files, "CHANGELOG.md is gone from the remote's main"
    lines = files["CHANGELOG.md"].splitlines()
    for line in lines:
        ensure(not line.startswith(("<<<<<<<", ">>>>>>>", "|||||||")) and line != "=======", f"a mark is left: {line}")
    for line in added:
        ensure(lines.count(line) == 1, f"the line {line!r} is there {lines.count(line)} times, expected once")
    others = [line for line in lines if line not in added]
    assert others == [*HEADING, *OLD_LINES], "the other lines of CHANGELOG.md"


@hint("Look at the graph: a merge joins two lines. Were only the files of the merge committed, and was main pushed?")
def test_merge_joins_the_two_histories(student: Student, seed: int, inspector: Inspector) -> None:
    """merge.sh pushes a merge commit with the right parents and the files of both sides"""
    play, remote, _, number = merged(student, inspector)
    old_main, topic = play.hashes
    tip = remote.branch("main")
    pushed = tip != old_main
    assert pushed, "main on the remote is where it was"
    assert remote.parents(tip) == [old_main, topic], "the parents have to be the old main and the branch, in this order"
    files = {name: text for name, text in remote.files(tip).items() if name != "CHANGELOG.md"}
    wanted = {
        "train.py": f"epochs = {number}\n",
        "schedule.py": f"warm up = {number}\n",
        "model.py": f"layers = {number}\n",
        "dropout.py": f"rate = 0.{number}\n",
    }
    assert sorted(files) == sorted(wanted), "these files are in the commit"
    assert files == wanted, "what these files hold in the commit"


# --------------------------------------------------------------------------------------------------------------- undo

UNDO_SCENE = f"""
put model.py "layers = 1"; put loss.py "mean"; save "Begin"
put model.py "layers = $1"; put extra.py "x = 1"; git rm --quiet loss.py; save "A mistake"; hash
put train.py "epochs = 1"; save "Train"
put train.py "epochs = $1"; save "Train longer"
git push --quiet origin main
({COLLEAGUE}; put report.py "print($1)"; save "A report"; git push --quiet origin main; hash)
"""


def undone(student: Student, inspector: Inspector) -> tuple[str, str, str, History]:
    """The mistake, the tip that others had pushed, a number in their files, and the remote after undo.sh."""
    number = str(random.randint(2, 99))
    play = Playground(student, inspector, UNDO_SCENE, number)
    mistake, tip = play.hashes
    play.play_well("undo.sh", mistake)
    return mistake, tip, number, play.remote


@hint("git can make a commit that does the opposite of another one. Is it on the remote?")
def test_undo_takes_back_the_change(student: Student, seed: int, inspector: Inspector) -> None:
    """undo.sh takes back exactly what the commit did, and keeps what came after it"""
    _, _, number, remote = undone(student, inspector)
    assert remote.files(remote.branch("main")) == {
        "model.py": "layers = 1\n",
        "loss.py": "mean\n",
        "train.py": f"epochs = {number}\n",
        "report.py": f"print({number})\n",
    }, "the files on the remote's main, and what they hold"


@hint("Others have built on that commit: add to history, do not change it. Fetch what they pushed before you push.")
def test_undo_keeps_history(student: Student, seed: int, inspector: Inspector) -> None:
    """undo.sh adds a commit on top of what others pushed, and says which commit it undoes"""
    mistake, tip, _, remote = undone(student, inspector)
    new = remote.branch("main")
    ancestors = remote.ancestors(new)
    ensure(mistake in ancestors, "the commit is gone from the history of main on the remote")
    ensure(tip in ancestors, "what the colleague pushed is gone from main on the remote")
    added = new != tip
    assert added, "no commit was added on the remote"
    assert remote.parents(new) == [tip], "one new commit has to stand on top of what others pushed"
    ensure(mistake in remote.message(new), f"the message does not name the commit: {remote.message(new)}")


# ------------------------------------------------------------------------------------------------------------ untrack

UNTRACK_SCENE = """
put train.py "epochs = 1"; put src/data/loader.py "def load(): ..."
put data/raw.csv "$1"; put data/images/leaf.txt "$1 $1"
printf '*.log\\n!keep.log\\nmodels/' >.gitignore; git add .gitignore
save "Everything"; git push --quiet origin main
hash
"""
# ignored.sh PATH...: those of the paths that git ignores, by the .gitignore in the folder `rules`.
IGNORED = 'cd rules; git init --quiet; git check-ignore --no-index -- "$@" || [ $? -eq 1 ]\n'


def untracked(student: Student, inspector: Inspector) -> tuple[Playground, str, History]:
    """The clone, the content of its data, and the remote after untrack.sh."""
    content = word()
    play = Playground(student, inspector, UNTRACK_SCENE, content)
    play.play_well("untrack.sh")
    return play, content, play.remote


@hint("There is a way to remove files from the next commit that leaves them on the disk.")
def test_data_is_untracked_and_kept(student: Student, seed: int, inspector: Inspector) -> None:
    """untrack.sh takes data/ out of the next commit, and leaves the files on the disk"""
    play, content, remote = untracked(student, inspector)
    tip = remote.branch("main")
    pushed = tip != play.hashes[0]
    assert pushed, "main on the remote is where it was"
    assert remote.parents(tip) == play.hashes, "one new commit has to stand on top of the old main"
    assert sorted(remote.files(tip)) == [".gitignore", "src/data/loader.py", "train.py"], (
        "these files are in the commit"
    )
    on_disk = {name for name in student.files() if name.startswith("work/") and "/.git/" not in name}
    for name in ("data/raw.csv", "data/images/leaf.txt", "src/data/loader.py"):
        ensure(f"work/{name}" in on_disk, f"{name} is gone from the disk")
    assert student.read("work/data/raw.csv") == f"{content}\n".encode(), "what data/raw.csv holds on the disk"
    assert student.read("work/notes.txt") == UNTRACKED.encode(), "what notes.txt, an untracked file, holds on the disk"


@hint("How does a pattern say `only in this folder`? And what becomes of a rule that shares its line with another?")
def test_ignore_rules(student: Student, seed: int, inspector: Inspector) -> None:
    """.gitignore covers data/ in the root and nothing more, and the old rules still hold"""
    _, _, remote = untracked(student, inspector)
    student.write("rules/.gitignore", remote.files(remote.branch("main")).get(".gitignore", ""))
    student.write("ignored.sh", PRELUDE + IGNORED)
    name = word()
    ignored = [f"data/{name}.csv", f"data/{name}/deep/{name}.bin", f"{name}.log", f"models/{name}.pth"]
    kept = [f"src/data/{name}.py", f"src/{name}.csv", "keep.log", "README.md", "train.py"]
    student.write("gitconfig", CONFIGURATION)
    answer = student.shell("ignored.sh", *ignored, *kept)
    assert answer.exit_code == 0, f"git does not understand .gitignore: {answer.stderr}"
    answered = answer.stdout.splitlines()
    for path in ignored:
        ensure(path in answered, f"git does not ignore {path}")
    for path in kept:
        ensure(path not in answered, f"git ignores {path}")


# ------------------------------------------------------------------------------------------------------------ release

RELEASE_SCENE = f"""
put model.py "layers = 1"; save "Begin"
git tag --annotate --message "Release $1" "v$1"
git push --quiet origin main "v$1"
put model.py "layers = 2"; save "Deeper"; git push --quiet origin main
git tag private-note; git tag --annotate --message mine try-7
git tag --annotate --message "Release $3, not out yet" "v$3"
git switch --quiet --create other-work HEAD~1
put other.py "1"; save "Something else"
({COLLEAGUE}; put report.py "print(1)"; save "A report"
 git tag --annotate --message "Release $2" "v$2"; git push --quiet origin main "v$2"; hash)
"""


def version() -> str:
    return ".".join(str(random.randint(0, 30)) for _ in range(3))


@hint("Tags come in two kinds, and there is more than one way to push them. Where is main, on the remote, now?")
def test_release_is_tagged(student: Student, seed: int, inspector: Inspector) -> None:
    """release.sh pushes an annotated tag at the remote's newest main, and no other tag"""
    first, second, kept, new = (f"{number}.{version()}" for number in (1, 2, 3, 4))
    play = Playground(student, inspector, RELEASE_SCENE, first, second, kept)
    play.play_well("release.sh", new)
    remote = play.remote
    tags = sorted(remote.references("refs/tags/"))
    assert tags == sorted([f"v{first}", f"v{second}", f"v{new}"]), "these tags are on the remote"
    tag = remote.annotated(f"v{new}")
    if tag is None:
        raise AssertionError(f"v{new} is a lightweight tag: it says neither who made it, nor when, nor why")
    commit, message = tag
    assert commit == play.hashes[0], "the tag is not at the commit where main is on the remote"
    ensure(new in message, f"the tag's message does not hold the version: {message}")
    assert remote.branch("main") == play.hashes[0], "main on the remote has changed"


@hint(
    "A version that is out stays what it is. The tag may exist on the remote only: ask there, too, before you make one."
)
def test_release_that_exists_is_refused(student: Student, seed: int, inspector: Inspector) -> None:
    """release.sh changes nothing when the tag exists, here or on the remote"""
    both, there, here = (f"{number}.{version()}" for number in (1, 2, 3))
    play = Playground(student, inspector, RELEASE_SCENE, both, there, here)
    before = play.history("remote.git").references("refs/tags/")
    mine = play.clone.references("refs/tags/")
    for taken, place in ((both, "here and on the remote"), (there, "on the remote only"), (here, "here only")):
        done = play.play("release.sh", taken)
        ensure(done.exit_code != 0, f"v{taken} exists {place}, and release.sh exits with status 0")
    assert play.remote.references("refs/tags/") == before, "the tags on the remote have changed"
    in_clone = play.clone.references("refs/tags/")
    for taken in (both, there):
        unchanged = in_clone.get(f"v{taken}", before[f"v{taken}"]) == before[f"v{taken}"]
        assert unchanged, f"the clone has another v{taken} now than the remote"
    moved = in_clone.get(f"v{here}") != mine[f"v{here}"]
    assert not moved, f"v{here}, a tag of the clone that nobody else has, was moved or deleted"
    play.play_well("release.sh", f"4.{version()}")


# ----------------------------------------------------------------------------------------------------------- find_bug

# bug.sh COMMITS BROKEN BRANCH: a history of that many commits on BRANCH, of which number BROKEN breaks the model.
BUG_SCENE = """
for ((i = 1; i <= $1; i++)); do
    state=good
    ((i < $2)) || state=broken
    data="step = $i
state = $state"
    printf 'commit refs/heads/%s\\nmark :%d\\n' "$3" "$i"
    printf 'committer Ada <ada@example.org> %d +0000\\ndata 4\\nstep\\n' "$((1900000000 + i))"
    printf 'M 100644 inline model.txt\\ndata %d\\n%s\\n' "${#data}" "$data"
done | git fast-import --quiet --export-marks="$root/marks"
git switch --quiet "$3"
git tag begin "HEAD~$(($1 - 2))"
sort --key=1.2n "$root/marks" | cut -d ' ' -f 2
"""
# A check that is noisy on purpose; it writes down each call.
CHECK = """echo "$PWD" "$@" >>"${0%/*}/calls.txt"
echo "checking..."; echo "a warning" >&2
[ "$1" = "two words" ] || exit 0
! grep --quiet broken model.txt
"""


def searched(student: Student, inspector: Inspector) -> tuple[Playground, Any, int, int, str]:
    """The clone, what find_bug.sh printed, how many commits there are, which one is broken, and the branch."""
    commits = random.randint(70, 110)
    # Far enough from both ends that walking takes many more runs than halving.
    broken, branch = random.randint(30, commits - 25), f"work-{word()}"
    play = Playground(student, inspector, BUG_SCENE, str(commits), str(broken), branch)
    student.write("my checks/check.sh", CHECK)
    done = play.play_well("find_bug.sh", "begin", "bash", "../my checks/check.sh", "two words")
    return play, done, commits, broken, branch


@hint("git keeps a reference to the commit that the search ends with; all that is chatter belongs on standard error.")
def test_first_bad_commit_is_found(student: Student, seed: int, inspector: Inspector) -> None:
    """find_bug.sh prints the first commit at which the command fails, and nothing else"""
    play, done, _, broken, _ = searched(student, inspector)
    said = done.stdout.split()
    assert len(said) == 1, f"one hash has to be printed, and nothing else; {len(said)} words were"
    found = play.hashes.index(said[0]) + 1 if said[0] in play.hashes else None
    if found is None:
        raise AssertionError(f"{said[0]} is not the full hash of a commit")
    assert found == broken, f"of the {len(play.hashes)} commits, number {broken} is the first that fails"


@hint("Halving the history takes about log2(n) runs; and after a search, git has a command that brings you back.")
def test_search_is_short_and_cleans_up(student: Student, seed: int, inspector: Inspector) -> None:
    """find_bug.sh halves the history instead of walking it, and leaves the clone as it was"""
    play, _, commits, _, branch = searched(student, inspector)
    calls = student.read("my checks/calls.txt").decode().count("two words")
    allowed = ceil(log2(commits)) + 4
    ensure(calls >= 2, "the command was hardly ever run")
    ensure(calls <= allowed, f"{calls} runs for {commits} commits: {allowed} are more than enough")
    clone = play.clone
    assert clone.head == f"refs/heads/{branch}", "the clone is not on the branch where it was"
    assert clone.branch(branch) == play.hashes[-1], "the branch has moved"
    ensure("BISECT_LOG" not in student.run(leftovers, "work/.git"), "a bisection is still going on")
