"""A comparison of two maps in plain sentences: what got better, what got worse, and how sure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from journeylab.analysis.comparing import ComparedMap, Comparison, StepDifference
from journeylab.analysis.detectors.finding import ALPHA, Finding, Sureness
from journeylab.analysis.detectors.words import sentence_of
from journeylab.analysis.signed import signed


@dataclass(frozen=True, slots=True)
class ComparedWords:
    """One sentence of a comparison: ``kind`` joy where the second is better, negative where worse,
    else neutral; ``sure`` says how sure, empty where nothing is claimed; ``step_id`` is empty where
    it is of no single step."""

    kind: str
    text: str
    sure: str = ""
    step_id: str = ""


def sentences_of(comparison: Comparison) -> tuple[ComparedWords, ...]:
    """What got worse first, then what got better, then the rest."""
    told = [_changed(comparison, step) for step in (*comparison.worse, *comparison.better)]
    told += [_reached(comparison, step) for step in comparison.steps if _is_reach_told(step)]
    told += [_finding(comparison.second, one, "Only in") for one in comparison.new]
    told += [_finding(comparison.first, one, "Only in") for one in comparison.gone]
    if comparison.unclear:
        told.append(_unclear(comparison))
    return tuple(told)


def notes_of_comparison(comparison: Comparison) -> tuple[str, ...]:
    """What a reader must know before believing it."""
    notes = []
    sides = (comparison.first, comparison.second)
    for side, titles in zip(sides, (comparison.only_first, comparison.only_second), strict=True):
        if titles:
            is_are = "is" if len(titles) == 1 else "are"
            notes.append(
                f"{_list(titles)} {is_are} only in {side.name} and not compared: steps are matched "
                "by their id."
            )
    if comparison.is_reordered:
        notes.append(f"The steps have another order in {comparison.first.name}.")
    for side in sides:
        if side.n_usable < side.n_all:
            left_out = side.n_all - side.n_usable
            are = "is" if left_out == 1 else "are"
            notes.append(f"{left_out} of {side.n_all} sessions of {side.name} {are} excluded.")
        if side.n_usable == 0:
            notes.append(f"{side.name} has no usable session.")
        if side.n_simulated:
            what = "All" if side.n_simulated == side.n_usable else str(side.n_simulated)
            notes.append(f"{what} sessions of {side.name} are simulated.")
    small = [step.title for step in comparison.steps if step.is_small]
    if small:
        where = "every step" if len(small) == len(comparison.steps) else _list(small)
        notes.append(
            f"Few participants on {where} (marked “few”): only a very large difference could show."
        )
    notes.append(
        "Tested by shuffling participants between the two, each step against the largest "
        "difference of any. Participants of both count as different people."
    )
    return tuple(notes)


def headline_of(comparison: Comparison) -> str:
    """The whole in one sentence."""
    n_better, n_worse = len(comparison.better), len(comparison.worse)
    n = len(comparison.steps)
    name = comparison.second.name
    if not n_better and not n_worse:
        if all(step.p is None for step in comparison.steps):
            return "Too few participants to test any step."
        return f"No step differs more than chance alone would give, of {n} compared."
    parts = []
    if n_better:
        parts.append(f"better on {n_better} of {n} {_steps(n)}")
    if n_worse:
        parts.append(f"worse on {n_worse}" + ("" if n_better else f" of {n} {_steps(n)}"))
    return f"{name} is {' and '.join(parts)}."


def chance_words(step: StepDifference) -> str:
    """How sure the difference of a step is, in a sentence."""
    if step.p is None:
        return (
            f"Not tested: {step.first.n} and {step.second.n} participants were measured; two on "
            "each side are needed."
        )
    chance = "less than 1 %" if step.p < 0.01 else f"{100 * step.p:.0f} %"
    base = f"chance alone gives as much in {chance} of comparisons"
    n = f"{step.first.n} and {step.second.n} measured"
    if step.sureness is Sureness.SURE:
        return f"Sure: {base}, {n}."
    if step.sureness is Sureness.LIKELY:
        return f"Likely: {base}, {n}."
    return f"Not shown: {base}, {n}."


def mark_of(step: StepDifference) -> str:
    """A step's difference as the strip says it: its size, and better, worse or unclear."""
    if not math.isfinite(step.difference):
        return "not measured"
    return signed(step.difference)


def verdict_of(step: StepDifference) -> str:
    """better, worse or unclear, with how sure; ``few`` where a side is small."""
    word = {"joy": "better", "negative": "worse"}.get(step.mood, "")
    if word:
        return f"{word}, {step.sureness.value}" if step.sureness is not None else word
    return "few" if step.is_small else "unclear"


def _changed(comparison: Comparison, step: StepDifference) -> ComparedWords:
    word = "better" if step.difference > 0 else "worse"
    text = (
        f"{step.title} is {word} in {comparison.second.name}: valence {signed(step.second.valence)}"
        f" instead of {signed(step.first.valence)}"
    )
    if math.isfinite(step.low):
        text += f" (95 % interval of the difference {signed(step.low)} to {signed(step.high)})"
    return ComparedWords(step.mood, f"{text}.", chance_words(step), step.step_id)


def _is_reach_told(step: StepDifference) -> bool:
    return step.reached_p is not None and step.reached_p <= ALPHA


def _reached(comparison: Comparison, step: StepDifference) -> ComparedWords:
    assert step.reached_p is not None
    one, other = step.first, step.second
    more = other.n_reached / max(other.n_people, 1) > one.n_reached / max(one.n_people, 1)
    text = (
        f"{'More' if more else 'Fewer'} reach {step.title} in {comparison.second.name}: "
        f"{other.n_reached} of {other.n_people}, against {one.n_reached} of {one.n_people}."
    )
    chance = "less than 1 %" if step.reached_p < 0.01 else f"{100 * step.reached_p:.0f} %"
    sure = f"Likely: chance alone gives as much in {chance} of comparisons."
    return ComparedWords("joy" if more else "negative", text, sure, step.step_id)


def _finding(side: ComparedMap, finding: Finding, where: str) -> ComparedWords:
    return ComparedWords(
        "neutral",
        f"{where} {side.name}: {finding.title}. {sentence_of(finding)}.",
        "Found in one and not in the other; the difference itself is not tested.",
        finding.step_id,
    )


def _unclear(comparison: Comparison) -> ComparedWords:
    titles = [step.title for step in comparison.unclear]
    if len(titles) == len(comparison.steps):
        text = "No step shows a difference beyond chance."
    else:
        text = f"No difference beyond chance on {_list(titles)}."
    return ComparedWords("neutral", text, "That none shows does not say that there is none.")


def _steps(n: int) -> str:
    return "step" if n == 1 else "steps"


def _list(names: tuple[str, ...] | list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
