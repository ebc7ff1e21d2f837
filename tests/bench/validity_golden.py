"""The golden study: does the map find what was planted in thirty participants, and nothing else?

    python tests/bench/validity_golden.py [--first SEED] [--seeds N] [--participants N]
        [--null N] [--faces STUDY] [--write FILE]

Each seed is another thirty people. ``--null`` studies have nobody react. ``--faces`` is a study
made by ``journeylab demo``, whose sessions went through rendered faces and the whole chain; the
same truths are looked for in it. Ends with 1 when one is missed or two are found that were not
planted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.planted_golden import TRUTHS, cast_of, golden_map, missed, not_planted
from bench.documented import show

from journeylab.analysis.detectors.finding import Finding
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.study.folder import load_study

MOST_NOT_PLANTED = 1


def found_in_seed(seed: int, participants: int, *, react: bool) -> tuple[Finding, ...]:
    """What the map finds in one cast."""
    cast = cast_of(participants, seed=seed, **({} if react else {"story": ()}))
    with tempfile.TemporaryDirectory() as folder:
        return golden_map(Path(folder), cast).findings


def row_of(name: str, findings: Sequence[Finding], absent: Sequence[str]) -> tuple[str, ...]:
    """One line: found, missed, not planted."""
    extra = not_planted(findings)
    return (
        name,
        f"{len(TRUTHS) - len(absent)} of {len(TRUTHS)}",
        ", ".join(absent) or "none",
        ", ".join(f"{one.kind} on {one.step_id}" for one in extra) or "none",
    )


def _table(title: str) -> Table:
    table = Table(title=title)
    for heading in ("", "found", "missed", "not planted"):
        table.add_column(heading)
    return table


def seeds_table(seeds: range, participants: int) -> tuple[Table, bool]:
    """Found, missed and not planted, by seed; and whether all of them hold."""
    table = _table(f"Golden study, {participants} participants, planted truths by seed")
    holds = True
    for seed in track(seeds, description="Golden", transient=True):
        findings = found_in_seed(seed, participants, react=True)
        absent = missed(findings)
        holds &= not absent and len(not_planted(findings)) <= MOST_NOT_PLANTED
        table.add_row(*row_of(f"seed {seed}", findings, absent))
    return table, holds


def null_table(studies: int, participants: int) -> Table:
    """What is found where nobody reacts to anything."""
    alarms = [0] * studies
    for seed in track(range(studies), description="Null", transient=True):
        findings = found_in_seed(100 + seed, participants, react=False)
        alarms[seed] = sum(one.is_alarm for one in findings)
    table = Table(title=f"The same people where nothing was planted, {studies} studies")
    for heading in ("findings in all", "studies with one or more", "most in one"):
        table.add_column(heading, justify="right")
    table.add_row(str(sum(alarms)), str(sum(n > 0 for n in alarms)), str(max(alarms, default=0)))
    return table


def faces_table(study: Path) -> tuple[Table, bool]:
    """The same truths in sessions with rendered faces, each in its area of interest."""
    findings = build_journey_map(load_study(study)).findings
    absent = missed(findings)
    people = {one for finding in findings for one in finding.participants}
    table = _table(f"Rendered faces through the whole chain, {len(people)} participants")
    table.add_row(*row_of("demo", findings, absent))
    return table, not absent and len(not_planted(findings)) <= MOST_NOT_PLANTED


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=8, help="how many of them")
    parser.add_argument("--participants", type=int, default=30)
    parser.add_argument("--null", type=int, default=5, help="studies in which nobody reacts")
    parser.add_argument("--faces", type=Path, help="a study made by journeylab demo")
    parser.add_argument("--write", type=Path, help="document to put the tables into")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    table, holds = seeds_table(seeds, options.participants)
    tables = [table]
    if options.null:
        tables.append(null_table(options.null, options.participants))
    if options.faces is not None:
        faces, faces_hold = faces_table(options.faces)
        tables.append(faces)
        holds &= faces_hold
    show(tables, document=options.write, mark="golden")
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
