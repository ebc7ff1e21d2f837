"""The rows the participant's screen writes: what was painted, and what happened on a page."""

from __future__ import annotations

import math

from journeylab.streams import Row, row


def stimulus_row(
    t_ns: int, what: str, *, step_id: str, detail: str, media_s: float = math.nan
) -> Row:
    """A stimulus came on, painted a frame, ended or failed.

    Parameters
    ----------
    t_ns
        When it was painted.
    what
        onset, frame, end or failure.
    media_s
        Position in a video, s; NaN otherwise.
    """
    return row("stimulus", t_ns, step_id=step_id, what=what, detail=detail, media_s=media_s)


def page_row(
    t_ns: int,
    kind: str,
    *,
    url: str,
    selector: str = "",
    page_px: tuple[float, float] = (math.nan, math.nan),
    scroll_px: tuple[float, float] = (math.nan, math.nan),
    detail: str = "",
    arrived_ns: int | None = None,
) -> Row:
    """An event of the browser view; positions are CSS pixels of the full page, NaN where the
    event has none."""
    return row(
        "page",
        t_ns,
        arrived_ns=arrived_ns,
        kind=kind,
        url=url,
        selector=selector,
        page_x_px=page_px[0],
        page_y_px=page_px[1],
        scroll_x_px=scroll_px[0],
        scroll_y_px=scroll_px[1],
        detail=detail,
    )


def aoi_row(t_ns: int, step_id: str, *, name: str, box_px: tuple[float, ...] | None) -> Row:
    """An area of interest lies there from then on: left, top, width and height in device px of
    the participant's screen; None while it cannot be seen."""
    x_px, y_px, width_px, height_px = box_px or (math.nan, math.nan, math.nan, math.nan)
    return row(
        "aois",
        t_ns,
        step_id=step_id,
        name=name,
        x_px=x_px,
        y_px=y_px,
        width_px=width_px,
        height_px=height_px,
    )
