"""Into a replay and back to the view it was opened from."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from journeylab.clock import VirtualClock
from journeylab.ui.analysis.compare_page import ComparePage
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.replay.page import ReplayPage
from journeylab.ui.analysis.replay.rooms import AnalysisRooms
from journeylab.ui.analysis.study_views import StudyView, StudyViews


def test_back_from_a_replay_leads_to_where_it_was_opened(qtbot: QtBot) -> None:
    analysis, replay = AnalysisPage(), ReplayPage(clock=VirtualClock())
    rooms = AnalysisRooms(analysis, replay)
    views = StudyViews(rooms)
    qtbot.addWidget(views)
    for view in (StudyView.HEALTH, StudyView.MAP, StudyView.COMPARE):
        views.show_view(view)
        rooms.show_replay()
        assert views.view is StudyView.MAP and rooms.is_replaying
        rooms.show_map()
        assert views.view is view
    replay.shut_down()
    analysis.shut_down()


def test_a_comparison_offers_no_page_with_faces(qtbot: QtBot) -> None:
    page = ComparePage()
    qtbot.addWidget(page)
    with pytest.raises(KeyError):
        page.export.choose("Web page with faces (HTML)")
