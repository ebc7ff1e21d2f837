"""The rules as a document: ``python -m journeylab.analysis.detectors.documentation FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

from journeylab.analysis.detectors.detect import LEAST_IN_SEGMENT, RULES
from journeylab.analysis.detectors.finding import ALPHA, SURE_N, SURE_P, Parameter, Rule
from journeylab.analysis.statistics_chance import N_SHIFTS
from journeylab.analysis.statistics_clusters import READ_AS

_TITLES = {rule.kind: rule.kind.replace("_", " ").capitalize() for rule in RULES}


def document() -> str:
    """All rules with their numbers and sources, as Markdown."""
    paragraphs = [" ".join(part.split()) for part in _INTRODUCTION.split("\n\n")]
    return "\n".join(["\n\n".join(paragraphs) + "\n", *(_section(rule) for rule in RULES)])


_INTRODUCTION = f"""# What the map finds, and by which rule

Each finding on a map follows one of the rules below. They are pure functions of what was measured;
the same sessions give the same findings. A rule's version rises when the same sessions may lead to
other findings. How often each is right and wrong on data whose answer is known is in
`docs/validity.md`; `make validity` measures it again.

**How sure.** A finding that is tested tells how often chance alone would give as much of its kind
anywhere on the map: at most {100 * ALPHA:.0f} % of studies for each kind, and for delight,
disappointment and struggle together. A map asks for several kinds, so that where nothing happens at
all more than {100 * ALPHA:.0f} % of maps show something; how many is measured in
`docs/validity.md`. A finding is called sure at {100 * SURE_P:.0f} % and from
{SURE_N} participants on, else likely. Groups too small for a test are not hidden: what they show is
told as seen, not tested. A test says that faces
did something together there, not that the step is the cause, nor what people thought.

**Peaks and valleys** are tested by cluster permutation where there are participants enough:
{READ_AS}. The stretch that is drawn is where the mean lies beyond neutral.

**Together.** For clusters each participant's signs keep their number and length, and only their
time against the others is drawn anew, {N_SHIFTS} times; in at most {100 * ALPHA:.0f} % of draws do
as many meet at one point. How far a sign reaches is a share of the step it is drawn into, as it is
of the step it was shown on.

**Segments.** A finding belongs to a segment's value where its participants show it more often than
all others (Fisher's exact test with mid-p, shared out over the values of all segments; at 5 %, from
{SURE_N} participants on at 1 %). It goes by session: who came once with each device counts once
with each. Values with {LEAST_IN_SEGMENT} participants or more are looked through by themselves as
well, so that a small segment is not lost among the others: the 5 % are shared out over these
values, the probability that is told is raised by their number, and it tells how many of this value
were measured. Whether it is theirs is asked against all others who show the same at that place.

**Where on the screen.** An area of interest counts when at least half of those with a place looked
at it meanwhile; where there is no gaze, when their cursor was there; where the study has no areas,
the element that was clicked or refused is named. Of friction it is the field that the page refused,
where it refused one: that is known exactly, and eyes wander over a form.
"""


def _section(rule: Rule) -> str:
    numbers = "\n".join(_line(parameter) for parameter in rule.parameters)
    return (
        f"## {_TITLES[rule.kind]} (version {rule.version})\n\n{rule.sentence}\n\n"
        f"| number | value | unit |\n|---|---:|---|\n{numbers}\n\nSource: {rule.source}.\n"
    )


def _line(parameter: Parameter) -> str:
    name = parameter.name.replace("_", " ")
    return f"| {name} | {parameter.value:g} | {parameter.unit or '1'} |"


def main() -> None:
    """Write the document into the file named on the command line."""
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
