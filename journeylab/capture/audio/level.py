"""Loudness of a block for the level meter; pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SILENCE_DBFS: Final = -96.0
"""Least level that int16 can hold; digital silence reads as this."""


def level_dbfs(pcm: NDArray[np.int16]) -> float:
    """Root-mean-square level of PCM.

    Parameters
    ----------
    pcm
        Samples, shape (n,), int16.

    Returns
    -------
    float
        dB relative to full scale, from -96 (silence) to 0 (a full-scale square wave); a
        full-scale sine reads -3.
    """
    if pcm.size == 0:
        return SILENCE_DBFS
    power = float(np.mean(np.square(pcm.astype(np.float64) / 32768.0)))
    if power <= 0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, min(0.0, 10.0 * float(np.log10(power))))
