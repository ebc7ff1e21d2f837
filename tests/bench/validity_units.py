"""How good the action units are: on rendered faces with known truth, on hand-labelled real ones."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from bench.validity_people import traits
from numpy.typing import NDArray
from rich.table import Table

from journeylab.clock import NS_PER_S
from journeylab.errors import InferenceError
from journeylab.inference.analyser import AnalyserState, Observation, interpret
from journeylab.inference.neutral import estimate_neutral
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

ACTIVE: Final = 0.3
OPEN: Final = 0.02
"""Truth's blink below which eyes count as open."""
HELD: Final = (
    *("AU01", "AU02", "AU04", "AU05", "AU06", "AU09", "AU10", "AU12"),
    *("AU15", "AU17", "AU20", "AU24", "AU25", "AU26"),
)
"""The units whose mean must hold."""
NEUTRAL_S: Final = 3.0
_AU43: Final = ACTION_UNIT_COLUMNS.index("AU43")
LABELS: Final = Path(__file__).with_name("real_labels.csv")
# What a label by eye is measured by: the strongest of these units.
LABELLED: Final = {
    "smile": ("AU12",),
    "brow raise": ("AU01", "AU02"),
    "furrow": ("AU04",),
    "open mouth": ("AU25", "AU26"),
    "mouth down": ("AU15",),
    "closed eyes": ("AU43",),
}

Truth = Mapping[str, NDArray[np.str_]]


@dataclass(frozen=True, slots=True, eq=False)
class UnitClip:
    """One clip: what was seen, its truth (empty for real clips), the peer's units by code."""

    name: str
    seen: Sequence[Observation]
    truth: Truth
    peer: Mapping[str, NDArray[np.float64]]

    @property
    def identity(self) -> str:
        return self.name.split("_")[0]

    def units(self) -> NDArray[np.float64]:
        """(n, 22) against the neutral face of the first seconds, without it the whole clip's."""
        first = [one for one in self.seen if one.t_ns < NEUTRAL_S * NS_PER_S]
        try:
            rest = estimate_neutral(first if self.truth else self.seen)
        except InferenceError:
            rest = estimate_neutral(self.seen)
        state, units = AnalyserState(), []
        for one in self.seen:
            state, measures = interpret(state, one, neutral=rest)
            units.append(measures.action_units)
        return np.array(units)

    def peer_units(self) -> dict[str, NDArray[np.float64]]:
        """The peer's, less those of the same neutral seconds."""
        first = np.array([one.t_ns < NEUTRAL_S * NS_PER_S for one in self.seen])
        return {code: score - np.nanmedian(score[first]) for code, score in self.peer.items()}

    def true(self, code: str) -> NDArray[np.float64]:
        return self.truth[code].astype(np.float64)

    def at_rest(self) -> NDArray[np.bool_]:
        return self.truth["label"] == "neutral"


def area_under_curve(scores: NDArray[np.float64], active: NDArray[np.bool_]) -> float:
    """ROC AUC by ranks, ties shared; NaN with one class only."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    n_active = int(active.sum())
    n_pairs = n_active * (len(active) - n_active)
    if n_pairs == 0:
        return float("nan")
    return float((rank[active].sum() - n_active * (n_active + 1) / 2) / n_pairs)


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's r; 0 where a measure never moves."""
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def rendered_tables(
    clips: Sequence[UnitClip], *, identities: Mapping[str, Mapping[str, Any]]
) -> list[Table]:
    """Per unit; per identity; what else answers when one unit is played."""
    found = {clip.name: clip.units() for clip in clips}
    return [
        _by_unit(clips, found),
        _by_identity(clips, found, identities),
        _cross_talk(clips, found),
    ]


def _by_unit(clips: Sequence[UnitClip], found: Mapping[str, NDArray[np.float64]]) -> Table:
    table = _table(
        "Action units on rendered faces, against the truth (peer: blendshapes less neutral)",
        *("AU", "r mean", "r lowest", "AUC", "false at rest", "peer r", "peer AUC"),
    )
    held_r, held_auc = [], []
    for code in ACTION_UNIT_COLUMNS:
        if code not in clips[0].truth or len(code) > 4:
            continue
        at = ACTION_UNIT_COLUMNS.index(code)
        r, auc, false, peer_r, peer_auc = [], [], [], [], []
        for clip in clips:
            true, score = clip.true(code), np.nan_to_num(found[clip.name][:, at])
            r.append(correlation(score, true))
            auc.append(area_under_curve(score, true >= ACTIVE))
            false.append(float((score[clip.at_rest()] > ACTIVE).mean()))
            if code in clip.peer:
                peer = np.nan_to_num(clip.peer_units()[code])
                peer_r.append(correlation(peer, true))
                peer_auc.append(area_under_curve(peer, true >= ACTIVE))
        if code in HELD:
            held_r.append(np.mean(r))
            held_auc.append(np.mean(auc))
        table.add_row(
            code,
            f"{np.mean(r):.2f}",
            f"{min(r):.2f}",
            f"{np.mean(auc):.3f}",
            f"{np.mean(false):.1%}",
            f"{np.mean(peer_r):.2f}" if peer_r else "",
            f"{np.mean(peer_auc):.3f}" if peer_auc else "",
        )
    means = (f"{np.mean(held_r):.2f}", f"{min(held_r):.2f}", f"{np.mean(held_auc):.3f}")
    table.add_row("mean of the 14 held", *means, "", "", "", style="bold")
    return table


