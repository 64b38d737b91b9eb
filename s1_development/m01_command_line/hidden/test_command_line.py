"""Hidden suite of m01: two shell scripts and a settings module."""

import random
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from mlops_grade.suite import Student, hint, probe

# Runs a script of the workspace under bash with an environment of PATH alone: bare.sh FOLDER SCRIPT [ARG...]
BARE = 'workspace=$PWD; cd "$1"; exec env -i PATH="$PATH" bash "$workspace/$2" "${@:3}"\n'
SAY = 'printf "[%s]" "$@"; echo\n'
SHOW = 'for name in "$@"; do printf "%s=[%s]\\n" "$name" "${!name-not set}"; done\n'
# Counts its runs in a file, and fails with a status from the given run on: tick.sh FAILING_RUN STATUS
TICK = 'echo run >>ticks.txt; count=$(wc -l <ticks.txt); echo "run $count" >&2; [ "$count" -lt "$1" ] || exit "$2"\n'

GIVEN = {"bare.sh": BARE, "say.sh": SAY, "show.sh": SHOW, "tick.sh": TICK}
AWKWARD = ["two words", "it's", 'say "hi"', "*", "$HOME", "", "back\\slash", "-n", "a;b", "$(date)", "  edges  "]


def ensure(condition: object, message: str) -> None:
    """Fail the check with a message alone, where what was compared would not help, or would give the answer away."""
    if not condition:
        raise AssertionError(message)


def bare(student: Student, script: str, *args: object, folder: str = ".", stdin: str = "") -> Any:
    """Run a script of the student in a folder, with nothing but PATH in the environment."""
    for name, source in GIVEN.items():
        student.write(name, source)
    return student.shell("bare.sh", folder, script, *(str(arg) for arg in args), stdin=stdin)


def said(arguments: Sequence[str]) -> str:
    """What say.sh prints for these arguments."""
    return "".join(f"[{argument}]" for argument in arguments) + "\n"


def check_variables(got: dict[str, str], variables: dict[str, str], text: str) -> None:
    """Compare variables one by one, so that a student sees the line of the file that was misread."""
    for name, value in variables.items():
        line = re.findall(rf"^\s*(?:export\s+)?{name}=.*$", text, re.MULTILINE)[-1]
        assert {name: got.get(name)} == {name: value}, f"a line of the file: {line}"


def complaint(function: Callable[..., Any], *args: Any, about: str) -> str:
    """The message of the ValueError that a call raises; the check fails where it raises none."""
    try:
        function(*args)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{about}, but no ValueError was raised")


# ---------------------------------------------------------------------------------------------------------- run_n.sh


@hint(
    "N is the first argument: `shift` takes it away, and the rest is the command. A loop that tests its condition "
    "before the first run handles 0 by itself. The script prints nothing of its own."
)
def test_runs_the_command_n_times(student: Student, seed: int) -> None:
    """run_n.sh runs the command N times, 0 included, and prints nothing of its own"""
    for runs in [*random.sample([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12], 3), 0]:
        done = bare(student, "run_n.sh", runs, "bash", "say.sh", "epoch")
        assert done.stdout.count("[epoch]") == runs, f"with N = {runs}, the command was run so many times"
        assert done.stdout == said(["epoch"]) * runs, "all that is printed has to come from the command"
        assert (done.exit_code, done.stderr) == (0, ""), f"exit status and standard error with N = {runs}"


@hint("Bash has one way to write `all arguments, each as it came`; nothing has to be put together or evaluated.")
def test_hands_on_arguments_as_they_are(student: Student, seed: int) -> None:
    """run_n.sh hands on arguments with spaces, quotes and wildcards as they came"""
    for _ in range(2):
        arguments = random.sample(AWKWARD, len(AWKWARD))
        done = bare(student, "run_n.sh", 2, "bash", "say.sh", *arguments)
        for line in done.stdout.splitlines():
            assert line == said(arguments).strip("\n"), "the arguments as the command got them, each in brackets"
        assert done.stdout.count("\n") == 2, "with N = 2, the command has to be run twice"
    student.write("my tools/say it.sh", SAY)
    done = bare(student, "run_n.sh", 1, "bash", "my tools/say it.sh", "x")
    assert done.stdout == said(["x"]), "a script in a folder with a space in its name was run"


