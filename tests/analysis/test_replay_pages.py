"""The whole page in a replay: the stretch around the view, and eyes and mouse where they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import SCREEN, START_NS, Recipe, header_of, samples_of, study_of

from journeylab.analysis.replay import read_track
from journeylab.analysis.replay_pages import STRETCH
from journeylab.analysis.replay_view import ReplayReader
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.opencv import cv2
from journeylab.streams import Picture, Row, row

URL = "stimuli/shop/index.html"
PAGE_HEIGHT_PX = 3200
SCROLLED_PX = 1000.0
_SCROLL_NS = START_NS + NS_PER_S
_PICTURED_NS = START_NS + NS_PER_S // 2


def _page(t_ns: int, kind: str, *, scroll_y: float = float("nan"), detail: str = "") -> Row:
    nowhere = dict.fromkeys(("page_x_px", "page_y_px"), float("nan"))
    scroll = {"scroll_x_px": 0.0 if np.isfinite(scroll_y) else scroll_y, "scroll_y_px": scroll_y}
    return row("page", t_ns, kind=kind, url=URL, selector="", detail=detail, **nowhere, **scroll)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A step with a long page that is scrolled after a second, and a step without one."""
    recipe = Recipe("P01", visits=(("landing", 4.0), ("compare", 3.0)), noise=0.0)
    header = header_of(recipe, study_of())
    kinds = {"landing": "page"}
    steps = tuple(replace(s, kind=kinds.get(s.step_id, s.kind)) for s in header.steps)
    rows = np.linspace(0, 250, PAGE_HEIGHT_PX // 2).astype(np.uint8)
    image = np.repeat(np.repeat(rows[:, None, None], SCREEN.width_px // 2, axis=1), 3, axis=2)
    data = bytes(cv2.imencode(".png", image)[1])
    size = f"{SCREEN.width_px}x{PAGE_HEIGHT_PX} px"
    view = f"view {SCREEN.width_px}x{SCREEN.height_px} at 0,0, zoom 1.0"
    more = [
        _page(START_NS + 10, "load", detail=f"{size}, {view}"),
        _page(_SCROLL_NS, "scroll", scroll_y=SCROLLED_PX),
        _page(_PICTURED_NS, "picture", detail=size),
        Picture(_PICTURED_NS, "landing", 640, 1600, "image/png", data, stream="pages"),
    ]
    samples = sorted([*samples_of(recipe), *more], key=lambda sample: sample.t_ns)
    path = tmp_path_factory.mktemp("sessions") / "P01.h5"
    clock = VirtualClock(start_ns=START_NS)
    writer = BundleWriter(path, replace(header, steps=steps), clock=clock)
    writer.write(samples)
    writer.close()
    return finalise(writer.journal_path)


@pytest.mark.parametrize(
    ("seconds", "top_px", "scrolled_px"),
    # Scrolled, the view stands in the middle of its stretch.
    [(0.6, 0.0, 0.0), (2.0, SCROLLED_PX + 400 - STRETCH * 400, SCROLLED_PX)],
)
def test_eyes_and_mouse_lie_where_they_were_on_the_page(
    bundle: Path, seconds: float, top_px: float, scrolled_px: float
) -> None:
    t_ns = START_NS + round(seconds * NS_PER_S)
    with Bundle.open(bundle) as session:
        reader = ReplayReader(session, read_track(session))
        screen = reader.view(t_ns, blurs=False)
        view = reader.view(t_ns, blurs=False, whole_page=True)
        assert screen.view_box is None and screen.screen_px == (1280, 800)
        assert view.screen_px == (1280, round(800 * STRETCH))
        assert view.view_box == pytest.approx((0, scrolled_px - top_px, 1280, 800), abs=1.5)
        assert view.screen is not None
        assert view.screen[0, 0, 0] == pytest.approx(250 * top_px / PAGE_HEIGHT_PX, abs=1)
        for on_page, on_screen in (
            (view.instant.gaze_px, screen.instant.gaze_px),
            (view.instant.cursor_px, screen.instant.cursor_px),
        ):
            assert on_page is not None and on_screen is not None
            wanted = on_screen[0], on_screen[1] + scrolled_px - top_px
            assert on_page == pytest.approx(wanted, abs=1.5)
        assert view.instant.valence == screen.instant.valence


def test_a_step_without_a_page_shows_its_screen(bundle: Path) -> None:
    with Bundle.open(bundle) as session:
        reader = ReplayReader(session, read_track(session))
        t_ns = START_NS + 5 * NS_PER_S
        view = reader.view(t_ns, blurs=False, whole_page=True)
        assert view.view_box is None
        assert view.screen_key == reader.view(t_ns, blurs=False).screen_key


def test_without_pictures_of_pages_nothing_is_offered(bundle: Path) -> None:
    with Bundle.open(bundle) as session:
        track = read_track(session).without_screen()
        assert not track.has_pages
        reader = ReplayReader(session, track)
        assert reader.view(START_NS + NS_PER_S, blurs=False, whole_page=True).view_box is None
