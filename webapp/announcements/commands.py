from __future__ import annotations

import click


@click.command()
def announce() -> None:
    click.echo("soon")
