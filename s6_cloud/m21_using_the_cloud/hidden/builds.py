"""Cloud Build's configuration, read as Cloud Build reads it: order of the steps, and what they run."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from mlops_course.docker.shell import simple_commands
from mlops_course.docker.syntax import substitute
from mlops_grade.suite import read_yaml


@dataclass
class Step:
    """One step: its words after substitution, and the numbers of all steps that are over when it starts."""

    id: str
    image: str
    words: list[str]
    after: set[int]
    environment: list[str]
    secrets: list[str]
    """Names of variables whose values come from Secret Manager."""

    def option(self, *names: str) -> str | None:
        """The value of `--name value` or `--name=value`."""
        for word, following in zip(self.words, [*self.words[1:], ""]):
            if word in names:
                return following
            for name in names:
                if name.startswith("--") and word.startswith(name + "="):
                    return word.removeprefix(name + "=")
        return None

    def runs_docker(self, verb: str) -> bool:
        return verb in self.words and ("docker" in self.image or "docker" in self.words)


BUILT_IN = ["PROJECT_ID", "PROJECT_NUMBER", "LOCATION", "BUILD_ID", "COMMIT_SHA", "SHORT_SHA", "REVISION_ID",
            "REPO_NAME", "REPO_FULL_NAME", "BRANCH_NAME", "TAG_NAME", "REF_NAME", "TRIGGER_NAME",
            "SERVICE_ACCOUNT", "SERVICE_ACCOUNT_EMAIL", "TRIGGER_BUILD_CONFIG_PATH",
            "_HEAD_BRANCH", "_BASE_BRANCH", "_HEAD_REPO_URL", "_PR_NUMBER"]  # fmt: skip
FIELDS = {"steps", "timeout", "queueTtl", "logsBucket", "options", "substitutions", "tags", "serviceAccount", "secrets",
          "availableSecrets", "artifacts", "images", "dependencies", "gitConfig"}  # fmt: skip
STEP_FIELDS = {"name", "args", "env", "dir", "id", "waitFor", "entrypoint", "secretEnv", "volumes", "timeout", "script",
               "automapSubstitutions", "allowFailure", "allowExitCodes", "remoteConfig"}  # fmt: skip


def in_camel_case(mapping: dict[Any, Any]) -> dict[str, Any]:
    """Fields are known by either spelling: waitFor, wait_for."""
    return {re.sub(r"_([a-z])", lambda match: match[1].upper(), str(name)): value for name, value in mapping.items()}


def shell_words(script: str, variables: dict[str, str]) -> list[str]:
    """The words of all commands of a shell script, with those variables filled in that are known. Others stay."""
    known = dict(variables)
    words: list[str] = []
    for command in simple_commands(script):
        filled = [substitute(word, Remaining(known)) for word in command]
        assignments = [word.partition("=") for word in filled if re.match(r"[A-Za-z_]\w*=", word)]
        if len(assignments) == len(filled) or filled[0] == "export":
            known |= {name: value for name, _, value in assignments}
        words += filled
    return words


class Remaining(dict[str, str]):
    """Variables, of which those that are not known stay as they are written."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, f"${{{name}}}")