@hint("Look at the exit status of each run before the next one starts; `exit` without a number keeps the last status.")
def test_stops_at_the_first_failure(student: Student, seed: int) -> None:
    """run_n.sh stops at the first run that fails, and exits with its status"""
    failing, status = random.randint(2, 5), random.randint(3, 99)
    done = bare(student, "run_n.sh", 7, "bash", "tick.sh", failing, status)
    ticks = student.read("ticks.txt").decode().count("run")
    assert ticks == failing, f"run {failing} of 7 failed, yet the command was run {ticks} times"
    assert done.exit_code == status, f"run {failing} of 7 failed with status {status}: the exit status of the script"


@hint("Check the arguments before the first run: how many there are, and that N has nothing but digits.")
def test_wrong_usage(student: Student) -> None:
    """run_n.sh refuses wrong usage with status 2 and a message on standard error"""
    say = ["bash", "say.sh", "x"]
    for arguments in ([], ["3"], ["three", *say], ["-2", *say], ["2.5", *say], ["", *say]):
        done = bare(student, "run_n.sh", *arguments)
        call = shlex.join(["run_n.sh", *arguments])
        assert not done.stdout, f"{call}: something was run, or the message went to standard output"
        assert done.exit_code == 2, f"{call}: the exit status is {done.exit_code}, not 2"
        assert done.stderr.strip(), f"{call}: nothing was said on standard error"


@hint(
    "Does the loop read from a pipe or a file? Then the command inherits that as its standard input. And do not change "
    "folder: relative paths in the command are meant from where the caller stands."
)
def test_input_and_folder_belong_to_the_command(student: Student, seed: int) -> None:
    """run_n.sh leaves standard input and the current folder to the command"""
    student.write("echo_line.sh", 'IFS= read -r line; echo "got $line"\n')
    lines = [f"line {random.randint(100, 999)}" for _ in range(3)]
    done = bare(student, "run_n.sh", 3, "bash", "echo_line.sh", stdin="\n".join(lines) + "\n")
    assert done.stdout == "".join(f"got {line}\n" for line in lines), "each of three runs reads one line of the input"
    folder = f"run {random.randint(10, 99)}/of today"
    student.write(f"{folder}/here.sh", 'echo "${PWD##*/}"\n')
    done = bare(student, "run_n.sh", 2, "bash", "here.sh", folder=folder)
    assert done.stdout == "of today\n" * 2, "the command prints the folder that it runs in"


# -------------------------------------------------------------------------------------------------------- load_env.sh


def plain_file() -> tuple[str, dict[str, str]]:
    """A `.env` file without quotes whose last line lacks the newline, and its variables."""
    number = random.randint(100, 999)
    variables = {
        "MODEL": f"resnet{number}",
        "DATA_DIR": f"/data/run {number}",
        "QUERY": f"user=ada&limit={number}",
        "COLOUR": f"#ff0{number}",
        "CHANNEL": f"team#{number}",
        "EMPTY": "",
        "_private2": f"p{number}",
        "TOWN": "Kgs. Lyngby, Ærø",
        "LAST": f"end{number}",
    }
    text = (
        f"# a comment with NAME=value in it\n\n   \t\n"
        f"MODEL=first\nexport MODEL={variables['MODEL']}\n"
        f"  DATA_DIR={variables['DATA_DIR']}  # where the images are\n"
        f"QUERY={variables['QUERY']}\n   # export QUERY=no\n"
        f"COLOUR={variables['COLOUR']}\nCHANNEL={variables['CHANNEL']} \t # why not\nEMPTY=\n"
        f"_private2={variables['_private2']}\n export  TOWN={variables['TOWN']}   \nLAST={variables['LAST']}"
    )
    return text, variables


def quoted_file() -> tuple[str, dict[str, str]]:
    """A `.env` file with quotes, and its variables."""
    number = random.randint(100, 999)
    variables = {
        "NAME": f"run {number}",
        "TITLE": f"it's run {number} # not a comment",
        "SAID": f'she said "{number}"',
        "EDGES": f"  {number} ",
        "NOTHING": "",
        "FORMULA": f"a=b={number}",
        "EXPORTED": f"export {number}",
        "WHOLE": f"#{number}",
    }
    text = (
        f'NAME="{variables["NAME"]}"\n'
        f'TITLE="{variables["TITLE"]}" # and this is a comment\n'
        f"SAID='{variables['SAID']}'\nexport EDGES=\"{variables['EDGES']}\"\nNOTHING=''\n"
        f"FORMULA='{variables['FORMULA']}'   \nEXPORTED='{variables['EXPORTED']}'#comment \"here\"\n"
        f"WHOLE='{variables['WHOLE']}'\n"
    )
    return text, variables


