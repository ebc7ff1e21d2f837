"""The command line; stable, because scripts rely on it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from journeylab import __version__
from journeylab.app.terminal import progress_bar, seconds_of, segments_of
from journeylab.errors import JourneyLabError
from journeylab.logs import printable, set_up_logs
from journeylab.theme import LIGHT, Palette, colour_blind_safe

app = typer.Typer(
    name="journeylab",
    help="Measures what a person feels on every step of a customer journey, and draws the map. "
    "Without a command the app opens. New here? Try: journeylab demo",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

StudyArgument = Annotated[
    Path, typer.Argument(metavar="STUDY", help="Folder of the study, with study.toml in it.")
]
SegmentOption = Annotated[
    list[str] | None,
    typer.Option(
        "--segment",
        metavar="NAME=VALUE",
        help="A field of the study's participant form, such as device=mobile; may be repeated.",
    ),
]


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"journeylab {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _open(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log everything.")] = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Say the version and exit."
        ),
    ] = False,
) -> None:
    set_up_logs(verbose=verbose)
    if context.invoked_subcommand is None:
        from journeylab.app.running import run_app

        raise typer.Exit(run_app())


@app.command()
def demo(
    participants: Annotated[int, typer.Option(min=1, max=200, help="How many to simulate.")] = 6,
    out: Annotated[Path, typer.Option(help="Folder the demo study is written to.")] = Path(
        "journeylab-demo"
    ),
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Write the map instead of opening it.")
    ] = False,
) -> None:
    """Record simulated participants and open their journey map.

    They take the shipped demo study through the real pipeline: face, gaze, mouse, journal, bundle.
    """
    from journeylab.app.demo import run_demo
    from journeylab.app.display import has_display

    with progress_bar("Simulating participants") as advance:
        folder = run_demo(participants=participants, out=out, progress=advance)
    print(f"{participants} simulated sessions are in {folder.sessions_path}")
    if no_window or not has_display():
        _write_map(folder.path, segments={}, out=folder.exports_path, formats=("png",))
        return
    from journeylab.app.running import run_app

    raise typer.Exit(run_app(analyse=folder.path))


@app.command()
def record(
    study: StudyArgument,
    participant: Annotated[str, typer.Option(metavar="ID", help="Such as P01; never a name.")],
    camera: Annotated[
        str,
        typer.Option(
            metavar="0|FILE|simulated",
            help="A camera's number, a video file in its place, or a simulated participant.",
        ),
    ] = "0",
    mic: Annotated[
        str, typer.Option(metavar="NAME|none", help="A microphone's name, the default, or none.")
    ] = "default",
    auto: Annotated[
        bool, typer.Option("--auto", help="Advance by the planned durations, without a console.")
    ] = False,
    neutral: Annotated[
        bool | None, typer.Option(help="Begin with the neutral face; with a video only when asked.")
    ] = None,
    segment: SegmentOption = None,
    decline: Annotated[
        list[str] | None,
        typer.Option(
            metavar="face_video|gaze|...",
            help="What the participant did not agree to; it is not stored. May be repeated: "
            "emotion_recognition, face_video, gaze, pointer, page, audio, screen.",
        ),
    ] = None,
) -> None:
    """Record one session into STUDY/sessions. Ctrl-C ends it and keeps what was recorded."""
    from journeylab.app.record import RecordRequest, run_record

    request = RecordRequest(
        study=study,
        participant_id=participant,
        camera=camera,
        microphone=mic,
        is_automatic=auto,
        segments=segments_of(segment),
        declined=tuple(decline or ()),
        neutral=neutral,
    )
    with progress_bar("Finalising") as advance:
        path = run_record(request, progress=advance, say=print)
    print(f"The session is in {path}")


@app.command()
def infer(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="Video of one face.")],
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="Table to write.")],
    neutral: Annotated[
        str | None,
        typer.Option(metavar="A:B", help="Seconds in which the face is neutral, else estimated."),
    ] = None,
    gaze_targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="t_start_s,t_end_s,x_px,y_px: calibrates gaze."),
    ] = None,
) -> None:
    """Measure the face in every frame of a video."""
    from journeylab.app.infer import run_infer

    with progress_bar("Measuring") as advance:
        summary = run_infer(
            video,
            out=out,
            neutral=seconds_of(neutral),
            gaze_targets=gaze_targets,
            progress=advance,
        )
    print(
        f"{summary.n_faces} of {summary.n_frames} frames with a face, mean quality "
        f"{summary.mean_quality:.2f}; neutral face {summary.neutral}. "
        f"The table is in {summary.out}"
    )


@app.command(name="map")
def map_(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")],
    segment: SegmentOption = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="STUDY2", help="Write how the study differs from this one, too."),
    ] = None,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="png,svg,pdf,pptx,html,csv,parquet",
            help="What to write: one format, or several with commas between.",
        ),
    ] = "png",
    with_faces: Annotated[
        bool,
        typer.Option("--with-faces", help="Show faces on the html page; otherwise nothing does."),
    ] = False,
    is_in_seconds: Annotated[
        bool,
        typer.Option(
            "--seconds", help="Count time within steps in real seconds, not as shares of the stay."
        ),
    ] = False,
    is_colour_blind_safe: Annotated[
        bool, typer.Option("--colour-blind-safe", help="Blue for joy, orange for trouble.")
    ] = False,
) -> None:
    """Aggregate a study's sessions and write the journey map."""
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    palette = colour_blind_safe(LIGHT) if is_colour_blind_safe else LIGHT
    _write_map(
        study,
        segments=segments_of(segment),
        out=out,
        formats=wanted,
        palette=palette,
        with_faces=with_faces,
        is_in_seconds=is_in_seconds,
    )
    if compare is None:
        return
    from journeylab.app.compare import run_compare

    _unlock(compare)
    with progress_bar("Comparing the studies") as advance:
        paths = run_compare(
            study,
            compare,
            segment=segments_of(segment) or None,
            out=out,
            formats=wanted,
            palette=palette,
            progress=advance,
        )
    for path in paths:
        print(printable(f"The comparison is in {path}"))


