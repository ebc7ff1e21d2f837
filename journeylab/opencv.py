"""OpenCV, imported so that it disturbs neither Qt nor the other threads."""

from __future__ import annotations

import os

import cv2

# The non-headless wheel points Qt at its own Qt 5 plugins and fonts; Qt 6 would crash on them.
os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
os.environ.pop("QT_QPA_FONTDIR", None)

# Its pool waits by spinning. A session has a thread for each device, and their images are small:
# a second core for one of them is taken from the others.
cv2.setNumThreads(1)

__all__ = ["cv2"]
