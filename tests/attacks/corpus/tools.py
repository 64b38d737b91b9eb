"""What build tools, hooks, pipelines, configuration and templates run because a student's file names it."""

# ruff: noqa: E501 - payloads are files in strings

from __future__ import annotations

from corpus import LIMITS, PRELUDE, TARGETS, Attack

HONEST_FOLDER = TARGETS / "m05_tools" / "hidden" / "wrong" / "honest"
HONEST = {
    path.relative_to(HONEST_FOLDER).as_posix(): path.read_bytes()
    for path in sorted(HONEST_FOLDER.rglob("*"))
    if path.is_file() and path.name != "wrong.toml" and "__pycache__" not in path.parts
}
# Whoever may run code in a tool tries what any code of a student's could; reading and writing is all it needs to show.
EVIL = (
    PRELUDE
    + """
for what in ('@hidden@/test_plain.py', '@neighbour@/plain.py', '@home@/.netrc'):
    try:
        broken('read ' + open(what).read()[:90])
    except OSError:
        pass
for what in ('@home@/@trace@', '@hidden@/@trace@', '@course@/@trace@'):
    try:
        open(what, 'w').close()
        broken('wrote ' + what)
    except OSError:
        pass
"""
)
CONFIG = "repos:\n  - repo: local\n    hooks:\n      - {{id: ours, name: ours, language: {language}, entry: {entry}, pass_filenames: false, always_run: true{more}}}\n"


def run_by(name: str, tries: str, check: str, *, opens: bool = True, **files: str) -> Attack:
    """The honest mistake with other files, whose names are told with `__` for what no Python name can hold."""
    named = {NAMES.get(key, f"{key}.py"): text for key, text in files.items()}
    tiers = frozenset({LIMITS} if opens else ())
    return Attack(name, tries, "m05_tools", {**HONEST, **named}, tiers, checks=(check,))


NAMES = {
    "pyproject": "pyproject.toml", "hooks": ".pre-commit-config.yaml", "config": "config.yaml", "pipeline": "dvc.yaml",
    "questions": "template/cookiecutter.json", "before": "template/hooks/pre_gen_project.py",
    "rendered": "template/{{cookiecutter.name}}/numbers.json",
}  # fmt: skip
BACKEND = HONEST["backend.py"].decode()
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "{backend}"\nbackend-path = ["{path}"]\n\n[project]\nname = "numbers"\nversion = "1"\n'

ATTACKS = [
    run_by("backend_that_acts", "has the build backend of its project do more than build", "test_wheel", backend=BACKEND + EVIL),
    run_by("backend_of_elsewhere", "names a build backend in a folder outside of the project", "test_wheel", opens=False,
           pyproject=PROJECT.format(backend="solution.numbers_package", path="@hidden@/../../m05_tools/hidden")),
    run_by("backend_of_the_grader", "names a module of the grader's as build backend", "test_wheel", opens=False,
           pyproject=PROJECT.format(backend="mlops_grade.judge.process", path=".")),
    run_by("hook_that_acts", "has pre-commit run a program of its own", "test_hook", hook=EVIL),
    run_by("hook_in_the_shell", "has pre-commit run a line of bash", "test_hook",
           hooks=CONFIG.format(language="system", entry="bash -c 'cat @hidden@/test_plain.py && echo BROKEN: read by bash && touch @home@/@trace@'", more=", verbose: true")),
    run_by("hook_that_installs", "has pre-commit install a package of its own for a hook", "test_hook", opens=False,
           hooks=CONFIG.format(language="python", entry="evil", more=", additional_dependencies: ['./', 'requests']")),
    run_by("target_that_acts", "has Hydra call what runs code", "test_object",
           config='_target_: builtins.exec\n_args_:\n  - |\n' + "".join(f"    {line}\n" for line in EVIL.splitlines())),
    run_by("target_that_reads", "has Hydra open the hidden suite and hand it back as the numbers", "test_object", opens=False,
           config='_target_: types.SimpleNamespace\nnumbers:\n  _target_: pathlib.Path.read_text\n  self: {_target_: pathlib.Path, _args_: ["@hidden@/test_plain.py"]}\n'),
    run_by("stage_that_acts", "has DVC run a program of its own", "test_stage", stage=EVIL),
    run_by("stage_of_elsewhere", "has DVC keep the hidden suite as what a stage depends on, and write into the home", "test_stage", opens=False,
           pipeline="stages:\n  ours:\n    cmd: cp @hidden@/test_plain.py staged.json\n    deps: ['@hidden@/test_plain.py']\n    outs: [staged.json]\n"),
    run_by("template_that_acts", "has cookiecutter run a hook of its own", "test_template", before=EVIL),
    run_by("template_that_evaluates", "has a template's expressions reach Python's own functions", "test_template",
           rendered="{{ cycler.__init__.__globals__.os.popen('cat @hidden@/test_plain.py; touch @home@/@trace@').read() }}"),
    run_by("template_that_climbs", "has cookiecutter make a project outside of its folder", "test_template",
           questions='{"name": "../../../../../../../../@home@/@trace@"}'),
]  # fmt: skip