@app.command()
def recover(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A study folder, or one journal.")],
) -> None:
    """Complete the bundles of sessions that were cut off."""
    from journeylab.app.recover import run_recover

    if not run_recover(path, done=lambda bundle: print(printable(f"Completed {bundle}"))):
        print(f"There is nothing to complete in {path}.")


@app.command()
def verify(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Bundles, or study folders.")
    ],
) -> None:
    """Check that bundles are whole: checksums, times, gaps, lengths, video, sound.

    Leaves with 1 when anything is wrong, and says what.
    """
    from journeylab.app.verify import Verdict, run_verify

    _unlock(*paths)
    verdicts: list[Verdict] = []
    with progress_bar("Verifying") as advance:
        verdicts += run_verify(paths, progress=advance)
    for verdict in verdicts:
        mark = "OK   " if verdict.is_sound else "WRONG"
        print(printable(f"{mark} {verdict.path}{verdict.summary and f' ({verdict.summary})'}"))
        for problem in verdict.problems:
            print(printable(f"      {problem}"))
        for remark in verdict.remarks:
            print(printable(f"      note: {remark}"))
    if not all(verdict.is_sound for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="BUNDLE|STUDY", help="What to export.")],
    to: Annotated[str, typer.Option(metavar="csv|parquet|mp4|wav", help="What to write.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")],
) -> None:
    """Write a session's streams, or those of all sessions of a study, for other programs."""
    from journeylab.app.export import run_export

    _unlock(path)
    with progress_bar("Exporting") as advance:
        result = run_export(path, to=to, out=out, progress=advance, warn=_complain)
    for written in result.paths:
        print(printable(str(written)))
    if result.failed:
        raise typer.Exit(1)


@app.command()
def erase(
    study: StudyArgument,
    participant: Annotated[str, typer.Option(metavar="ID", help="Whom to erase.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a participant: sessions, journals, exports, key file. Says what was removed."""
    from journeylab.app.erase import run_erase

    def confirm(_: object) -> bool:
        return yes or (sys.stdin.isatty() and typer.confirm("Erase this for good?"))

    run_erase(study, participant, confirm=confirm, say=lambda line: print(printable(line)))


@app.command()
def redact(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A session's .h5 file.")],
    out: Annotated[Path, typer.Option(metavar="FILE.h5", help="The copy; a new file.")],
    blur: Annotated[
        bool, typer.Option("--blur", help="Keep the video, with faces blurred.")
    ] = False,
) -> None:
    """Write a copy without sound and face video, keeping the measures."""
    from journeylab.app.redact import run_redact

    with progress_bar("Redacting") as advance:
        path = run_redact(bundle, out=out, blur=blur, progress=advance, warn=_complain)
    print(printable(f"The copy is in {path}"))


@app.command()
def encrypt(study: StudyArgument) -> None:
    """Encrypt a study's sessions, those to come too, under a passphrase."""
    from journeylab.app.encrypt import run_encrypt

    paths = run_encrypt(study)
    print(f"The study is encrypted; {len(paths)} sessions were.")


@app.command()
def decrypt(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A session's .h5.age file.")],
    out: Annotated[Path, typer.Option(metavar="FILE.h5", help="The plain copy; a new file.")],
) -> None:
    """Write a plain copy of an encrypted session."""
    from journeylab.app.encrypt import run_decrypt

    print(printable(f"The plain copy is in {run_decrypt(bundle, out=out)}"))


@app.command()
def doctor() -> None:
    """Say what works on this machine, in plain words, with the fix."""
    from rich.console import Console

    from journeylab.app.doctor import run_doctor

    raise typer.Exit(run_doctor(Console()))


def main() -> None:
    """Run the command line; a JourneyLabError becomes one sentence and exit code 1."""
    try:
        app()
    except JourneyLabError as error:
        _complain(str(error))
        sys.exit(1)


def _complain(sentence: str) -> None:
    print(printable(f"journeylab: {sentence}"), file=sys.stderr)


def _unlock(*paths: Path) -> None:
    from journeylab.app.passphrase import unlock_if_needed

    for path in paths:
        unlock_if_needed(path)


def _write_map(
    study: Path,
    *,
    segments: dict[str, str],
    out: Path,
    formats: tuple[str, ...],
    palette: Palette = LIGHT,
    with_faces: bool = False,
    is_in_seconds: bool = False,
) -> None:
    from journeylab.analysis.alignment import TimeBasis
    from journeylab.app.map import run_map

    _unlock(study)
    with progress_bar("Drawing the map") as advance:
        paths = run_map(
            study,
            segment=segments or None,
            out=out,
            formats=formats,
            palette=palette,
            with_faces=with_faces,
            basis=TimeBasis.SECONDS if is_in_seconds else TimeBasis.SHARE,
            progress=advance,
            warn=_complain,
        )
    for path in paths:
        what = "A table of the map" if path.suffix in (".csv", ".parquet") else "The journey map"
        print(printable(f"{what} is in {path}"))
