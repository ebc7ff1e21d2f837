"""How long a session takes to open and a moment of it to read, as in the app; encrypted too."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pyrage

from faults import forked
from faults.printed import Line
from journeylab.analysis.moments import MomentChoice, read_moment
from journeylab.bundle.encryption import encrypt_bundle
from journeylab.bundle.reader import Bundle
from journeylab.study.study_key import KEYRING

_OPENINGS = 5
_MOMENTS = 40
_TABLES = ("face", "action_units", "affect", "gaze", "pointer")
_MB = 1e6


def reading_lines(bundle: Path) -> list[Line]:
    """Rows for a bundle in the folder of a study's sessions, plain and then encrypted in place."""
    study = bundle.parent.parent
    identity = pyrage.x25519.Identity.generate()
    lines = _lines(bundle, "")
    size, began_s = bundle.stat().st_size, time.monotonic()
    encrypted = encrypt_bundle(bundle, str(identity.to_public()))
    seconds = time.monotonic() - began_s
    what = f"{seconds:.2f} s, {size / _MB / seconds:.0f} MB/s"
    lines.append(Line(f"encrypting its {size / _MB:.0f} MB, and reading back", what))
    KEYRING.put(study, identity)
    try:
        lines += _lines(encrypted, "encrypted, ")
    finally:
        KEYRING.drop(study)
        encrypted.unlink()
    return lines


def _lines(path: Path, prefix: str) -> list[Line]:
    told = forked.answer(lambda: _measure(path))  # its memory is its own
    if "error" in told:
        return [Line(f"{prefix}opening", str(told["error"]), "", held=False)]
    ms = {key: np.array(values) for key, values in told["value"].items()}  # type: ignore[attr-defined]
    return [
        Line(f"{prefix}opening, the first", f"{ms['opening'][0]:.0f} ms"),
        Line(f"{prefix}opening, later, median", f"{np.median(ms['opening'][1:]):.0f} ms"),
        Line(f"{prefix}all rows of {len(_TABLES)} streams", f"{ms['tables'][0]:.0f} ms"),
        Line(
            f"{prefix}a moment of an open session",
            f"{np.median(ms['moment']):.0f} ms, 95 %: {np.percentile(ms['moment'], 95):.0f} ms",
        ),
        Line(
            f"{prefix}a moment clicked on the map",
            f"{np.median(ms['click']):.0f} ms, 95 %: {np.percentile(ms['click'], 95):.0f} ms",
        ),
        Line(f"{prefix}memory of the process at most", f"{ms['memory_mb'][0]:.0f} MB"),
    ]


def _measure(path: Path) -> dict[str, list[float]]:
    rng = np.random.default_rng(1)
    ms: dict[str, list[float]] = {"opening": [], "tables": [], "moment": [], "click": []}
    for _ in range(_OPENINGS):
        began_s = time.monotonic()
        Bundle.open(path).close()
        ms["opening"].append(_since_ms(began_s))
    with Bundle.open(path) as bundle:
        began_s = time.monotonic()
        for name in _TABLES:
            bundle.table(name)
        ms["tables"].append(_since_ms(began_s))
        times_ns = rng.integers(bundle.start_ns, bundle.end_ns, _MOMENTS).tolist()
        for t_ns in times_ns:
            began_s = time.monotonic()
            _read(bundle, t_ns)
            ms["moment"].append(_since_ms(began_s))
    for t_ns in times_ns[: _MOMENTS // 4]:
        began_s = time.monotonic()
        with Bundle.open(path) as bundle:
            _read(bundle, t_ns)
        ms["click"].append(_since_ms(began_s))
    peak_kb = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    ms["memory_mb"] = [int(peak_kb[1]) / 1024 if peak_kb else float("nan")]
    return ms


def _read(bundle: Bundle, t_ns: int) -> None:
    choice = MomentChoice(None, "", t_ns, float("nan"), 0.0)  # type: ignore[arg-type]
    moment = read_moment(bundle, choice)
    assert moment.face is not None, "no face at that moment"


def _since_ms(began_s: float) -> float:
    return (time.monotonic() - began_s) * 1e3
