"""The one declaration of what is recorded."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from journeylab.streams.spec import Column, StreamKind, StreamSpec
from journeylab.vocabulary import (
    ACTION_UNIT_COLUMNS,
    ACTION_UNIT_NAMES,
    EYE_FEATURE_COLUMNS,
    HEAD_POSE_COLUMNS,
    STATES,
)

N_LANDMARKS: Final = 478
N_FACE_MEASURES: Final = 84


def _unit_interval(name: str, description: str) -> Column:
    return Column(name, "f4", "1", description, 0.0, 1.0)


def _action_units(note: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            code,
            "f4",
            "1",
            f"{ACTION_UNIT_NAMES[code[:4]]}{_side(code)}, {note}",
            *((0.0, 1.0) if note.startswith("intensity") else (None, None)),
        )
        for code in ACTION_UNIT_COLUMNS
    )


def _side(code: str) -> str:
    return {"L": ", participant's left", "R": ", participant's right"}.get(code[-1], "")


def _text(name: str, description: str) -> Column:
    return Column(name, "text", "", description)


_SPECS: Final = (
    StreamSpec("camera", StreamKind.VIDEO, "webcam video, H.264", critical=False),
    StreamSpec("microphone", StreamKind.AUDIO, "microphone, mono int16 PCM", critical=False),
    StreamSpec(
        "screen",
        StreamKind.PICTURES,
        "pictures of the participant's screen: at each step's start and when it changed",
        critical=False,
    ),
    StreamSpec(
        "pages",
        StreamKind.PICTURES,
        "one picture of each distinct page, whole, as long as it is; the page row of kind picture "
        "of the same instant names its address",
        critical=False,
    ),
    StreamSpec(
        "face",
        StreamKind.TABLE,
        "one row per analysed camera frame: presence, quality, head pose, eye features",
        (
            Column("face", "u1", "", "1 when a face was found", 0, 1),
            _unit_interval("quality", "how far the measures of this frame can be trusted"),
            *(
                Column(name, "f4", name.rsplit("_", 1)[1], name.replace("_", " "))
                for name in HEAD_POSE_COLUMNS
            ),
            *(
                Column(
                    name,
                    "f4",
                    "deg" if name.endswith("_deg") else "1",
                    name.removesuffix("_deg").replace("_", " ") + ", see the glossary",
                )
                for name in EYE_FEATURE_COLUMNS
            ),
            Column("interocular_px", "f4", "px", "distance of the outer eye corners", 0, None),
            Column("blink", "u1", "", "1 while the eyes are closed by a blink", 0, 1),
        ),
    ),
    StreamSpec(
        "landmarks",
        StreamKind.TABLE,
        "face mesh of each frame with a face",
        (
            Column(
                "xyz",
                "f4",
                "image",
                "x and y as a share of image width and height, z on x's scale; on a 2^-15 grid",
                shape=(N_LANDMARKS, 3),
            ),
        ),
    ),
    StreamSpec(
        "face_measures",
        StreamKind.TABLE,
        "local measures of the face freed of pose, from which action units are read",
        (
            Column(
                "values",
                "f4",
                "1",
                "heights and widths in interocular distances: of the participant's right "
                "half, then of her left, mirrored; ln of the wrinkle energy between the brows; "
                "closure of the lids",
                shape=(N_FACE_MEASURES,),
            ),
        ),
    ),
    StreamSpec(
        "action_units",
        StreamKind.TABLE,
        "action units relative to the participant's neutral face",
        _action_units("intensity"),
    ),
    StreamSpec(
        "action_units_raw",
        StreamKind.TABLE,
        "the same against the population's neutral face instead of the participant's",
        _action_units("uncorrected"),
    ),
    StreamSpec(
        "affect",
        StreamKind.TABLE,
        "valence, arousal and states",
        (
            Column("valence", "f4", "1", "pleasantness of the expression", -100, 100),
            Column("arousal", "f4", "1", "strength of the expression", 0, 100),
            *(_unit_interval(state, f"probability of {state}") for state in STATES),
            _unit_interval("confidence", "how far the values of this frame can be trusted"),
        ),
    ),
    StreamSpec(
        "gaze",
        StreamKind.TABLE,
        "point of gaze on the participant's screen, steadied; NaN without a calibration",
        (
            Column("x_px", "f4", "px", "from the screen's left edge"),
            Column("y_px", "f4", "px", "from the screen's top edge"),
            Column("uncertainty_px", "f4", "px", "radius that holds the truth with 68 %", 0, None),
        ),
    ),
    StreamSpec(
        "pointer",
        StreamKind.TABLE,
        "mouse moves, buttons and scrolls",
        (
            Column("x_px", "f4", "px", "from the participant's screen's left edge"),
            Column("y_px", "f4", "px", "from the participant's screen's top edge"),
            Column("action", "u1", "", "0 move, 1 press, 2 release, 3 scroll", 0, 3),
            Column("button", "u1", "", "0 none, 1 left, 2 right, 3 middle, 4 other", 0, 4),
            Column("scroll_dx", "f4", "notch", "horizontal scroll"),
            Column("scroll_dy", "f4", "notch", "vertical scroll, away from the person positive"),
            Column("speed_px_s", "f4", "px/s", "speed of the cursor over the last 100 ms", 0, None),
        ),
    ),
    StreamSpec(
        "steps",
        StreamKind.TABLE,
        "step markers",
        (
            _text("step_id", "the step, as in the study file"),
            _text("phase", "start or end"),
            Column("visit", "i4", "1", "how many times this step was entered, from 1", 1, None),
        ),
    ),
    StreamSpec(
        "stimulus",
        StreamKind.TABLE,
        "what was painted on the participant's screen, stamped when painted",
        (
            _text("step_id", "the step it belongs to"),
            _text("what", "onset, frame, end, or failure"),
            _text("detail", "file, url, or what failed"),
            Column("media_s", "f4", "s", "position in a video, NaN otherwise"),
        ),
    ),
    StreamSpec(
        "page",
        StreamKind.TABLE,
        "events of the browser view",
        (
            _text(
                "kind", "load, url, click, scroll, invalid, change, input, focus, refused, picture"
            ),
            _text("url", "the page"),
            _text("selector", "CSS selector of the element"),
            Column("page_x_px", "f4", "px", "on the full page, CSS pixels"),
            Column("page_y_px", "f4", "px", "on the full page, CSS pixels"),
            Column("scroll_x_px", "f4", "px", "scroll offset, CSS pixels"),
            Column("scroll_y_px", "f4", "px", "scroll offset, CSS pixels"),
            _text("detail", "message, text or size, by kind"),
        ),
    ),
    StreamSpec(
        "aois",
        StreamKind.TABLE,
        "where the areas of interest lie on the participant's screen, at each change",
        (
            _text("step_id", "the step it belongs to"),
            _text("name", "the area, as in the study file"),
            Column("x_px", "f4", "px", "left edge from the screen's; NaN while it is not shown"),
            Column("y_px", "f4", "px", "top edge from the screen's; NaN while it is not shown"),
            Column("width_px", "f4", "px", "width on the screen", 0, None),
            Column("height_px", "f4", "px", "height on the screen", 0, None),
        ),
    ),
    StreamSpec(
        "displays",
        StreamKind.TABLE,
        "the display the participant sees from then on",
        (
            _text("name", "as the system names it"),
            Column("width_px", "i4", "px", "width", 0, None),
            Column("height_px", "i4", "px", "height", 0, None),
            Column("scale", "f4", "1", "device pixels in a logical one", 0, None),
            Column("width_mm", "f4", "mm", "width, NaN where the display does not tell", 0, None),
            Column("height_mm", "f4", "mm", "height, NaN where the display does not tell", 0, None),
        ),
    ),
    StreamSpec(
        "acts",
        StreamKind.TABLE,
        "what the moderator did to the course of the session, and how tasks ended",
        (
            _text("act", "skip, redo, unplanned, pause, resume, outcome"),
            _text("step_id", "the step concerned"),
            Column("visit", "i4", "1", "which visit to it, from 1", 1, None),
            _text("value", "outcome, reason, or the title of an unplanned step"),
            _text("author", "who did it"),
        ),
    ),
    StreamSpec(
        "withdrawals",
        StreamKind.TABLE,
        "markers and outcomes that were taken back",
        (
            _text("of_stream", "markers or acts"),
            Column("of_t_ns", "i8", "ns", "time of the one taken back"),
            _text("author", "who took it back"),
        ),
    ),
    StreamSpec(
        "alerts",
        StreamKind.TABLE,
        "what the console drew the moderator's attention to while the session ran",
        (
            _text("kind", "stuck, frustrated, off_screen"),
            _text("phase", "start or end"),
            _text("reason", "in words"),
            _text("step_id", "the step that ran"),
        ),
    ),
    StreamSpec(
        "markers",
        StreamKind.TABLE,
        "the moderator's markers",
        (_text("label", "from the study's list"), _text("author", "who set it")),
    ),
    StreamSpec(
        "notes",
        StreamKind.TABLE,
        "free notes",
        (_text("text", "the note"), _text("author", "who wrote it")),
    ),
    StreamSpec(
        "answers",
        StreamKind.TABLE,
        "answers of the participant",
        (
            _text("step_id", "the step it belongs to"),
            _text("question_id", "the question, as in the study file"),
            _text("value", "the answer"),
        ),
    ),
    StreamSpec(
        "calibrations",
        StreamKind.TABLE,
        "neutral face and gaze calibration in force from then on, and what became of them, each as "
        "one JSON object",
        (
            _text(
                "kind",
                "neutral, gaze, gaze_accepted, gaze_withdrawn, gaze_kept, gaze_check, gaze_shift, "
                "gaze_rescaled, screen_delay",
            ),
            _text("version", "of the model that reads it"),
            _text("data", "the object, JSON"),
        ),
    ),
    StreamSpec(
        "health",
        StreamKind.TABLE,
        "drops, gaps, faults and recoveries of the streams; sleep and clock steps of the computer",
        (
            _text("of_stream", "the stream concerned, or session"),
            _text("kind", "drop, gap, fault, recovered, warning, suspend, clock_step"),
            Column("count", "i4", "1", "samples concerned", 0, None),
            _text("detail", "in words"),
        ),
    ),
    StreamSpec(
        "clock",
        StreamKind.TABLE,
        "clock pairs: session clock against wall time",
        (
            Column("wall_ns", "i8", "ns", "wall time since the Unix epoch"),
            Column("uncertainty_ns", "i8", "ns", "duration of the reading", 0, None),
        ),
    ),
)

STREAMS: Final = MappingProxyType({spec.name: spec for spec in _SPECS})
"""All streams by name, in the order they are shown."""
