"""The field's fixed words: action units, states, pointer actions, step kinds."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

ACTION_UNIT_NAMES: Final = MappingProxyType(
    {
        "AU01": "inner brow raiser",
        "AU02": "outer brow raiser",
        "AU04": "brow lowerer",
        "AU05": "upper lid raiser",
        "AU06": "cheek raiser",
        "AU07": "lid tightener",
        "AU09": "nose wrinkler",
        "AU10": "upper lip raiser",
        "AU12": "lip corner puller",
        "AU14": "dimpler",
        "AU15": "lip corner depressor",
        "AU17": "chin raiser",
        "AU20": "lip stretcher",
        "AU23": "lip tightener",
        "AU24": "lip presser",
        "AU25": "lips part",
        "AU26": "jaw drop",
        "AU43": "eyes closed",
    }
)
"""FACS codes and names (Ekman, Friesen & Hager 2002)."""

ACTION_UNITS: Final = tuple(ACTION_UNIT_NAMES)
SIDED_ACTION_UNITS: Final = ("AU12L", "AU12R", "AU14L", "AU14R")
"""Sides are the participant's own: L is her left, on the right of an unmirrored image."""
ACTION_UNIT_COLUMNS: Final = ACTION_UNITS + SIDED_ACTION_UNITS

STATES: Final = (
    "joy",
    "surprise",
    "confusion",
    "frustration",
    "sadness",
    "contempt",
    "fear",
    "disgust",
    "anger",
    "boredom",
)

HEAD_POSE_COLUMNS: Final = (
    "head_yaw_deg",
    "head_pitch_deg",
    "head_roll_deg",
    "head_x_mm",
    "head_y_mm",
    "head_z_mm",
)
"""Yaw: face turns to the participant's left (image right) is positive; pitch: up is positive;
roll: counter-clockwise in the image is positive. Position: midpoint of the eyes in the camera's
frame, x right in the image, y down, z away from the camera."""

EYE_FEATURE_COLUMNS: Final = (
    "left_iris_x",
    "left_iris_y",
    "right_iris_x",
    "right_iris_y",
    "left_aperture",
    "right_aperture",
    "left_limbus_x",
    "left_limbus_y",
    "right_limbus_x",
    "right_limbus_y",
    "left_limbus_contrast",
    "right_limbus_contrast",
    "gaze_yaw_deg",
    "gaze_pitch_deg",
)
"""Iris centre in units of half the eye's width along and across its corner-to-corner axis, from
its midpoint; aperture: lid distance over eye width. Limbus: where the image puts the iris, from
where the mesh puts it, in iris radii, x to the right of the image and y down with the head upright;
its contrast: natural logarithm of the light outside the iris over that inside. Gaze angles: line of
sight of both eyes in the camera's axes before calibration; yaw to the right of the image and pitch
up are positive. Left is the participant's left eye."""


class PointerAction(IntEnum):
    """What the mouse did."""

    MOVE = 0
    PRESS = 1
    RELEASE = 2
    SCROLL = 3


class PointerButton(IntEnum):
    """Which button; NONE for moves and scrolls."""

    NONE = 0
    LEFT = 1
    RIGHT = 2
    MIDDLE = 3
    OTHER = 4


class StimulusKind(StrEnum):
    """What a step shows to the participant."""

    VIDEO = "video"
    IMAGE = "image"
    SCREENS = "screens"
    PAGE = "page"
    INSTRUCTION = "instruction"
    QUESTIONS = "questions"
    CAMERA_ONLY = "camera_only"


class QuestionKind(StrEnum):
    """How a question is asked. EASE is the single ease question, MANIKIN the self-assessment
    manikin for valence and arousal, SUS the system usability scale, NPS the likelihood to
    recommend; the rest is the study's own."""

    EASE = "ease"
    MANIKIN = "manikin"
    SUS = "sus"
    NPS = "nps"
    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


class CourseAct(StrEnum):
    """What the moderator did to the course of a session."""

    SKIP = "skip"
    REDO = "redo"
    UNPLANNED = "unplanned"
    PAUSE = "pause"
    RESUME = "resume"
    OUTCOME = "outcome"


class TaskOutcome(StrEnum):
    """How a task ended, in the moderator's judgement."""

    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    ABANDONED = "abandoned"


class StepPhase(StrEnum):
    """The two markers of a step."""

    START = "start"
    END = "end"
