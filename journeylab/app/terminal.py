"""What the command line has in common: progress bars, and the values options are written as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from journeylab.errors import StudyError


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on standard error; yields a function that takes a share from 0 to 1.

    It appears with the first share, and goes again when the work fails: then the sentence stands
    alone.
    """
    # Only when one is shown: rich takes longer to import than most commands to be refused.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(what, total=1.0, start=False)
    is_shown = False

    def advance(share: float) -> None:
        nonlocal is_shown
        if not is_shown:
            is_shown = True
            bar.start()
            bar.start_task(task)
        bar.update(task, completed=share)

    is_done = False
    try:
        yield advance
        is_done = True
    finally:
        if is_shown:
            bar.live.transient = not is_done
            bar.stop()


def segments_of(options: Iterable[str] | None) -> dict[str, str]:
    """Segments by name, of options such as ``device=mobile``.

    Raises
    ------
    StudyError
        When one is not of this form.
    """
    segments = {}
    for option in options or ():
        name, equals, value = option.partition("=")
        if not (name and equals and value):
            raise StudyError(
                f'--segment "{option}" cannot be read.', remedy="Write it as device=mobile."
            )
        segments[name] = value
    return segments


def seconds_of(text: str | None) -> tuple[float, float] | None:
    """Begin and end, s, of a stretch such as ``0:3``; None for no stretch.

    Raises
    ------
    StudyError
        When it is not of this form.
    """
    if text is None:
        return None
    try:
        start_s, end_s = (float(part) for part in text.split(":"))
    except ValueError as error:
        raise StudyError(
            f'--neutral "{text}" cannot be read.', remedy="Write seconds from and to, as in 0:3."
        ) from error
    return start_s, end_s