def literal_file() -> tuple[str, dict[str, str]]:
    """A `.env` file with all that a shell would expand, and its variables."""
    number = random.randint(100, 999)
    variables = {
        "PASSWORD": f"pa$$word{number}",
        "FOLDER": "$HOME/models",
        "BRACES": '${HOME}/"x"',
        "COMMAND": f"$(echo run >ran{number}.txt)",
        "TICKS": f"`echo run >ran{number}.txt`",
        "WILD": "*.sh",
        "PATHS": f"C:\\new\\table\\{number}",
        "STATEMENT": f"x; echo run >ran{number}.txt",
    }
    text = (
        f"PASSWORD={variables['PASSWORD']}\nFOLDER=\"{variables['FOLDER']}\"\nBRACES='{variables['BRACES']}'\n"
        f'COMMAND="{variables["COMMAND"]}"\nTICKS={variables["TICKS"]}\nWILD={variables["WILD"]}\n'
        f"PATHS={variables['PATHS']}\nSTATEMENT={variables['STATEMENT']}\n"
    )
    return text, variables


FORMAT_HINTS = (
    "Which rule of the table does the line that differs fall under? Take comments and quotes apart only after name and "
    "value are, at the first `=`; mind the last line; and let nothing evaluate a value."
)


@hint(FORMAT_HINTS)
def test_load_env_sets_the_variables(student: Student, seed: int) -> None:
    """load_env.sh gives the command the variables of the file"""
    for text, variables in (plain_file(), quoted_file(), literal_file()):
        student.write("my settings.env", text)
        files = {*student.files(), *GIVEN}
        done = bare(student, "load_env.sh", "my settings.env", "bash", "show.sh", *variables)
        assert not set(student.files()) - files, "a command in the file was run: a .env file is data"
        got = dict(re.findall(r"^(\w+)=\[(.*)\]$", done.stdout, re.MULTILINE))
        check_variables(got, variables, text)
        assert done.exit_code == 0, "the command succeeds: the exit status of the script"


@hint("Hand the command on as in run_n.sh; nothing may come between its exit status and yours.")
def test_load_env_is_transparent(student: Student, seed: int) -> None:
    """load_env.sh hands on the arguments, the folder and the exit status"""
    status = random.randint(3, 99)
    student.write("deep folder/.env", "GREETING=from the file\nPATH_LIKE=x\n")
    student.write("deep folder/work.sh", f'printf "[%s]" "$GREETING" "$@"; echo; exit {status}\n')
    arguments = random.sample(AWKWARD, len(AWKWARD))
    done = bare(student, "load_env.sh", ".env", "bash", "work.sh", *arguments, folder="deep folder")
    assert done.stdout == said(["from the file", *arguments]), "a variable and the arguments as the command got them"
    assert done.exit_code == status, f"the command exits with status {status}: the exit status of the script"


MISTAKES = ("just words", "2FAST=1", "MY NAME=1", 'NAME="not closed', "NAME='closed' too early")


def broken_file(mistake: str) -> tuple[str, int]:
    """A `.env` file with one line that is a mistake, and the number of that line."""
    number = random.randint(3, 8)
    lines = ["# comment", "", *(f"GOOD{i}='1'" for i in range(3, number)), mistake, "AFTER=1"]
    return "\n".join(lines) + "\n", number


@hint("Read the whole file before anything is run, and leave with status 2 at the first line that fits no rule.")
def test_load_env_refuses_mistakes(student: Student, seed: int) -> None:
    """load_env.sh runs nothing when the file is missing or a line is a mistake"""
    done = bare(student, "load_env.sh", "there is no such file", "bash", "say.sh", "it ran")
    ensure("it ran" not in done.stdout, "the file does not exist, yet the command was run")
    assert done.exit_code == 2, f"the file does not exist: the exit status is {done.exit_code}, not 2"
    assert done.stderr.strip(), "the file does not exist: nothing was said on standard error"
    for mistake in MISTAKES:
        text, number = broken_file(mistake)
        student.write("broken.env", text)
        done = bare(student, "load_env.sh", "broken.env", "bash", "say.sh", "it ran")
        ensure("it ran" not in done.stdout, f"a line is {mistake}, yet the command was run")
        assert done.exit_code == 2, f"a line is {mistake}: the exit status is {done.exit_code}, not 2"
        message = done.stderr.replace(mistake, "")
        assert re.search(rf"\b{number}\b", message), f"line {number} is {mistake}, but standard error says: {message}"


