"""A disk that is slow for a while costs one stretch of video, and nothing that is critical."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from faults.checked import check
from faults.sender import HEIGHT_PX, WIDTH_PX, LiveSession, Tape
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.session.backlog import Bounded

_ROOM_BYTES = 12 * HEIGHT_PX * WIDTH_PX * 3


def test_a_slow_disk_costs_whole_stretches_of_video_and_keeps_all_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Tape(tmp_path / "tape")
    session = LiveSession(tmp_path / "P01.h5", tape, waiting=Bounded(_ROOM_BYTES))
    write = os.write
    is_slow = False
    most_waiting = 0

    def slow(fd: int, data: bytes) -> int:
        if is_slow:
            time.sleep(0.8)
        return write(fd, data)

    def look() -> None:
        nonlocal most_waiting
        counts = session.recorder._subscription.counts()
        most_waiting = max(most_waiting, counts.waiting_bytes)

    session.start()
    monkeypatch.setattr(os, "write", slow)
    for is_slow, seconds in ((False, 0.6), (True, 1.6), (False, 1.0)):  # noqa: B007
        session.run(seconds, until=look)
    assert session.stop()
    assert not session.errors
    assert not session.faults

    bundle = finalise(session.recorder.journal_path)
    lost = check(bundle, tape, gaps=True).lost_by_stream
    assert lost.pop("camera") == session.recorder.dropped > 10
    assert set(lost.values()) == {0}
    assert most_waiting <= _ROOM_BYTES
    with Bundle.open(bundle) as opened:
        health = opened.table("health")
        is_drop = health["kind"] == "drop"
        assert set(health["of_stream"][is_drop]) == {"camera"}
        assert health["count"][is_drop].sum() == session.recorder.dropped
        assert "The disk does not keep up" in health["detail"][health["kind"] == "fault"][0]
        video = opened.table("camera")
        begins = np.flatnonzero(np.diff(video["frame"]) > 1) + 1
        assert 1 <= len(begins) <= 3
        assert video["key"][begins].all()
