"""What one picture says of the place a participant sits in: light, size, blur, glare at the eyes.

Pure measures, one frame at a time; what counts as bad is decided in
:mod:`journeylab.session.tech_check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.measures import Mesh
from journeylab.inference.patch import upright_patch
from journeylab.opencv import cv2

_LIGHT_WIDTH_PX: Final = 160  # light changes over centimetres: a small picture tells it
_RIGHT_CORNER, _LEFT_CORNER = 33, 263
_FOREHEAD, _CHIN = 10, 152
_EYES: Final = np.array([[33, 133, 159, 145], [362, 263, 386, 374]])
_OVAL: Final = np.array(
    # Forehead to chin and back, as MediaPipe's FACEMESH_FACE_OVAL goes round.
    (
        *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
        *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    )
)
_LIDS: Final = (
    np.array([33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246]),
    np.array([362, 382, 381, 380, 374, 373, 390, 249, 263, 466, 388, 387, 386, 385, 384, 398]),
)
_WHITE_PERCENTILE: Final = 85.0
# The eyes and all around them, where a face has its finest edges.
_BLUR_SIDE: Final = 128
_BLUR_SHARE: Final = 1.5
_CALM_SIGMA_PX, _BLURRED_SIGMA_PX = 0.8, 1.5
_LENS_SIDE: Final = 64
_LENS_SHARE: Final = 0.62  # of the interocular distance: a spectacle lens is as wide
_SATURATED: Final = 245
_INTEROCULAR_MM: Final = 86.0
_ABOVE_SKIN: Final = 40.0


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    """One picture of a face.

    Attributes
    ----------
    face_luma, right_luma, left_luma, around_luma
        Mean brightness 0..255 of the face, of the participant's right and left half of it, and of
        everything else; the halves are parted by the line from forehead to chin.
    eye_white_luma
        Brightness of the white of the eyes, which tells the light whatever the skin.
    interocular_px
        Distance of the outer eye corners.
    share_of_width, x, y
        That distance as a share of the picture's width, and the face's middle as shares of its
        width and height.
    blur_mm
        Standard deviation of the blur of the face's edges, on the face. It is 0.5 to 0.8 for a
        sharp picture of 640 px, grows with the blur up to 2, and hardly depends on who it is.
    glare_mm
        Width of the largest saturated blob over an eye; a reflection in the eye itself has 2.
    """

    face_luma: float
    right_luma: float
    left_luma: float
    around_luma: float
    eye_white_luma: float
    interocular_px: float
    share_of_width: float
    x: float
    y: float
    blur_mm: float
    glare_mm: float

    @property
    def light(self) -> float:
        """Light on the face, 0..255: of the eyes' white, or of the skin where that is brighter."""
        return max(self.eye_white_luma, self.face_luma)

    @property
    def backlight(self) -> float:
        """Brightness around the face against the light on it: 0.6 to 1.1 with light in front."""
        return self.around_luma / max(self.light, 1.0)

    @property
    def unevenness(self) -> float:
        """Brightness of the brighter half of the face against the darker."""
        darker, brighter = sorted((self.right_luma, self.left_luma))
        return brighter / max(darker, 1.0)


def measure_picture(image: NDArray[np.uint8], mesh: Mesh) -> PictureMeasures:
    """Measure a picture with a face.

    Parameters
    ----------
    image
        (height, width, 3) BGR, uint8.
    mesh
        The face in it; it may reach beyond the picture.
    """
    height, width = image.shape[:2]
    points = np.asarray(mesh.xyz[:, :2], dtype=np.float64) * (width, height)
    axis = points[_LEFT_CORNER] - points[_RIGHT_CORNER]
    interocular_px = float(np.hypot(*axis))
    face, right, left, around = _light(image, points)
    middle = points[_OVAL].mean(axis=0) / (width, height)
    glare = max(_glare(image, points, axis, eye=eye) for eye in _EYES)
    return PictureMeasures(
        face_luma=face,
        right_luma=right,
        left_luma=left,
        around_luma=around,
        eye_white_luma=_eye_white(image, points),
        interocular_px=interocular_px,
        share_of_width=interocular_px / width,
        x=float(middle[0]),
        y=float(middle[1]),
        blur_mm=_blur_mm(image, points, axis),
        glare_mm=2 * float(np.sqrt(glare / np.pi)) * _INTEROCULAR_MM,
    )


def lumas(image: NDArray[np.uint8], mesh: Mesh | None) -> tuple[float, float]:
    """Mean brightness 0..255 of the face, NaN where there is none, and of the whole picture."""
    whole = float(cv2.mean(cv2.cvtColor(_small(image), cv2.COLOR_BGR2GRAY))[0])
    if mesh is None:
        return float("nan"), whole
    height, width = image.shape[:2]
    points = np.asarray(mesh.xyz[:, :2], dtype=np.float64) * (width, height)
    return _light(image, points)[0], whole


