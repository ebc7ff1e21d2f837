"""Shows the markers that can be set now: those of the step that runs first, then the study's."""

from __future__ import annotations

from journeylab.session.view import ConsoleView
from journeylab.study.model import Step, Study
from journeylab.ui.moderator.console_keys import ConsoleKeys
from journeylab.ui.moderator.marker_panel import MarkerPanel


class StepMarkers:
    """Keeps a panel's rows and a console's keys at the markers of the running step."""

    def __init__(self, panel: MarkerPanel, keys: ConsoleKeys) -> None:
        self._panel = panel
        self._keys = keys
        self._study: Study | None = None

    def begin(self, study: Study) -> None:
        """Another session begins, before its first step."""
        self._study = study
        self._show(None)

    def follow(self, view: ConsoleView) -> None:
        """Show those of the step a session is in; on an unplanned one, the study's alone."""
        if self._study is None:
            return
        is_unplanned = view.step_index is None and view.step_title is not None
        is_in_step = view.place is not None and not is_unplanned
        step = self._study.steps[view.place] if is_in_step and view.place is not None else None
        if self._keys.markers != self._study.markers_during(step):
            self._show(step)

    def _show(self, step: Step | None) -> None:
        assert self._study is not None
        markers = self._study.markers_during(step)
        self._panel.show_markers(markers)
        self._keys.show_markers(markers, act=self._panel.set_marker)


def label_keys(study: Study) -> dict[str, str]:
    """Each marker's label with its key, as it stands on the trace; the steps' own too."""
    own = (marker for step in study.steps for marker in step.markers)
    return {one.label: f"{one.key} {one.label}" for one in (*own, *study.markers)}
