"""The code of a file without what tidying may change: annotations, imports, docstrings, and names made for types."""

import ast


def plain_definitions(source: str, made_for_types: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the code of each top-level statement, by the name that it defines (or its place, where it defines none).

    `made_for_types` are top-level names that do not count: aliases, type variables, protocols.
    """
    tree = _Plain().visit(ast.parse(source))
    definitions = {}
    for place, statement in enumerate(tree.body):
        name = _defined(statement)
        if name is None or name not in made_for_types:
            definitions[name or f"statement {place + 1}"] = ast.dump(statement)
    return definitions


def names_made_for_types(source: str, before: str) -> frozenset[str]:
    """Return the top-level names that the source has, `before` has not, and that are there for annotations only."""
    old = {_defined(statement) for statement in ast.parse(before).body}
    return frozenset(
        name
        for statement in ast.parse(source).body
        if (name := _defined(statement)) is not None and name not in old and _is_for_types(statement)
    )


def _defined(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement.name
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    return None


def _is_for_types(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ClassDef):
        bases = {_last_name(base.value if isinstance(base, ast.Subscript) else base) for base in statement.bases}
        return bool(bases & {"Protocol", "TypedDict"})
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call):
        return _last_name(value.func) in {"TypeVar", "ParamSpec", "NewType", "TypedDict"}
    # An alias: nothing in it but names and the brackets, commas and bars between them.
    allowed = (
        ast.Name,
        ast.Attribute,
        ast.Subscript,
        ast.Tuple,
        ast.List,
        ast.BinOp,
        ast.BitOr,
        ast.Constant,
        ast.Load,
    )
    return value is not None and all(isinstance(node, allowed) for node in ast.walk(value))


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


class _Plain(ast.NodeTransformer):
    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if _last_name(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return ast.Assign(targets=[node.target], value=self.visit(node.value))

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(arg=node.arg)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        # Docstrings, and overloads' dots.
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Pass(self, node: ast.Pass) -> None:
        return None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        if any(_last_name(decorator) == "overload" for decorator in node.decorator_list):
            return None
        node.returns = node.type_comment = None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.bases = [
            base for base in node.bases if not (isinstance(base, ast.Subscript) and _last_name(base.value) == "Generic")
        ]
        return self.generic_visit(node)
