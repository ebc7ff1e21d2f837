"""The observers' page in a real browser: it joins, shows the session, takes no word as markup."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

_MARKUP = "<img src=x onerror=\"document.title='broken in'\">"


def test_the_page_shows_the_session_as_text_and_ends_with_it(tmp_path: Path) -> None:
    trial = Path(__file__).with_name("observer_page_trial.py")
    ended = subprocess.run(
        [sys.executable, str(trial), str(tmp_path / "study"), _MARKUP],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told: dict[str, object] = {}
    for line in ended.stdout.splitlines():
        told.update(json.loads(line))
    assert "not valid" in str(told["refused"])
    assert told["study"] == f"Kettles {_MARKUP}"
    assert (told["step"], told["marker"], told["note"]) == (_MARKUP, _MARKUP, _MARKUP)
    assert told["title"] == "JourneyLab: observe a session"
    assert (told["pictures"], told["is_wide"]) == (0, False)
    assert told["cookie"] == ""  # no script can read it
    assert "not watching" in str(told["over"])
    # The browser reports what fails to load: here the answers that refuse, and nothing else.
    assert "Content Security Policy" not in str(told.get("complaint", ""))
