from __future__ import annotations

import click


@click.command()
def setup() -> None:
    click.echo("soon")


@click.command()
def staff() -> None:
    click.echo("soon")