class Build:
    """A build, run with given values.

    Raises:
        ValueError: Cloud Build would refuse the file; the message says why.
    """

    def __init__(self, text: str, values: dict[str, str]) -> None:
        try:
            config = read_yaml(text)
        except yaml.YAMLError as error:
            raise ValueError(f"cloudbuild.yaml is no YAML: {error}") from None
        if not isinstance(config, dict) or not isinstance(config.get("steps"), list) or not config["steps"]:
            raise ValueError("cloudbuild.yaml has no steps")
        config = in_camel_case(config)
        strange = sorted(set(config) - FIELDS)
        if strange:
            raise ValueError(f"Cloud Build knows no field {strange[0]}")
        options = in_camel_case(config.get("options") or {}) if isinstance(config.get("options") or {}, dict) else {}
        self.options = options
        defaults = config.get("substitutions") or {}
        if not isinstance(defaults, dict):
            raise ValueError("substitutions map names to values")
        for name, value in defaults.items():
            if not re.fullmatch(r"_[A-Z0-9_]+", str(name)):
                raise ValueError(f"{name} is no name for a substitution of your own: they begin with an underscore")
            if not isinstance(value, str):
                raise ValueError(f"the substitution {name} is not a string")
        self.values = {name: f"some-{name.lower()}" for name in BUILT_IN} | defaults
        self.values |= {name: value for name, value in values.items() if name in self.values}
        self.secrets = self.secret_manager(config.get("availableSecrets"))
        self.steps: list[Step] = []
        for number, raw in enumerate(config["steps"]):
            self.steps.append(self.step(number, raw))

    def step(self, number: int, raw: Any) -> Step:
        if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
            raise ValueError(f"step {number + 1} has no name: the image that it runs in")
        raw = in_camel_case(raw)
        unknown = sorted(set(raw) - STEP_FIELDS)
        if unknown:
            raise ValueError(f"step {number + 1}: Cloud Build knows no field {unknown[0]}")
        args = raw.get("args", [])
        if isinstance(args, str):
            args = [args]
        if not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
            raise ValueError(f"step {number + 1}: args is a list of strings")
        if raw.get("script") and (args or raw.get("entrypoint")):
            raise ValueError(f"step {number + 1}: script takes the place of entrypoint and args: give one or the other")
        identity = str(raw.get("id", f"step {number + 1}"))
        if any(step.id == identity for step in self.steps):
            raise ValueError(f"two steps have the id {identity}")
        environment = [*self.of_all_steps("env"), *(raw.get("env") or [])]
        secrets = [*self.of_all_steps("secretEnv"), *(raw.get("secretEnv") or [])]
        for field, values in [("env", environment), ("secretEnv", secrets)]:
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                raise ValueError(f"step {number + 1}: {field} is a list of strings")
        unknown = sorted(set(secrets) - set(self.secrets))
        if unknown:
            raise ValueError(
                f"step {number + 1} wants the secret {unknown[0]}, and availableSecrets has none of that name"
            )
        variables = dict(one.partition("=")[::2] for one in map(self.expand, environment))
        words = self.command_line(raw, args, variables)
        after = self.before(identity, raw.get("waitFor"))
        return Step(identity, self.expand(raw["name"]), words, after, [*map(self.expand, environment)], secrets)

    def of_all_steps(self, field: str) -> list[Any]:
        """What the options give to every step."""
        values = self.options.get(field) or []
        return values if isinstance(values, list) else [values]

    def command_line(self, raw: dict[str, Any], args: list[str], variables: dict[str, str]) -> list[str]:
        """The words of what a step runs, those of a shell's script one by one.

        A script takes no substitutions, only the environment, where automapSubstitutions puts them if it is asked to.
        """
        if isinstance(raw.get("script"), str):
            mapped = raw.get("automapSubstitutions", self.options.get("automapSubstitutions")) is True
            known = {name: self.expand(value) for name, value in self.values.items()} if mapped else {}
            script = raw["script"].partition("\n")[2] if raw["script"].startswith("#!") else raw["script"]
            return shell_words(script, known | variables)
        words = [raw["entrypoint"]] if isinstance(raw.get("entrypoint"), str) else []
        for arg in args:
            expanded = self.expand(arg)
            # What a shell is given with -c is a command line of its own.
            words += shell_words(expanded, variables) if " " in expanded.strip() else [expanded]
        return words

    def secret_manager(self, available: Any) -> dict[str, str]:
        """The version of a secret behind each variable."""
        listed = available.get("secretManager", []) if isinstance(available, dict) else []
        if not isinstance(listed, list) or not all(
            isinstance(one, dict) and {"versionName", "env"} <= set(one) for one in listed
        ):
            raise ValueError("availableSecrets.secretManager is a list, each item with versionName and env")
        return {str(one["env"]): self.expand(str(one["versionName"])) for one in listed}

    def before(self, identity: str, wait_for: Any) -> set[int]:
        """The steps that are over: those named and those before them; all earlier ones when none is named."""
        if not wait_for:
            return set(range(len(self.steps)))
        names = {step.id: number for number, step in enumerate(self.steps)}
        over: set[int] = set()
        for name in wait_for if isinstance(wait_for, list) else [wait_for]:
            if name == "-":
                continue
            if name not in names:
                raise ValueError(f"step {identity} waits for {name}, and no step above it has that id")
            over |= {names[name]} | self.steps[names[name]].after
        return over

    def expand(self, text: str, depth: int = 5) -> str:
        def value(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            name = match[1] or match[2]
            if name not in self.values:
                raise ValueError(f"${name} is used, and is neither built in nor among the substitutions")
            found = self.values[name]
            return self.expand(found, depth - 1) if depth and found != text else found

        return re.sub(r"\$\$|\$([A-Z_][A-Z0-9_]*)|\$\{([A-Z_][A-Z0-9_]*)\}", value, text)
