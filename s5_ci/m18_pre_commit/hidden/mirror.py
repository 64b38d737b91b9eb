"""Copies of two hook repositories that need no network: the same hooks, run by the tools that are installed here."""

from typing import Any

import yaml

# id: (program, kinds of files), after the manifests of the two repositories.
PRE_COMMIT_HOOKS: dict[str, tuple[str, list[str]]] = {
    "check-added-large-files": ("check_added_large_files", ["file"]),
    "check-ast": ("check_ast", ["python"]),
    "check-builtin-literals": ("check_builtin_literals", ["python"]),
    "check-case-conflict": ("check_case_conflict", ["file"]),
    "check-docstring-first": ("check_docstring_first", ["python"]),
    "check-executables-have-shebangs": ("check_executables_have_shebangs", ["text", "executable"]),
    "check-json": ("check_json", ["json"]),
    "check-merge-conflict": ("check_merge_conflict", ["text"]),
    "check-shebang-scripts-are-executable": ("check_shebang_scripts_are_executable", ["text"]),
    "check-symlinks": ("check_symlinks", ["symlink"]),
    "check-toml": ("check_toml", ["toml"]),
    "check-vcs-permalinks": ("check_vcs_permalinks", ["text"]),
    "check-xml": ("check_xml", ["xml"]),
    "check-yaml": ("check_yaml", ["yaml"]),
    "debug-statements": ("debug_statement_hook", ["python"]),
    "destroyed-symlinks": ("destroyed_symlinks", ["file"]),
    "detect-aws-credentials": ("detect_aws_credentials", ["text"]),
    "detect-private-key": ("detect_private_key", ["text"]),
    "double-quote-string-fixer": ("string_fixer", ["python"]),
    "end-of-file-fixer": ("end_of_file_fixer", ["text"]),
    "file-contents-sorter": ("file_contents_sorter", ["file"]),
    "fix-byte-order-marker": ("fix_byte_order_marker", ["text"]),
    "forbid-new-submodules": ("forbid_new_submodules", ["file"]),
    "mixed-line-ending": ("mixed_line_ending", ["text"]),
    "name-tests-test": ("tests_should_end_in_test", ["python"]),
    "no-commit-to-branch": ("no_commit_to_branch", ["file"]),
    "pretty-format-json": ("pretty_format_json", ["json"]),
    "requirements-txt-fixer": ("requirements_txt_fixer", ["file"]),
    "sort-simple-yaml": ("sort_simple_yaml", ["yaml"]),
    "trailing-whitespace": ("trailing_whitespace_fixer", ["text"]),
}
RUFF: dict[str, str] = {
    "ruff": "ruff check --force-exclude",
    "ruff-check": "ruff check --force-exclude",
    "ruff-format": "ruff format --force-exclude",
}
REPOSITORIES = ("pre-commit/pre-commit-hooks", "astral-sh/ruff-pre-commit")


def manifest(repository: str) -> str:
    """The file that tells pre-commit which hooks a repository has."""
    if repository == "pre-commit/pre-commit-hooks":
        hooks: list[dict[str, Any]] = [
            {"id": name, "entry": f"python -m pre_commit_hooks.{program}", "types": kinds}
            for name, (program, kinds) in PRE_COMMIT_HOOKS.items()
        ]
    else:
        hooks = [
            {"id": name, "entry": command, "types_or": ["python", "pyi", "jupyter"], "require_serial": True}
            for name, command in RUFF.items()
        ]
    return yaml.safe_dump([{"name": hook["id"], "language": "system", **hook} for hook in hooks], sort_keys=False)