# -------------------------------------------------------------------------------------------------------- settings.py


@probe
def read_env_beside_environ(settings, path):
    import os

    before = dict(os.environ)
    variables = settings.read_env(path)
    return variables, dict(os.environ) == before


@hint(FORMAT_HINTS)
def test_read_env_gives_the_variables(student: Student, seed: int) -> None:
    """read_env gives a dict of the variables of the file, and leaves os.environ alone"""
    settings = student.load("settings")
    for text, variables in (plain_file(), quoted_file(), literal_file()):
        student.write("some.env", text)
        got, untouched = student.run(read_env_beside_environ, settings, "some.env")
        assert isinstance(got, dict), f"read_env gave a {type(got).__name__}, not a dict"
        check_variables(got, variables, text)
        assert sorted(got) == sorted(variables), "the names in the file"
        assert untouched, "read_env changed os.environ"


@hint("Count lines from 1, comments and empty lines included, and put the number into the message.")
def test_read_env_refuses_mistakes(student: Student, seed: int) -> None:
    """read_env raises ValueError with the number of the line that is a mistake"""
    settings = student.load("settings")
    for mistake in MISTAKES:
        text, number = broken_file(mistake)
        student.write("broken.env", text)
        message = complaint(settings.read_env, "broken.env", about=f"line {number} is {mistake}").replace(mistake, "")
        assert re.search(rf"\b{number}\b", message), f"line {number} is {mistake}, but the message says: {message}"


@probe
def settings_from(settings, path, environ):
    loaded = settings.load_settings(path, environ)
    return {name: getattr(loaded, name) for name in ["api_key", "data_dir", "epochs", "learning_rate", "debug"]}


def expect(got: dict[str, Any], given: str, **expected: Any) -> None:
    """Compare settings attribute by attribute, types included; `given` says to a student where they came from."""
    for name, value in expected.items():
        kind = PurePath if isinstance(value, PurePath) else type(value)
        found = type(got[name]).__name__
        assert isinstance(got[name], kind), f"{given}: {name} is a {found}, not a {kind.__name__}"
        if isinstance(value, PurePath):
            assert str(got[name]) == str(value), f"{given}: data_dir is {got[name]}, not {value}"
        else:
            assert got[name] == value, f"{given}: {name} is {got[name]!r}, not {value!r}"


@hint("Text has to become the type of the table. What does Python say to bool('false')?")
def test_settings_have_types_and_defaults(student: Student, seed: int) -> None:
    """load_settings converts to the types of the table, and knows the defaults"""
    settings = student.load("settings")
    epochs, rate = random.randint(11, 500), random.choice([3e-4, 0.25, 2e-5])
    key = f"key-{random.randint(1000, 9999)}"
    student.write("some.env", f"EPOCHS={epochs}\nLEARNING_RATE={rate}\nDATA_DIR='my data/raw'\nAPI_KEY={key}\n")
    given = "with a file that sets all but DEBUG"
    with hint("Does load_settings ask read_env what the file says, for each of the variables?"):
        got = student.run(settings_from, settings, "some.env", {})
        from_file = {"data_dir": PurePath("my data/raw"), "epochs": epochs, "learning_rate": rate}
        expect(got, given, api_key=key, **from_file, debug=False)
    given = "without a file, with API_KEY alone in the environment"
    with hint("A file that does not exist counts as empty; then the defaults of the table hold, in their types."):
        got = student.run(settings_from, settings, "there is no such file.env", {"API_KEY": "k"})
        expect(got, given, api_key="k", data_dir=PurePath("data"), epochs=10, learning_rate=1e-3, debug=False)
    for word in ["1", "true", "yes", "on", "True", "YES", "0", "false", "no", "off", "False", "OFF"]:
        got = student.run(settings_from, settings, "no.env", {"API_KEY": "k", "DEBUG": word})
        truth = word.lower() in {"1", "true", "yes", "on"}
        ensure(got["debug"] is truth, f"DEBUG={word} gave debug={got['debug']!r}")


