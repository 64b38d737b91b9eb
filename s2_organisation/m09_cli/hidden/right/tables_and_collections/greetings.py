import click


@click.command()
@click.option("--count", default=1, type=click.IntRange(min=0, min_open=True), show_default=True)
@click.option("--name", "who", default="World", show_default=True)
def greet(count: int, who: str) -> None:
    """Say hello."""
    for _ in range(count):
        click.echo(f"Hello {who}!")


if __name__ == "__main__":
    greet()
