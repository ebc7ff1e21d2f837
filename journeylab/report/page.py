"""The map as one page that stands alone: zoom, values under the cursor, evidence at a click.

It asks the network for nothing and its policy forbids it to: script and style are named by their
digests, pictures and letters lie in the page. All words from data go in as text.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.journey import JourneyMap
from journeylab.assets import asset
from journeylab.report.evidence import (
    MapFinding,
    map_findings,
    median_valence,
    participants_valence,
)
from journeylab.report.files import whole_file
from journeylab.report.map_header import map_title
from journeylab.report.map_pictures import place_words, screen_name
from journeylab.report.scene import Hit, Scene
from journeylab.report.svg import svg_of
from journeylab.report.webfonts import font_faces
from journeylab.theme import LIGHT, Palette

FaceAt = tuple[Path, int]
"""A face's session file and its moment on the session clock, ns."""
Faces = Mapping[FaceAt, bytes | str]
"""JPEG pictures of faces by moment, or the words why there is none."""


def write_html(
    journey: JourneyMap,
    scene: Scene,
    path: Path,
    *,
    palette: Palette = LIGHT,
    faces: Faces | None = None,
) -> Path:
    """Write the map as a page.

    Parameters
    ----------
    faces
        Pictures of faces to show beside their moments; none by default.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    page = page_of(journey, scene, palette=palette, faces=faces or {})
    with whole_file(path) as partial:
        partial.write_text(page, encoding="utf-8", errors="replace")
    return path


def page_of(journey: JourneyMap, scene: Scene, *, palette: Palette, faces: Faces) -> str:
    """The page's text."""
    drawing = svg_of(scene, title=map_title(journey), palette=palette)
    data = _json(_data(journey, scene, faces))
    script = asset("map-page", "page.js").read_text(encoding="utf-8")
    words = "".join(dict.fromkeys(journey.study_title + data))
    look = "\n".join(
        [
            _variables(palette),
            font_faces(words),
            asset("map-page", "page.css").read_text(encoding="utf-8"),
        ]
    )
    title = escape(journey.study_title)
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            "font-src data:",
            f"style-src '{_digest(look)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(map_title(journey))}</title>
<style>{look}</style>
</head>
<body>
{_bar(title)}
<main>
<div id="stage" tabindex="0" aria-label="The map. Plus and minus zoom, arrows move, 0 fits.">
{drawing}
</div>
<aside id="side" aria-live="polite"></aside>
</main>
<div id="tip" role="status" hidden></div>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def _bar(title: str) -> str:
    toggles = "\n".join(
        f'<label class="toggle"><input type="checkbox" id="show-{name}"{checked}>'
        f'<i class="{name}"></i>{words}</label>'
        for name, words, checked in (
            ("mean", "Mean", " checked"),
            ("median", "Median", ""),
            ("people", "Each participant", ""),
        )
    )
    return f"""<header id="bar">
<h1>{title}</h1>
<div class="group" role="group" aria-label="Lines"><span class="caps">Lines</span>
{toggles}
</div>
<div class="group zoom" role="group" aria-label="Zoom">
<button class="button" id="further" aria-label="Zoom out">−</button>
<span id="share">100 %</span>
<button class="button" id="closer" aria-label="Zoom in">+</button>
<button class="button" id="fit">Fit</button>
</div>
</header>"""


def _data(journey: JourneyMap, scene: Scene, faces: Faces) -> dict[str, Any]:
    trace = journey.trace
    names, valence = participants_valence(journey)
    found = [one for one in map_findings(journey) if not one.is_hidden]
    axes = scene.axes
    groups = dict.fromkeys(
        name for session in journey.sessions for name in session.summary.segments
    )
    return {
        "size": [scene.width_px, scene.height_px],
        "axes": axes
        and {
            "knots_s": axes.knots_s,
            "knots_x": axes.knots_x,
            "top_y": axes.top_y,
            "bottom_y": axes.bottom_y,
        },
        "position": [round(float(value), 3) for value in trace.position_s],
        "mean": _numbers(trace.mean),
        "median": _numbers(median_valence(journey)),
        "low": _numbers(trace.low),
        "high": _numbers(trace.high),
        "n": trace.n_people.tolist(),
        "steps": [
            {
                "title": step.title,
                "place": place_words(step),
                "start": step.start_s,
                "end": step.end_s,
            }
            for step in journey.steps
        ],
        "people": [
            {"id": name, "valence": _numbers(row)} for name, row in zip(names, valence, strict=True)
        ],
        "groups": " · ".join(groups).capitalize(),
        "findings": [_finding(one, journey, scene, faces) for one in found],
        "hits": [hit for hit in (_hit(hit, found) for hit in scene.hits) if hit is not None],
        "notes": list(journey.notes),
    }


def _finding(one: MapFinding, journey: JourneyMap, scene: Scene, faces: Faces) -> dict[str, Any]:
    x = y = None
    trace, target = journey.trace, one.target
    if target is not None and scene.axes is not None and len(trace.position_s):
        point = int(np.argmin(np.abs(trace.position_s - target.position_s)))
        if np.isfinite(trace.mean[point]):
            x = scene.axes.x_at(target.position_s)
            y = scene.axes.y_at(float(trace.mean[point]))
    return {
        "callout": one.is_callout,
        "title": one.title,
        "text": one.text,
        "kind": one.kind,
        "step": one.step.title,
        "place": place_words(one.step),
        "screen": screen_name(one.step.step_id),
        "who": one.who,
        "when": one.when,
        "sure": one.how_sure,
        "edit": one.edit,
        "x": x,
        "y": y,
        "witnesses": [
            {
                "id": witness.participant_id,
                "details": witness.details,
                "session": witness.session,
                "at": _number(witness.session_s),
                "into": round(witness.into_step_s, 2),
                "valence": _number(witness.valence),
                **_face(faces.get((witness.choice.summary.path, witness.choice.t_ns))),
            }
            for witness in one.witnesses
        ],
    }


def _hit(hit: Hit, found: Sequence[MapFinding]) -> dict[str, Any] | None:
    place = next((k for k, one in enumerate(found) if one.target == hit.target), None)
    if place is None:
        return None
    one = found[place]
    return {
        "x": hit.x,
        "y": hit.y,
        "width": hit.width,
        "height": hit.height,
        "finding": place,
        "label": f"{one.title}: {one.text}",
    }


def _variables(palette: Palette) -> str:
    """The palette as the style sheet's variables."""
    values = {each.name: getattr(palette, each.name) for each in fields(palette)}
    rules = [
        f"--{name.replace('_', '-')}: {value};"
        for name, value in values.items()
        if isinstance(value, str)
    ]
    return f":root {{ {' '.join(rules)} }}"


def _numbers(values: NDArray[np.floating]) -> list[float | None]:
    return [_number(float(value)) for value in values]


def _number(value: float) -> float | None:
    return round(value, 1) if np.isfinite(value) else None


def _face(face: bytes | str | None) -> dict[str, str | None]:
    """A picture, or the words why there is none; neither where no faces were asked for."""
    if not isinstance(face, bytes):
        return {"face": None, "no_face": face}
    return {"face": f"data:image/jpeg;base64,{base64.b64encode(face).decode('ascii')}"}


def _json(data: dict[str, Any]) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
