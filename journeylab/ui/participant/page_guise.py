"""What the browser view passes itself off as: a desktop, a phone, a tablet, a browser of one's
own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineScriptCollection,
    QWebEngineSettings,
)

from journeylab.study.device_frame import FrameKind, Surface

_SCRIPT: Final = Path(__file__).with_name("page_phone.js")
_NAME: Final = "surface"


def user_agent(engine_default: str, kind: FrameKind) -> str:
    """What a present browser with this engine would call itself on such a device."""
    if kind not in (FrameKind.PHONE, FrameKind.TABLET):
        # The engine's own, without the word that makes sites treat it as something odd.
        return re.sub(r"\s*QtWebEngine/\S+", "", engine_default)
    found = re.search(r"Chrome/(\d+)", engine_default)
    major = found.group(1) if found else "130"
    mobile = " Mobile" if kind is FrameKind.PHONE else ""  # tablets leave the word out
    return (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{major}.0.0.0{mobile} Safari/537.36"
    )


class Guise:
    """Puts one surface after the other on a profile and its page; what is loaded next finds it."""

    def __init__(self, profile: QWebEngineProfile, page: QWebEnginePage) -> None:
        self._profile = profile
        self._owners = (page, profile)
        self._engine_default = profile.httpUserAgent()
        hints = profile.clientHints()
        self._own_platform = hints.platform()

    def put_on(self, surface: Surface) -> None:
        """What is loaded from now on finds itself on this surface."""
        profile = self._profile
        own = surface.user_agent or user_agent(self._engine_default, surface.kind)
        profile.setHttpUserAgent(own)
        hints = profile.clientHints()
        hints.setIsMobile(surface.kind is FrameKind.PHONE)
        hints.setPlatform("Android" if surface.is_mobile else self._own_platform)
        settings, attributes = profile.settings(), QWebEngineSettings.WebAttribute
        # What is touched draws no scroll bars beside the page.
        settings.setAttribute(attributes.ShowScrollBars, not surface.is_touch)
        # Else the engine decides by what it finds, which is a phone's finger for good once made.
        settings.setAttribute(attributes.TouchEventsApiEnabled, surface.is_touch)
        for owner in self._owners:
            # Asked for each time: what outlives its page may be taken for another object later.
            _exchange(owner.scripts(), surface)


def _exchange(scripts: QWebEngineScriptCollection, surface: Surface) -> None:
    for before in scripts.find(_NAME):
        scripts.remove(before)
    if surface.size_px is None and not surface.is_touch:
        return
    script = QWebEngineScript()
    script.setName(_NAME)
    # In the page's own world: it is the page that asks what it runs on.
    script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld.value)
    script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
    script.setRunsOnSubFrames(True)
    told = {
        "size": surface.size_px,
        "ratio": surface.pixel_ratio,
        "touch": surface.is_touch,
        "platform": "Linux armv81" if surface.is_mobile else None,
    }
    script.setSourceCode(f"{_SCRIPT.read_text(encoding='utf-8')}({json.dumps(told)});\n")
    scripts.insert(script)
