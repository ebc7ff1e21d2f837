"""``journeylab doctor``: what works on this machine, in plain words, with the fix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from journeylab.app.doctor_check import Check, Verdict
from journeylab.app.doctor_machine import check_machine
from journeylab.app.doctor_software import check_software

__all__ = ["Check", "Verdict", "conclusion", "exit_code", "print_checks", "run_doctor"]

# A sign beside every colour: nothing is told by colour alone.
_SIGNS: Final = {
    Verdict.OK: ("✓ OK", "green"),
    Verdict.WARNING: ("! warning", "yellow"),
    Verdict.PROBLEM: ("✗ problem", "bold red"),
}


def run_doctor(console: Console, *, folder: Path | None = None) -> int:
    """Examine the machine and print what was found.

    Parameters
    ----------
    folder
        Where sessions would be stored; the current folder when left out.

    Returns
    -------
    int
        0 when a session can be recorded, 1 when something essential fails.
    """
    with console.status("Looking at this machine …"):
        checks = [*check_software(), *check_machine(folder or Path.cwd())]
    print_checks(console, checks)
    return exit_code(checks)


def print_checks(console: Console, checks: Sequence[Check]) -> None:
    """A table of the findings and one sentence that sums them up."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for check in checks:
        sign, style = _SIGNS[check.verdict]
        told = Text(check.detail)
        if check.fix:
            told.append(f"\n→ {check.fix}", style="italic")
        table.add_row(Text(sign, style=style), check.name, told)
    console.print(table)
    console.print()
    console.print(conclusion(checks), highlight=False)


def conclusion(checks: Sequence[Check]) -> str:
    """One sentence over all findings."""
    problems = [check.name for check in checks if check.verdict is Verdict.PROBLEM]
    warnings = [check.name for check in checks if check.verdict is Verdict.WARNING]
    if problems:
        return f"No session can be recorded yet: see {', '.join(problems)}."
    if warnings:
        return f"Sessions can be recorded; worth a look: {', '.join(warnings)}."
    return "Sessions can be recorded; all is well."


def exit_code(checks: Sequence[Check]) -> int:
    """0 when a session can be recorded, else 1."""
    return int(any(check.verdict is Verdict.PROBLEM for check in checks))
