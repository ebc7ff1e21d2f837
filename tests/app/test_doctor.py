"""The doctor: each finding's verdict and fix, the sum of them, and a real examination."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from journeylab.app.doctor import Check, Verdict, conclusion, exit_code, print_checks, run_doctor
from journeylab.app.doctor_machine import (
    QtSight,
    judge_cameras,
    judge_cores,
    judge_disk,
    judge_memory,
    judge_microphones,
    judge_screens,
)
from journeylab.app.doctor_software import (
    judge_account,
    judge_face_mesh,
    judge_import,
    judge_opencv,
    judge_packages,
    judge_python,
)
from journeylab.capture.audio.discovery import MicrophoneInfo
from journeylab.capture.camera.discovery import CameraInfo
from journeylab.capture.camera.v4l2 import NodeState

_GOOD = {
    "PySide6": "6.11.3",
    "mediapipe": "0.10.21",
    "numpy": "2.2.0",
    "av": "14.0",
    "h5py": "3.12",
}
_BRIO = CameraInfo(0, "Logitech BRIO")


def _one_screen(*, renderer: str | None = "llvmpipe") -> QtSight:
    return QtSight((("eDP-1", 1920, 1080),), renderer)


_JUDGED = [
    (judge_python((3, 11, 7)), Verdict.OK, ""),
    (judge_python((3, 12, 0)), Verdict.OK, ""),
    (judge_python((3, 10, 4)), Verdict.PROBLEM, "3.11 or 3.12"),
    (judge_python((3, 13, 0)), Verdict.PROBLEM, "3.11 or 3.12"),
    (judge_packages(_GOOD, python=(3, 11)), Verdict.OK, ""),
    (judge_packages(_GOOD | {"PySide6": "6.12.0"}, python=(3, 11)), Verdict.PROBLEM, "<6.12"),
    (judge_packages(_GOOD | {"PySide6": "6.12.0"}, python=(3, 12)), Verdict.OK, ""),
    (judge_packages(_GOOD | {"av": None}, python=(3, 11)), Verdict.PROBLEM, "Install"),
    (judge_packages(_GOOD | {"mediapipe": "0.10.30"}, python=(3, 11)), Verdict.PROBLEM, "0.10.21"),
    (judge_opencv(["opencv-contrib-python"]), Verdict.OK, ""),
    (judge_opencv([]), Verdict.PROBLEM, "Install"),
    (
        judge_opencv(["opencv-python", "opencv-contrib-python"]),
        Verdict.PROBLEM,
        "pip uninstall -y opencv-python`",
    ),
    (judge_face_mesh(3, tried=3, frame_ms=2.0), Verdict.OK, ""),
    (judge_face_mesh(3, tried=3, frame_ms=60.0), Verdict.WARNING, "power"),
    (judge_face_mesh(0, tried=3, frame_ms=2.0), Verdict.PROBLEM, "Install"),
    (judge_import("Qt", "PySide6", error=None), Verdict.OK, ""),
    (
        judge_import("Qt", "PySide6", error="libnss3.so: cannot open shared object file"),
        Verdict.PROBLEM,
        "apt install libnss3",
    ),
    (judge_import("Qt", "PySide6", error="No module named 'x'"), Verdict.PROBLEM, "Install"),
    (judge_account(is_root=False), Verdict.OK, ""),
    (judge_account(is_root=True), Verdict.WARNING, "ordinary account"),
    (judge_cameras([]), Verdict.WARNING, "simulated"),
    (judge_cameras([(_BRIO, NodeState.READY)]), Verdict.OK, ""),
    (judge_cameras([(_BRIO, NodeState.DENIED)]), Verdict.WARNING, "usermod -aG video"),
    (judge_cameras([(_BRIO, NodeState.BUSY)]), Verdict.WARNING, "Close"),
    (
        judge_cameras([(_BRIO, NodeState.BUSY), (CameraInfo(2, "Built-in"), NodeState.READY)]),
        Verdict.OK,
        "",
    ),
    (judge_microphones([]), Verdict.WARNING, "sound settings"),
    (judge_microphones([MicrophoneInfo("default", "the default")]), Verdict.OK, ""),
    (judge_screens(_one_screen())[0], Verdict.WARNING, "second screen"),
    (judge_screens(_one_screen())[1], Verdict.OK, ""),
    (judge_screens(_one_screen(renderer=None))[1], Verdict.WARNING, "libgl1"),
    (judge_screens(QtSight((("A", 1, 1), ("B", 1, 1)), "Mesa"))[0], Verdict.OK, ""),
    (judge_screens(QtSight((), None, "no plugin xcb"))[0], Verdict.PROBLEM, "libxcb-cursor0"),
    (judge_disk(int(80e9), speed_mb_s=900), Verdict.OK, ""),
    (judge_disk(int(80e9), speed_mb_s=4), Verdict.WARNING, "internal disk"),
    (judge_disk(int(3e9), speed_mb_s=900), Verdict.WARNING, "5 GB"),
    (judge_disk(int(0.6e9), speed_mb_s=900), Verdict.PROBLEM, "Make room"),
    (judge_memory(int(8e9)), Verdict.OK, ""),
    (judge_memory(int(1e9)), Verdict.WARNING, "Close"),
    (judge_memory(int(0.2e9)), Verdict.PROBLEM, "Close"),
    (judge_cores(2), Verdict.OK, ""),
    (judge_cores(1), Verdict.WARNING, "two cores"),
]


@pytest.mark.parametrize(("check", "verdict", "fix"), _JUDGED)
def test_each_finding_has_its_verdict_and_its_fix(check: Check, verdict: Verdict, fix: str) -> None:
    assert check.verdict is verdict
    assert fix in check.fix
    assert bool(check.fix) == (verdict is not Verdict.OK), "what is not well needs a fix"
    assert check.detail


_FINE = Check("Disk", Verdict.OK, "80 GB free.")
_POOR = Check("Camera", Verdict.WARNING, "None.", "Plug one in.")
_BROKEN = Check("Face mesh", Verdict.PROBLEM, "Does not load.", "Install again.")


@pytest.mark.parametrize(
    ("checks", "code", "said"),
    [
        ([_FINE], 0, "all is well"),
        ([_FINE, _POOR], 0, "worth a look: Camera"),
        ([_FINE, _POOR, _BROKEN], 1, "No session can be recorded yet: see Face mesh"),
    ],
)
def test_only_a_problem_fails(checks: list[Check], code: int, said: str) -> None:
    assert exit_code(checks) == code
    assert said in conclusion(checks)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_nothing_is_cut_off_however_narrow_the_terminal(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    print_checks(console, [_FINE, _POOR, _BROKEN])
    file = console.file
    assert isinstance(file, io.StringIO)
    text = " ".join(file.getvalue().split())
    for words in ("Disk", "80 GB free.", "Plug one in.", "problem", "No session can be"):
        assert words in text
    assert "…" not in text


def test_a_real_examination_names_everything_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    console = Console(file=io.StringIO(), width=200)
    code = run_doctor(console, folder=tmp_path)
    file = console.file
    assert isinstance(file, io.StringIO)
    text = file.getvalue()
    assert code == 1, "without a display no session can be recorded"
    for name in ("Python", "OpenCV", "Face mesh", "Camera", "Microphone", "Display", "Disk"):
        assert sum(name in line[:30] for line in text.splitlines()) == 1, name
    assert "Finds the avatar's face" in text
    assert list(tmp_path.iterdir()) == [], "the disk's speed left a file behind"


def test_the_screens_of_a_real_display_are_counted(
    xvfb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from journeylab.app.doctor_machine import _look_through_qt

    monkeypatch.setenv("DISPLAY", xvfb)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    sight = _look_through_qt()
    assert sight.error == ""
    assert [(width, height) for _, width, height in sight.screens] == [(1920, 1080)]


def test_a_display_that_qt_cannot_reach_is_told_not_died_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from journeylab.app.doctor_machine import _look_through_qt

    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    sight = _look_through_qt()
    assert sight.screens == ()
    assert sight.error