def _by_identity(
    clips: Sequence[UnitClip],
    found: Mapping[str, NDArray[np.float64]],
    about: Mapping[str, Mapping[str, Any]],
) -> Table:
    """Each identity, and then the means of those who share a trait."""
    table = _table(
        "By identity and by what they share, over the units held",
        *("identity", "who", "r mean", "r lowest", "AUC mean"),
    )
    groups: dict[str, list[tuple[float, float, float]]] = {}
    for clip in clips:
        r, auc = [], []
        for code in HELD:
            score = np.nan_to_num(found[clip.name][:, ACTION_UNIT_COLUMNS.index(code)])
            r.append(correlation(score, clip.true(code)))
            auc.append(area_under_curve(score, clip.true(code) >= ACTIVE))
        figures = (float(np.mean(r)), min(r), float(np.mean(auc)))
        of = traits(about.get(clip.identity, {}))
        table.add_row(clip.identity, ", ".join(of), *_cells(*figures))
        for trait in of:
            groups.setdefault(trait, []).append(figures)
    for trait, members in sorted(groups.items()):
        mean_r, _, mean_auc = np.mean(members, axis=0)
        lowest = min(lowest for _, lowest, _ in members)
        table.add_row(f"{len(members)} of them", trait, *_cells(mean_r, lowest, mean_auc))
    return table


def _cells(mean_r: float, lowest_r: float, auc: float) -> tuple[str, str, str]:
    return f"{mean_r:.2f}", f"{lowest_r:.2f}", f"{auc:.3f}"


def _cross_talk(clips: Sequence[UnitClip], found: Mapping[str, NDArray[np.float64]]) -> Table:
    codes = [c for c in ACTION_UNIT_COLUMNS if len(c) == 4 and c in clips[0].truth]
    labels = list(dict.fromkeys(clips[0].truth["label"].tolist()))
    table = _table("Cross-talk: mean intensity read while a unit or a state is played", "played")
    for code in codes:
        table.add_column(code[2:], justify="right")
    for label in labels:
        cells = []
        for code in codes:
            at = ACTION_UNIT_COLUMNS.index(code)
            read = np.mean([found[c.name][c.truth["label"] == label, at].mean() for c in clips])
            cells.append(f"{read:.2f}".lstrip("0") if read >= 0.05 else "·")
        table.add_row(label, *cells)
    return table


def resting_table(clips: Sequence[UnitClip]) -> Table:
    """False activity on faces that only look about, turn the head and blink."""
    table = _table(
        "Falsely active (above 0.3) while a neutral face looks about, turns and blinks",
        *("AU", "share of frames", "worst clip"),
    )
    shares = []
    for clip in clips:
        units = clip.units()
        share = (units > ACTIVE).mean(axis=0)
        share[_AU43] = (units[clip.true("blink") < OPEN, _AU43] > ACTIVE).mean()
        shares.append(share)
    for at, code in enumerate(ACTION_UNIT_COLUMNS):
        column = [share[at] for share in shares]
        table.add_row(code, f"{np.mean(column):.1%}", f"{max(column):.1%}")
    return table


def real_table(clips: Sequence[UnitClip]) -> Table:
    """AUC on real frames labelled by eye, within each clip, beside the peer's."""
    table = _table(
        "Real faces, frames labelled by eye: AUC (peer: blendshapes)",
        *("clip", "shown", "frames", "journeylab", "peer"),
    )
    with LABELS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for clip in clips:
        units = clip.units()
        for measure, codes in LABELLED.items():
            shown = np.full(len(units), -1)
            for row in rows:
                if row["clip"] == clip.name and row["measure"] == measure:
                    shown[int(row["first_frame"]) : int(row["last_frame"]) + 1] = int(row["shown"])
            known = shown >= 0
            if not (shown == 1).any() or not (shown == 0).any():
                continue
            ours = units[:, [ACTION_UNIT_COLUMNS.index(code) for code in codes]].max(axis=1)
            cells = [f"{area_under_curve(np.nan_to_num(ours[known]), shown[known] == 1):.3f}"]
            if all(code in clip.peer for code in codes):
                peer = np.nan_to_num(np.max([clip.peer[code] for code in codes], axis=0))
                cells.append(f"{area_under_curve(peer[known], shown[known] == 1):.3f}")
            table.add_row(clip.name.split("_")[0], measure, str(int(known.sum())), *cells)
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title)
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="left" if at == 0 else "right")
    return table
