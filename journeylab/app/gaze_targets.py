"""The points a person looked at in a video, as ``infer --gaze-targets`` reads them."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeylab.errors import InferenceError

TARGET_COLUMNS: Final = ("t_start_s", "t_end_s", "x_px", "y_px")


@dataclass(frozen=True, slots=True)
class GazeTarget:
    """A point looked at from one time of the video to another."""

    start_s: float
    end_s: float
    x_px: float
    y_px: float


def read_gaze_targets(path: Path) -> tuple[GazeTarget, ...]:
    """Read a targets file.

    Raises
    ------
    InferenceError
        Naming file, line and what was expected.
    """
    expected = f"The first line names the columns: {','.join(TARGET_COLUMNS)}"
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            names = tuple(name.strip() for name in reader.fieldnames or ())
            missing = [name for name in TARGET_COLUMNS if name not in names]
            if missing:
                raise InferenceError(
                    f"{path}, line 1: column {missing[0]} is missing.", remedy=f"{expected}."
                )
            reader.fieldnames = names
            targets = tuple(_target(row, path, reader.line_num) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InferenceError(
            f"Cannot read the gaze targets {path} ({getattr(error, 'strerror', None) or error}).",
            remedy=f"Give a CSV file in UTF-8. {expected}.",
        ) from error
    if not targets:
        raise InferenceError(f"{path} holds no targets.", remedy=f"{expected}, then one per line.")
    return targets


def _target(row: dict[str, str], path: Path, line: int) -> GazeTarget:
    values = []
    for name in TARGET_COLUMNS:
        text = (row.get(name) or "").strip()
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InferenceError(
                f"{path}, line {line}: {name} is {text!r}.", remedy="A number is expected there."
            )
        values.append(value)
    target = GazeTarget(*values)
    if target.end_s <= target.start_s or target.start_s < 0:
        raise InferenceError(
            f"{path}, line {line}: the target lasts from {target.start_s} to {target.end_s} s.",
            remedy="t_end_s must be after t_start_s, and t_start_s not negative.",
        )
    return target
