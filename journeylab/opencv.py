"""OpenCV, imported so that it does not disturb Qt."""

from __future__ import annotations

import os

import cv2

# The non-headless wheel points Qt at its own Qt 5 plugins and fonts; Qt 6 would crash on them.
os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
os.environ.pop("QT_QPA_FONTDIR", None)

__all__ = ["cv2"]
