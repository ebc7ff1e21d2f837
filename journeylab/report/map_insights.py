"""The insight row and the notes: sentences, who stands behind them, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from journeylab.analysis.detectors.words import in_short
from journeylab.analysis.insight_edits import EDITED, HIDDEN, OUTDATED
from journeylab.analysis.journey import Insight
from journeylab.report import map_style as style
from journeylab.report.map_columns import Column
from journeylab.report.map_style import Rows
from journeylab.report.scene import Circle, Hit, MomentTarget, SceneDraft, Text
from journeylab.report.text_metrics import ELLIPSIS, shorten, text_width, wrap

_LINE_PX = style.BODY_PX * style.LINE_SPACING
_EVIDENCE_PX = style.SMALL_PX
_DOT_PX = 7.0
_NOTE_LINE_PX = 16.0
_MARKED = {
    EDITED: "{sign} · edited",
    HIDDEN: "hidden",
    OUTDATED: "{sign} · edit outdated",
}


def insight_lines(column: Column) -> tuple[str, ...]:
    """The sentence of a step, broken to its column."""
    lines = wrap(column.step.insight.text, column.inner_width, size_px=style.BODY_PX)
    if len(lines) > style.MAX_INSIGHT_LINES:
        kept = lines[: style.MAX_INSIGHT_LINES]
        return (*kept[:-1], kept[-1].rstrip(" .,;") + ELLIPSIS)
    return lines


def insight_height(columns: Sequence[Column]) -> float:
    """Height the row needs, px."""
    most = max((len(insight_lines(column)) for column in columns), default=1)
    return _DOT_PX + 8 + most * _LINE_PX + 22


def insight_target(insight: Insight) -> MomentTarget | None:
    """Where an insight leads; None where it rests on nothing that could be shown."""
    if insight.position_s is None or not insight.participants:
        return None
    return MomentTarget(insight.position_s, None, insight.participants)


def draw_insights(draft: SceneDraft, columns: Sequence[Column], rows: Rows) -> None:
    """Each step's sentence under a mark of its kind, and the participants behind it."""
    for column in columns:
        insight = column.step.insight
        x, y = column.x + style.INSET_PX, rows.insight_y
        colour = {"joy": "joy", "negative": "negative"}.get(insight.kind, "neutral")
        draft.add(Circle((x + _DOT_PX / 2, y + _DOT_PX / 2), _DOT_PX / 2, colour, colour, 0.0))
        sign = {"joy": "joy", "negative": "negative"}.get(insight.kind, "neutral")
        if insight.mark is not None:
            sign = _MARKED[insight.mark.state].format(sign=sign)
            if insight.mark.is_older and insight.mark.state != OUTDATED:
                sign = f"{sign} · numbers changed"
        elif sureness := in_short(insight.certainty):
            sign = f"{sign} · {sureness}"
        draft.add(
            Text(
                x + _DOT_PX + 5,
                y + _DOT_PX + 0.5,
                shorten(sign, column.inner_width - _DOT_PX - 5, size_px=style.CAPS_PX, weight=500),
                style.CAPS_PX,
                "quiet_text",
                weight=500,
            )
        )
        y += _DOT_PX + 8
        for line in insight_lines(column):
            y += _LINE_PX
            draft.add(Text(x, y - 3, line, style.BODY_PX, "text"))
        target = insight_target(insight)
        if target is None:
            continue
        words = evidence_words(insight.participants, width_px=column.inner_width - 10)
        draft.add(
            Text(x, y + 17, f"{words} ›", _EVIDENCE_PX, "accent", 600),
        )
        draft.answer(
            Hit(
                x,
                rows.insight_y,
                column.inner_width,
                y + 22 - rows.insight_y,
                target,
                " ".join(filter(None, (insight.certainty, _moments_of(insight.participants)))),
            )
        )


def _moments_of(participants: Sequence[str]) -> str:
    return f"Show the moments of {', '.join(participants)}"


def evidence_words(participants: Sequence[str], *, width_px: float) -> str:
    """Who stands behind a sentence, by as many names as fit."""
    n = len(participants)
    for n_named in range(min(n, 2), 0, -1):
        names = ", ".join(participants[:n_named])
        words = names if n_named == n else f"{names} +{n - n_named}"
        if text_width(words, _EVIDENCE_PX, weight=600) <= width_px:
            return words
    return str(n)


def note_lines(notes: Sequence[str], *, width_px: float) -> tuple[str, ...]:
    """The notes as lines of running text."""
    return wrap(" ".join(notes), width_px, size_px=style.SMALL_PX)


def notes_height(notes: Sequence[str], *, width_px: float) -> float:
    """Height the notes need, px; 0 without any."""
    lines = note_lines(notes, width_px=width_px)
    return len(lines) * _NOTE_LINE_PX + 14 if lines else 0.0


def draw_notes(
    draft: SceneDraft, notes: Sequence[str], rows: Rows, *, x: float, width_px: float
) -> None:
    """What is missing, in words, at the foot of the map."""
    y = rows.notes_y + 12
    for line in note_lines(notes, width_px=width_px):
        draft.add(Text(x, y, line, style.SMALL_PX, "quiet_text"))
        y += _NOTE_LINE_PX


def section_label(draft: SceneDraft, words: str, y: float, *, under: Sequence[str] = ()) -> None:
    """A row's name in tracked capitals at the left, with quiet lines beneath."""
    draft.add(
        Text(
            style.MARGIN_PX,
            y,
            words.upper(),
            style.CAPS_PX,
            "quiet_text",
            600,
            tracking_px=style.CAPS_TRACKING_PX,
        )
    )
    for place, line in enumerate(under):
        draft.add(Text(style.MARGIN_PX, y + 17 + 15.5 * place, line, 11.0, "quiet_text"))
