"""What a corpus tells of the people in it, so that measures can be compared between them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def identities_of(corpus: Path) -> dict[str, Any]:
    """What the corpus tells of its identities; nothing without a ``geometry.json``."""
    path = corpus / "geometry.json"
    return dict(json.loads(path.read_text())["identities"]) if path.exists() else {}


def traits(identity: Mapping[str, Any]) -> list[str]:
    """Skin by its lightness, beard, light, glasses: as far as the identity's entry tells."""
    found = []
    if "skin_srgb" in identity:
        red, green, blue = (float(level) for level in identity["skin_srgb"])
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        found.append("light skin" if luma > 170 else "medium skin" if luma > 100 else "dark skin")
    if "beard" in identity:
        found.append("beard" if identity["beard"] > 0.3 else "no beard")
    if "light_preset" in identity:
        found.append(f"light {identity['light_preset']}")
    if "glasses" in identity:
        found.append("glasses" if identity["glasses"] else "no glasses")
    return found
