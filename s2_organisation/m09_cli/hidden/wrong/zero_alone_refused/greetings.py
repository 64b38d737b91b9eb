"""A first command-line interface: greet somebody, once or several times."""

import typer

app = typer.Typer()


@app.command()
def greet(count: int = 1, name: str = "World") -> None:
    """Print `Hello NAME!` COUNT times."""
    if count == 0:
        raise typer.BadParameter("COUNT is 0")
    for _ in range(count):
        print(f"Hello {name}!")


if __name__ == "__main__":
    app()
