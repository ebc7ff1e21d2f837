"""Where the aggregate trace differs from the participants' usual level: cluster permutation.

What such a test says (Maris & Oostenveld, "Nonparametric statistical testing of EEG- and MEG-data",
J. Neurosci. Methods 164, 2007; Sassenhagen & Draschkow, "Cluster-based permutation tests of MEG/EEG
data do not establish significance of effect latency or location", Psychophysiology 56, 2019): a
cluster says **that** there is a difference around there. It does not say exactly where the
difference begins and ends, nor that each of its points differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

FORMING_P: Final = 0.05
"""Two-tailed, at each point by itself: what a cluster is made of. It decides which clusters are
found best, not how many false ones there are."""
N_FLIPS: Final = 500
POINTS_PER_STEP: Final = 48
READ_AS: Final = "a cluster says that there is a difference, not exactly where it begins and ends"
_SEED: Final = 20_261_127


@dataclass(frozen=True, slots=True)
class Cluster:
    """Neighbouring points, ``start`` to before ``end``, that differ together in one direction.

    ``p`` is the probability that chance alone gives a cluster as heavy anywhere on the axis.
    """

    start: int
    end: int
    sign: int
    p: float


def differing_clusters(
    values: NDArray[np.floating], breaks: Sequence[int], *, seed: int = _SEED
) -> tuple[Cluster, ...]:
    """Clusters in which participants differ from their own mean over the whole axis.

    Two-tailed one-sample test by flipping signs, with MNE; all patterns of signs up to nine
    participants, else five hundred of them. A missing value counts as the participant's own mean,
    which can only hide a difference.

    Parameters
    ----------
    values
        (participants, points), NaN where missing; at least two participants.
    breaks
        Points at which a new step begins; no cluster reaches over one.
    seed
        Of the patterns that are drawn, so that the same sessions give the same map.

    Returns
    -------
    From left to right, however probable by chance.
    """
    from scipy.special import stdtrit

    n = len(values)
    if n < 2 or values.shape[1] == 0 or not np.isfinite(values).any():
        return ()
    centred = _centred(np.asarray(values, dtype=np.float64))
    # A column of zeros between two steps: no cluster can cross it.
    edges = [0, *(edge for edge in breaks if 0 < edge < values.shape[1]), values.shape[1]]
    spaced = np.zeros((n, values.shape[1] + len(edges) - 2))
    column = np.zeros(values.shape[1], dtype=np.int64)
    for gap, (low, high) in enumerate(pairwise(edges)):
        column[low:high] = np.arange(low, high) + gap
    spaced[:, column] = centred
    threshold = float(stdtrit(n - 1, 1 - FORMING_P / 2))
    point_of = np.full(spaced.shape[1], -1)
    point_of[column] = np.arange(values.shape[1])
    return tuple(
        Cluster(int(point_of[low]), int(point_of[high - 1]) + 1, sign, p)
        for low, high, sign, p in _test(spaced, threshold, seed)
    )


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    counts = known.sum(axis=1)
    means = np.nansum(values, axis=1) / np.maximum(counts, 1)
    return np.where(known, values - means[:, None], 0.0)


def _test(
    values: NDArray[np.float64], threshold: float, seed: int
) -> list[tuple[int, int, int, float]]:
    import warnings

    from mne.stats import permutation_cluster_1samp_test

    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        # MNE warns when nothing reaches the threshold, which is an answer like any other.
        warnings.filterwarnings("ignore", message="No clusters found")
        t, clusters, ps, _ = permutation_cluster_1samp_test(
            values,
            threshold=threshold,
            n_permutations=N_FLIPS,
            tail=0,
            out_type="indices",
            rng=np.random.default_rng(seed),
            verbose="ERROR",
        )
    found = []
    for (points,), p in zip(clusters, ps, strict=True):
        low, high = int(points[0]), int(points[-1]) + 1
        found.append((low, high, 1 if t[low] > 0 else -1, float(p)))
    return sorted(found)
