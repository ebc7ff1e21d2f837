"""Make the demo study's made files again: the shop's fonts, its ad, the pictures of its pages.

``python packaging/make_demo_study.py [fonts] [ad] [pictures]``; without a word, all three. The
pages, drawings and study.toml are written by hand; what this writes is committed beside them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if os.geteuid() == 0:
    os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "resources" / "fonts"
STIMULI = ROOT / "resources" / "demo-study" / "stimuli"
SHOP = STIMULI / "shop"
AD = STIMULI / "ad.mp4"
PICTURES = STIMULI / "pictures"

PAGES = {
    "landing": "index.html",
    "product": "product.html",
    "compare": "compare.html",
    "cart": "cart.html",
    "checkout": "checkout.html",
    "confirmed": "confirmed.html",
}
VIEWPORTS = {"desktop": (1280, 720, 1.0), "mobile": (390, 844, 2.0)}
AD_PICTURE_S = 6.4


def make_fonts() -> None:
    """Cut Inter down to Latin text, so that the shop looks the same on every machine."""
    from fontTools import subset

    characters = "".join(map(chr, range(0x20, 0x180))) + "–—‘’“”…€−·±×°→✓"
    for weight, name in ((400, "Inter-Regular.otf"), (600, "Inter-SemiBold.otf")):
        options = subset.Options(flavor="woff", layout_features=["kern", "liga", "tnum", "calt"])
        font = subset.load_font(str(FONTS / name), options)
        cutter = subset.Subsetter(options)
        cutter.populate(text=characters)
        cutter.subset(font)
        subset.save_font(font, str(SHOP / f"inter-{weight}.woff"), options)
        font.close()


def make_pictures() -> None:
    """Render each page as it stands when opened, and one frame of the ad."""
    from PySide6.QtCore import QUrl
    from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, QWebEngineSettings
    from PySide6.QtWebEngineWidgets import QWebEngineView

    profile = QWebEngineProfile()
    profile.settings().setAttribute(QWebEngineSettings.WebAttribute.ShowScrollBars, False)
    for device, (width_px, height_px, zoom) in VIEWPORTS.items():
        folder = PICTURES / device
        folder.mkdir(parents=True, exist_ok=True)
        view = QWebEngineView()
        view.setPage(QWebEnginePage(profile, view))
        view.setZoomFactor(zoom)
        view.resize(round(width_px * zoom), round(height_px * zoom))
        view.show()
        for step_id, file in PAGES.items():
            view.load(QUrl.fromLocalFile(str(SHOP / file)))
            _wait_for_load(view)
            view.setZoomFactor(zoom)
            _settle(700)
            _save(view.grab().toImage(), folder / f"{step_id}.jpg")
        view.page().deleteLater()
        view.deleteLater()
        _settle(50)
        if AD.exists():
            _save(_ad_picture(), folder / "ad.jpg")
    profile.deleteLater()
    _settle(100)


def _wait_for_load(view: object) -> None:
    from PySide6.QtCore import QEventLoop

    loop = QEventLoop()
    view.loadFinished.connect(lambda _ok: loop.quit())  # type: ignore[attr-defined]
    loop.exec()


def _settle(duration_ms: int) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(duration_ms, loop.quit)
    loop.exec()


def _save(image: object, path: Path) -> None:
    if not image.convertToFormat(image.Format.Format_RGB32).save(str(path), "JPG", 78):  # type: ignore[attr-defined]
        raise SystemExit(f"{path} could not be written")


def _ad_picture() -> object:
    import av
    from PySide6.QtGui import QImage

    with av.open(str(AD)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= AD_PICTURE_S:
                rgb = frame.to_ndarray(format="rgb24")
                height_px, width_px, _ = rgb.shape
                return QImage(
                    rgb.tobytes(), width_px, height_px, 3 * width_px, QImage.Format.Format_RGB888
                ).copy()
    raise SystemExit(f"{AD} is shorter than {AD_PICTURE_S} s")


def main() -> None:
    """Make what was asked for, in the order the parts need each other."""
    from PySide6.QtWidgets import QApplication

    app = QApplication(sys.argv[:1])
    wanted = set(sys.argv[1:]) or {"fonts", "ad", "pictures"}
    if "fonts" in wanted:
        make_fonts()
    if "ad" in wanted:
        from demo_ad import make_ad

        make_ad(AD, fonts=FONTS, drawing=SHOP / "pour-pine.svg")
    if "pictures" in wanted:
        make_pictures()
    del app


if __name__ == "__main__":
    main()
