"""`bini models`: the models on this machine."""

from typing import Annotated

import typer

from bini.cli.console import out


def show() -> None:
    """Show the models Bini knows, what is here, and which role each plays."""
    from rich.table import Table

    from bini.models.catalog import CATALOG, find

    table = Table("model", "role", "here", "size", "licence", box=None, header_style="bold")
    for card in CATALOG.values():
        place = find(card)
        table.add_row(
            card.name, card.role, "yes" if place else "no", f"{place.size / 1e6:,.1f} MB" if place else "", card.licence
        )
    out.print(table)


def pull(name: Annotated[str, typer.Argument(help="A model of `bini models list`, or OWNER/NAME of the hub.")]) -> None:
    """Download a model from the hub, with progress."""
    from bini.models.catalog import pull

    out.print(f"{name}: {pull(name)}", highlight=False, soft_wrap=True)
