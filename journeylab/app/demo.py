"""The demo: simulated participants take the shipped study through the real pipeline."""

from __future__ import annotations

import multiprocessing
import queue
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from journeylab.app.played import PlayedCast, play
from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.bundle.recover import recover
from journeylab.errors import StorageError
from journeylab.logs import logger
from journeylab.simulation.tempers import TEMPERS
from journeylab.study.folder import STUDY_FILE, StudyFolder, load_study

Progress = Callable[[float], None]

PACE: Final = 0.35
"""Share of the planned time that the steps take: long enough for every reaction to unfold."""
WORKERS: Final = 2
DEVICES: Final = ("desktop", "mobile")
_POLL_S: Final = 0.1
# In a worker: where its participants' progress goes. A pool hands it over only when it starts.
_reports: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Report:
    """How far one participant is, 0..1."""

    number: int
    share: float


def run_demo(
    *,
    participants: int = 6,
    out: Path,
    progress: Progress | None = None,
    pace: float = PACE,
) -> StudyFolder:
    """Copy the demo study and let simulated participants take it.

    Sessions already in the folder from an earlier demo are replaced; a folder that holds
    anything else than a demo study is refused.

    Parameters
    ----------
    participants
        How many, at least 1; devices and tempers take turns.
    out
        Folder of the study to be made.
    progress
        Called on the calling thread with the share of the work that is done, 0..1.
    pace
        Share of the planned durations that the steps take.

    Raises
    ------
    StorageError
        When the folder holds something else, or cannot be written to.
    """
    if participants < 1:
        raise ValueError(f"a demo needs at least one participant, not {participants}")
    folder = copy_demo_study(out)
    casts = cast_of(participants)
    shares = [0.0] * participants

    def report(done: _Report) -> None:
        shares[done.number] = done.share
        if progress is not None:
            progress(sum(shares) / participants)

    if participants == 1:
        play(folder, casts[0], pace=pace, progress=lambda share: report(_Report(0, share)))
    else:
        _play_in_processes(folder, casts, pace=pace, report=report)
    if progress is not None:
        progress(1.0)
    return folder


def copy_demo_study(out: Path) -> StudyFolder:
    """A fresh copy of the shipped demo study, without sessions."""
    demo = asset("demo-study")
    demo_id = load_study(demo).study.id
    if out.is_dir() and any(out.iterdir()):
        is_demo = (out / STUDY_FILE).is_file() and load_study(out).study.id == demo_id
        if not is_demo:
            raise StorageError(
                f"The folder {out} is not empty and holds no demo study.",
                remedy="Choose another with --out, or empty it.",
            )
        _remove_simulated_sessions(out)
    try:
        shutil.copytree(demo, out, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise StorageError(
            f"The demo study cannot be written to {out} "
            f"({getattr(error, 'strerror', None) or error}).",
            remedy="Choose another folder with --out.",
        ) from error
    folder = load_study(out)
    folder.prepare_for_writing()
    return folder


def _remove_simulated_sessions(out: Path) -> None:
    """Make room for a new demo; what a person or a real device gave is never removed."""
    recover(out)  # what an earlier demo left half done is a bundle too, and says what it is
    earlier = sorted(out.glob("sessions/*.h5"))
    for path in earlier:
        with Bundle.open(path) as bundle:
            if not bundle.header.simulated:
                raise StorageError(
                    f"{path} is a session with a real participant or device, and a new demo "
                    "would remove it.",
                    remedy="Choose another folder with --out.",
                )
    for path in earlier:
        path.unlink()


def cast_of(participants: int) -> tuple[PlayedCast, ...]:
    """Who takes part: devices alternate, tempers go round so that each meets both devices."""
    tempers = list(TEMPERS)
    n_tempers, n_devices = len(tempers), len(DEVICES)
    return tuple(
        PlayedCast(
            participant_id=f"P{number + 1:02d}",
            temper=tempers[(number + number // n_tempers) % n_tempers],
            device=DEVICES[number % n_devices],
            seed=number,
        )
        for number in range(participants)
    )


def _play_in_processes(
    folder: StudyFolder,
    casts: Sequence[PlayedCast],
    *,
    pace: float,
    report: Callable[[_Report], None],
) -> None:
    # Spawned, not forked: the caller may hold threads and a display connection.
    context = multiprocessing.get_context("spawn")
    reports: Any = context.Queue()
    pool = ProcessPoolExecutor(
        WORKERS, mp_context=context, initializer=_start_worker, initargs=(reports,)
    )
    try:
        running: set[Future[None]] = {
            pool.submit(_play_one, folder.path, cast, number=number, pace=pace)
            for number, cast in enumerate(casts)
        }
        while running:
            _pass_on(reports, report)
            done, running = wait(running, timeout=0, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
    finally:
        # When one failed, or the person pressed Ctrl-C, no further participant begins.
        pool.shutdown(cancel_futures=True)
    _pass_on(reports, report)
    reports.close()


def _pass_on(reports: Any, report: Callable[[_Report], None]) -> None:
    try:
        report(reports.get(timeout=_POLL_S))
        while True:
            report(reports.get_nowait())
    except queue.Empty:
        return


def _start_worker(reports: Any) -> None:
    _reports["queue"] = reports


def _play_one(path: Path, cast: PlayedCast, *, number: int, pace: float) -> None:
    reports = _reports["queue"]
    last = 0.0

    def progress(share: float) -> None:
        nonlocal last
        if share - last >= 0.01 or share >= 1.0:
            last = share
            reports.put(_Report(number, share))

    logger(__name__).info("%s (%s, %s) begins", cast.participant_id, cast.temper, cast.device)
    play(load_study(path), cast, pace=pace, progress=progress)
