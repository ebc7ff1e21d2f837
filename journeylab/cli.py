"""The command line; stable, because scripts rely on it."""

from __future__ import annotations

import sys

import typer

from journeylab.errors import JourneyLabError
from journeylab.logs import set_up_logs

app = typer.Typer(
    name="journeylab",
    help="Measures what a person feels on every step of a customer journey.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _open(verbose: bool = typer.Option(False, "--verbose", help="Log everything.")) -> None:
    set_up_logs(verbose=verbose)


def main() -> None:
    """Run the command line; a JourneyLabError becomes one sentence and exit code 1."""
    try:
        app()
    except JourneyLabError as error:
        print(f"journeylab: {error}", file=sys.stderr)
        sys.exit(1)