@hint("Ask the three sources in order, for each variable on its own: environment, file, default.")
def test_environment_wins_over_file(student: Student, seed: int) -> None:
    """The environment wins over the file, and the file over the defaults"""
    settings = student.load("settings")
    student.write("some.env", "EPOCHS=21\nLEARNING_RATE=0.5\nAPI_KEY=from-file\nDEBUG=yes\n")
    got = student.run(
        settings_from, settings, "some.env", {"EPOCHS": "22", "API_KEY": "from-environment", "DEBUG": "no"}
    )
    given = "with EPOCHS, API_KEY and DEBUG in environment and file, LEARNING_RATE in the file alone"
    expect(got, given, epochs=22, learning_rate=0.5, api_key="from-environment", debug=False)
    student.write(".env", "EPOCHS=31\nAPI_KEY=from-file\nLEARNING_RATE=0.25\n")
    student.write(
        "program.py",
        "import settings\nloaded = settings.load_settings()\n"
        "print(loaded.epochs, loaded.learning_rate, loaded.api_key)\n",
    )
    run = student.cli("program.py", env={"LEARNING_RATE": "0.75"})
    assert run.stdout.split() == ["31", "0.75", "from-file"], (
        run.stderr or "epochs, learning_rate and api_key, all of them in .env, LEARNING_RATE in the environment too"
    )
    student.write("empty.py", "import settings\nprint(settings.load_settings(environ={}).learning_rate)\n")
    run = student.cli("empty.py", env={"LEARNING_RATE": "0.75"})
    with hint("An empty mapping is false, and it is not None."):
        assert run.stdout.split() == ["0.25"], run.stderr or "learning_rate of load_settings(environ={}), 0.25 in .env"


@hint("An error is for the person who typed the value: say which variable it was.")
def test_errors_name_the_variable(student: Student) -> None:
    """load_settings raises ValueError with the name of the variable that is wrong or missing"""
    settings = student.load("settings")
    good = {"API_KEY": "k", "EPOCHS": "3", "LEARNING_RATE": "0.1", "DEBUG": "no"}
    for name, value in [("EPOCHS", "ten"), ("EPOCHS", "2.5"), ("LEARNING_RATE", "fast"), ("DEBUG", "maybe")]:
        message = complaint(settings.load_settings, "no.env", {**good, name: value}, about=f"{name} is {value}")
        ensure(name in message, f"{name} is {value}, but the message says: {message}")
    message = complaint(settings.load_settings, "no.env", {"EPOCHS": "3"}, about="API_KEY is missing")
    ensure("API_KEY" in message, f"API_KEY is missing, but the message says: {message}")


@probe
def printed(settings, environ):
    loaded = settings.load_settings("no.env", environ)
    return repr(loaded), str(loaded), loaded.api_key


@hint("A dataclass prints all its fields, unless a field says repr=False.")
def test_key_is_not_printed(student: Student, seed: int) -> None:
    """The API key does not show up when settings are printed"""
    key = f"not-a-real-key-{random.randint(10**6, 10**7)}"
    representation, text, kept = student.run(printed, student.load("settings"), {"API_KEY": key})
    assert kept == key, "the api_key that the settings hold"
    ensure(key not in representation, "repr(settings) shows the key")
    ensure(key not in text, "str(settings) shows the key")


# --------------------------------------------------------------------------------------------------------- shellcheck


@hint("Run `shellcheck --severity=warning run_n.sh load_env.sh`: each code has a page with the reason and the cure.")
def test_shellcheck_is_content(student: Student) -> None:
    """shellcheck finds nothing to warn of in the two scripts"""
    for script in ("run_n.sh", "load_env.sh"):
        source = student.read(script).decode(errors="replace")
        ensure('echo "TODO: ' not in source, f"{script} is still the skeleton's")
        ensure(len(source) < 64 << 10, f"{script} has {len(source):,} letters: no script of a person's, and not read")
        assert not re.search(r"#\s*shellcheck\b.*disable", source), f"{script} switches a check of shellcheck off"
    options = "--norc --shell=bash --severity=warning --format=gcc"
    student.write("lint.sh", f"exec shellcheck {options} run_n.sh load_env.sh\n")
    found = student.shell("lint.sh")
    ensure(found.exit_code in (0, 1), f"shellcheck could not run: {found.stderr}")
    assert not found.stdout, f"shellcheck says: {found.stdout}"
