"""Findings in plain words: a sentence, a label's line, and how sure it is."""

from __future__ import annotations

from typing import Final

from journeylab.analysis.detectors.finding import Finding, FindingKind, Sureness
from journeylab.analysis.signed import signed
from journeylab.analysis.statistics_clusters import READ_AS

COUNTED: Final = "Counted, not tested."
MEASURED: Final = "Measured, not tested."
"""Certainty of what no test stands behind."""
_SHOWN: Final = {
    FindingKind.COGNITIVE_LOAD: ("frown (AU4)", "frowns (AU4)"),
    FindingKind.FRICTION: ("press lips (AU24)", "presses lips (AU24)"),
    FindingKind.AHA: ("are surprised, then smile", "is surprised, then smiles"),
    FindingKind.BOREDOM: ("look bored", "looks bored"),
    FindingKind.GREEN_PEAK: ("smile (AU12)", "smiles (AU12)"),
    FindingKind.VALLEY: ("are well below neutral", "is well below neutral"),
    FindingKind.DELIGHT: ("smile (AU12)", "smiles (AU12)"),
    FindingKind.DISAPPOINTMENT: (
        "show contempt (AU14, one side)",
        "shows contempt (AU14, one side)",
    ),
    FindingKind.STRUGGLE: ("frown or press lips", "frowns or presses lips"),
}
_TOLD: Final = {
    FindingKind.COGNITIVE_LOAD: "high cognitive load",
    FindingKind.FRICTION: "friction, risk of rage clicks",
    FindingKind.AHA: "Aha",
    FindingKind.DELIGHT: "delight",
    FindingKind.DISAPPOINTMENT: "disappointment",
    FindingKind.STRUGGLE: "struggle",
}


def sentence_of(finding: Finding) -> str:
    """What was found, without a full stop: who, what, where, and what it is called."""
    kind = finding.kind
    if kind is FindingKind.ENTRY_MOOD:
        return _entry(finding)
    if kind is FindingKind.DISCONNECT:
        verb = "falls" if finding.strength < 0 else "rises"
        return (
            f"The ad's mood is not taken up: valence {verb} by {abs(finding.strength):.0f} "
            f"in {count_of(finding)}"
        )
    if kind is FindingKind.FLOW:
        return f"Set-up flows: {count_of(finding)} without a frown, pressed lips or contempt"
    words = f"{count_of(finding)} {_verb(finding)}{_where(finding)}"
    if kind is FindingKind.GREEN_PEAK:
        return f"{words}: valence rises to {signed(finding.strength)}"
    if kind is FindingKind.VALLEY:
        length_s = finding.end_s - finding.start_s
        return f"{words}: valence falls to {signed(finding.strength)}, for {length_s:.0f} s"
    return f"{words}: {_TOLD[kind]}" if kind in _TOLD else words


def detail_of(finding: Finding) -> str:
    """The second line of a label: how many, and where or how much."""
    if finding.kind is FindingKind.ENTRY_MOOD:
        if not finding.is_alarm:
            return f"{finding.n_measured} measured"
        sign = "joy" if finding.mood == "joy" else "fear"
        return f"{sign} {100 * finding.strength:.0f} %"
    if finding.kind is FindingKind.DISCONNECT:
        return f"{count_of(finding)} · {signed(finding.strength)}"
    if finding.kind in (FindingKind.GREEN_PEAK, FindingKind.VALLEY):
        return f"{count_of(finding)} · {signed(finding.strength)}"
    place = finding.place
    return f"{count_of(finding)} · {place.name}" if place and place.name else count_of(finding)


def certainty_of(finding: Finding) -> str:
    """How sure it is, in a sentence."""
    n = finding.n_measured
    if finding.p is None:
        if not finding.is_alarm:
            return COUNTED
        return f"Seen, not tested: {n} participants are too few for a test."
    chance = f"chance alone gives as much in {_percent(finding.p)} of studies"
    if finding.sureness is Sureness.SURE:
        words = f"Sure: {chance}, with {n} measured."
    else:
        words = f"Likely: {chance}, with {n} measured."
    if finding.is_cluster:
        words += f" {READ_AS[0].upper()}{READ_AS[1:]}."
    if finding.segment is not None:
        others = f"{finding.segment.value} against the others: p {_p(finding.segment.p)}"
        words += f" {others[0].upper()}{others[1:]}."
    return words


def in_short(certainty: str) -> str:
    """The first words of a certainty, as they stand beside a mark: sure, likely, not tested; empty
    where there is none."""
    if certainty.startswith((COUNTED, MEASURED)):
        return "not tested"
    words, colon, _ = certainty.partition(":")
    return words.lower().removeprefix("seen, ") if colon else ""


def count_of(finding: Finding) -> str:
    """How many of how many; of the segment's where it belongs to one."""
    if finding.segment is not None:
        segment = finding.segment
        return f"{segment.n} of {segment.n_measured} {segment.value}"
    return f"{len(finding.participants)} of {finding.n_measured}"


def _entry(finding: Finding) -> str:
    count, one = count_of(finding), len(finding.told_participants) == 1
    if finding.mood == "joy":
        return f"People enter with high energy: {count} {'smiles' if one else 'smile'} at the ad"
    if finding.mood == "negative":
        verb = "shows" if one else "show"
        return f"People enter with high anxiety: {count} {verb} fear at the ad"
    return "People enter neutral: neither joy nor fear is the ad's mood"


def _verb(finding: Finding) -> str:
    plural, singular = _SHOWN[finding.kind]
    n = len(finding.participants) if finding.segment is None else finding.segment.n
    return singular if n == 1 else plural


def _where(finding: Finding) -> str:
    place = finding.place
    if place is None or not place.name:
        return ""
    return f" at “{place.name}”"


def _percent(p: float) -> str:
    return "less than 1 %" if p < 0.01 else f"{100 * p:.0f} %"


def _p(p: float) -> str:
    return "below .001" if p < 0.001 else f"{p:.3f}".lstrip("0")
