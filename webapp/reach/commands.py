from __future__ import annotations

import click


@click.command()
def reach() -> None:
    click.echo("soon")
