"""x."""

import typer

app = typer.Typer()


@app.command()
def a():
    pass
