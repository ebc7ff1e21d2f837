"""MediaPipe's Face Landmarker blendshapes on the same frames: a peer to compare with, no more.

Its model is not part of the product; without the file the peer's columns stay empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.camera.source import read_frames
from journeylab.clock import NS_PER_MS

# Action unit to the blendshapes whose mean stands for it.
BLENDSHAPES: Final[dict[str, tuple[str, ...]]] = {
    "AU01": ("browInnerUp",),
    "AU02": ("browOuterUpLeft", "browOuterUpRight"),
    "AU04": ("browDownLeft", "browDownRight"),
    "AU05": ("eyeWideLeft", "eyeWideRight"),
    "AU06": ("cheekSquintLeft", "cheekSquintRight"),
    "AU07": ("eyeSquintLeft", "eyeSquintRight"),
    "AU09": ("noseSneerLeft", "noseSneerRight"),
    "AU10": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "AU12": ("mouthSmileLeft", "mouthSmileRight"),
    "AU14": ("mouthDimpleLeft", "mouthDimpleRight"),
    "AU15": ("mouthFrownLeft", "mouthFrownRight"),
    "AU17": ("mouthShrugLower",),
    "AU20": ("mouthStretchLeft", "mouthStretchRight"),
    "AU24": ("mouthPressLeft", "mouthPressRight"),
    "AU25": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "AU26": ("jawOpen",),
    "AU43": ("eyeBlinkLeft", "eyeBlinkRight"),
}


def blendshapes(path: Path, model: Path) -> dict[str, NDArray[np.float64]]:
    """Each action unit's blendshapes (n,) over the frames of a clip; NaN without a face."""
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options: Any = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        output_face_blendshapes=True,
        running_mode=vision.RunningMode.VIDEO,
    )
    rows: list[dict[str, float]] = []
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for frame in read_frames(path):
            rgb = np.ascontiguousarray(frame.image[..., ::-1])
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
            found = landmarker.detect_for_video(image, frame.t_ns // NS_PER_MS).face_blendshapes
            rows.append({one.category_name: one.score for one in found[0]} if found else {})
    nan = float("nan")
    return {
        code: np.array([np.mean([row.get(name, nan) for name in names]) for row in rows])
        for code, names in BLENDSHAPES.items()
    }
