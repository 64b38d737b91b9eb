"""Cloud Build's configuration, read as Cloud Build reads it: order of the steps, and what they run."""

import re
import shlex
from dataclasses import dataclass
from typing import Any

import yaml


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
            "SERVICE_ACCOUNT", "SERVICE_ACCOUNT_EMAIL"]  # fmt: skip


class Build:
    """A build, run with given values.

    Raises:
        ValueError: Cloud Build would refuse the file; the message says why.
    """

    def __init__(self, text: str, values: dict[str, str]) -> None:
        try:
            config = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(f"cloudbuild.yaml is no YAML: {error}") from None
        if not isinstance(config, dict) or not isinstance(config.get("steps"), list) or not config["steps"]:
            raise ValueError("cloudbuild.yaml has no steps")
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
        known = {
            "name", "args", "env", "dir", "id", "waitFor", "entrypoint", "secretEnv", "volumes", "timeout", "script",
            "automapSubstitutions", "allowFailure", "allowExitCodes",
        }  # fmt: skip
        unknown = sorted(set(map(str, raw)) - known)
        if unknown:
            raise ValueError(f"step {number + 1}: Cloud Build knows no field {unknown[0]}")
        args = raw.get("args", [])
        if isinstance(args, str):
            args = [args]
        if not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
            raise ValueError(f"step {number + 1}: args is a list of strings")
        words = [raw["entrypoint"]] if isinstance(raw.get("entrypoint"), str) else []
        for arg in [*args, *([raw["script"]] if isinstance(raw.get("script"), str) else [])]:
            expanded = self.expand(arg)
            # What a shell is given with -c is a command line of its own.
            words += shlex.split(expanded) if " " in expanded.strip() else [expanded]
        identity = str(raw.get("id", f"step {number + 1}"))
        if any(step.id == identity for step in self.steps):
            raise ValueError(f"two steps have the id {identity}")
        environment, secrets = raw.get("env") or [], raw.get("secretEnv") or []
        for field, values in [("env", environment), ("secretEnv", secrets)]:
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                raise ValueError(f"step {number + 1}: {field} is a list of strings")
        unknown = sorted(set(secrets) - set(self.secrets))
        if unknown:
            raise ValueError(
                f"step {number + 1} wants the secret {unknown[0]}, and availableSecrets has none of that name"
            )
        after = self.before(identity, raw.get("waitFor"))
        return Step(identity, self.expand(raw["name"]), words, after, [*map(self.expand, environment)], secrets)

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
