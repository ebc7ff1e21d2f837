"""The map's typeface for a page that stands alone: only the letters that it needs."""

from __future__ import annotations

import base64
from functools import lru_cache
from io import BytesIO
from typing import Final

from journeylab.report.scene import Weight
from journeylab.report.text_metrics import font_file
from journeylab.theme import FONT_FAMILY

_WEIGHTS: Final[tuple[Weight, ...]] = (400, 500, 600, 700)
_ALWAYS: Final = "".join(chr(code) for code in range(0x20, 0x7F)) + "±·×–—‘’“”…‹›−"


def font_faces(text: str) -> str:
    """``@font-face`` rules that carry each weight's letters of a text, and the plain ones."""
    letters = "".join(sorted(set(text) | set(_ALWAYS)))
    return "\n".join(
        f'@font-face {{ font-family: "{FONT_FAMILY}"; font-weight: {weight}; '
        f"src: url(data:font/woff;base64,{_subset(weight, letters)}) format('woff'); }}"
        for weight in _WEIGHTS
    )


@lru_cache(maxsize=16)
def _subset(weight: Weight, letters: str) -> str:
    from fontTools import subset

    options = subset.Options(
        flavor="woff", layout_features=["kern", "tnum"], hinting=False, notdef_outline=True
    )
    font = subset.load_font(font_file(weight), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    data = BytesIO()
    subset.save_font(font, data, options)
    font.close()
    return base64.b64encode(data.getvalue()).decode("ascii")
