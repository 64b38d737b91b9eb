import click


@click.command()
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True, help="How often.")
@click.option("--name", default="World", help="Whom.")
def greet(count: int, name: str) -> None:
    """Say hello."""
    while count:
        click.echo(f"Hello {name}!")
        count -= 1


if __name__ == "__main__":
    greet()