def _small(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    if width <= _LIGHT_WIDTH_PX:
        return image
    size = (_LIGHT_WIDTH_PX, max(1, round(height * _LIGHT_WIDTH_PX / width)))
    # Every n-th pixel: averaging all of them costs ten times as much and says the same.
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_NEAREST))


def _light(
    image: NDArray[np.uint8], points: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    grey = np.asarray(cv2.cvtColor(_small(image), cv2.COLOR_BGR2GRAY))
    scale = grey.shape[1] / image.shape[1]
    mask = np.zeros(grey.shape, np.uint8)
    outline = np.round(points[_OVAL] * scale).astype(np.int32)
    cv2.fillPoly(mask, [outline], 1)
    whole = float(grey.mean())
    inside = mask > 0
    if not inside.any():  # a face beyond the picture's edge
        return whole, whole, whole, whole
    top, chin = points[_FOREHEAD] * scale, points[_CHIN] * scale
    ys, xs = np.nonzero(inside)
    side = (chin[0] - top[0]) * (ys - top[1]) - (chin[1] - top[1]) * (xs - top[0])
    values = grey[inside].astype(np.float64)
    face = float(values.mean())
    # In the image the participant's right half is on the left, where this is positive.
    right = float(values[side > 0].mean()) if (side > 0).any() else face
    left = float(values[side <= 0].mean()) if (side <= 0).any() else face
    outside = grey[~inside]
    around = float(outside.mean()) if outside.size else face
    return face, right, left, around


def _eye_white(image: NDArray[np.uint8], points: NDArray[np.float64]) -> float:
    whites = []
    for lids in _LIDS:
        outline = np.round(points[lids]).astype(np.int32)
        left, top, width, height = cv2.boundingRect(outline)
        crop = image[max(top, 0) : top + height, max(left, 0) : left + width]
        if crop.size:
            corner = (max(left, 0), max(top, 0))
            mask = np.zeros(crop.shape[:2], np.uint8)
            cv2.fillPoly(mask, [outline - corner], 1)
            eye = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))[mask > 0]
            if eye.size:
                whites.append(float(np.percentile(eye, _WHITE_PERCENTILE)))
    return float(np.mean(whites)) if whites else 0.0


def _blur_mm(
    image: NDArray[np.uint8], points: NDArray[np.float64], axis: NDArray[np.float64]
) -> float:
    """Blur as what more blur takes away.

    An edge of blur sigma has a Laplacian whose variance goes with sigma**-3. Blurred once more, by
    a known s, it falls by (sigma**2 / (sigma**2 + s**2))**1.5, whatever the edges are.
    """
    middle = (points[_RIGHT_CORNER] + points[_LEFT_CORNER]) / 2
    patch = upright_patch(image, middle, axis, share=_BLUR_SHARE, side=_BLUR_SIDE).grey
    # Noise of the sensor is finer than what a face shows at this size.
    calm = cv2.GaussianBlur(patch.astype(np.float32), (0, 0), _CALM_SIGMA_PX)
    blurred = cv2.GaussianBlur(calm, (0, 0), _BLURRED_SIGMA_PX)
    before, after = (cv2.norm(cv2.Laplacian(one, cv2.CV_32F)) ** 2 for one in (calm, blurred))
    if before <= 0:
        return float("inf")  # one even colour has no edges
    kept = min((after / before) ** (2 / 3), 0.99)
    variance = _BLURRED_SIGMA_PX**2 * kept / (1 - kept) - _CALM_SIGMA_PX**2
    return float(np.sqrt(max(variance, 0.0))) * _BLUR_SHARE * _INTEROCULAR_MM / _BLUR_SIDE


def _glare(
    image: NDArray[np.uint8],
    points: NDArray[np.float64],
    axis: NDArray[np.float64],
    *,
    eye: NDArray[np.intp],
) -> float:
    middle = points[eye].mean(axis=0)
    lens = upright_patch(image, middle, axis, share=_LENS_SHARE, side=_LENS_SIDE).grey
    bright = max(_SATURATED, float(np.median(lens)) + _ABOVE_SKIN)
    if bright > 255:
        return 0.0  # all of it is overexposed, which the light says
    blobs = cv2.connectedComponentsWithStats((lens >= bright).astype(np.uint8))[2]
    largest = int(blobs[1:, cv2.CC_STAT_AREA].max()) if len(blobs) > 1 else 0
    return largest * (_LENS_SHARE / _LENS_SIDE) ** 2
