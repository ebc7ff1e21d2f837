"""The streams of a session and the samples that flow in them.

What is recorded is declared once, as :data:`STREAMS`: the fan-out, the journal, the bundle's
layout, its reader and its documentation all come from it.
"""

from __future__ import annotations

from journeylab.streams.declared import N_FACE_MEASURES, N_LANDMARKS, STREAMS
from journeylab.streams.samples import AudioBlock, Frame, Picture, Row, Sample
from journeylab.streams.spec import Column, StreamKind, StreamSpec

__all__ = [
    "N_FACE_MEASURES",
    "N_LANDMARKS",
    "STREAMS",
    "AudioBlock",
    "Column",
    "Frame",
    "Picture",
    "Row",
    "Sample",
    "StreamKind",
    "StreamSpec",
    "row",
]


def row(stream: str, t_ns: int, *, arrived_ns: int | None = None, **values: object) -> Row:
    """Build a row by column names.

    Raises
    ------
    ValueError
        When a column is missing or unknown.
    """
    names = [column.name for column in STREAMS[stream].columns]
    if set(values) != set(names):
        raise ValueError(f"stream {stream} has columns {names}, but {sorted(values)} were given")
    return Row(stream, t_ns, tuple(values[name] for name in names), arrived_ns)
