from __future__ import annotations

import click


@click.command()
def families() -> None:
    click.echo("soon")
