"""A first command-line interface: greet somebody, once or several times."""

import typer

app = typer.Typer()


@app.command()
def greet(count: int = 1, name: str = "World") -> None:
    """Print `Hello NAME!` COUNT times; a COUNT below 1 is an error."""
    raise NotImplementedError("TODO: greet")


if __name__ == "__main__":
    app()
