"""Signs are read from faces at the camera's rate, and placed on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import PlantedSession, Recipe, header_of, study_of
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit
from journeylab.analysis.sign_reading import read_signs
from journeylab.analysis.signs import Sign, SignKind, Spot, expression_signs, friction_signs
from journeylab.clock import NS_PER_S
from journeylab.streams import Row, row
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES

RATE_HZ = 20
VISITS = (Visit("ad", 0, 10 * NS_PER_S), Visit("landing", 10 * NS_PER_S, 20 * NS_PER_S))


def _shown(**spans: Sequence[tuple[float, float]]) -> tuple[Sign, ...]:
    """Signs of a face whose units or states are 0.8 over these seconds, 0 otherwise."""
    t_s = np.arange(20 * RATE_HZ) / RATE_HZ

    def signal(name: str) -> NDArray[np.float64]:
        values = np.zeros(len(t_s))
        for start_s, end_s in spans.get(name, ()):
            values[(t_s >= start_s) & (t_s < end_s)] = 0.8
        return values

    units = {name: signal(name) for name in ("AU04", "AU12", "AU14L", "AU14R", "AU15", "AU24")}
    states = {name: signal(name) for name in ("surprise", "fear", "boredom")}
    return expression_signs((t_s * NS_PER_S).astype(np.int64), units, states, VISITS)


def _kinds(signs: Sequence[Sign]) -> list[SignKind]:
    return [sign.kind for sign in signs]


def test_an_expression_counts_from_its_length_on() -> None:
    assert _kinds(_shown(AU12=[(2, 2.4)])) == []
    smile = _shown(AU12=[(2, 3)])
    assert _kinds(smile) == [SignKind.SMILE]
    assert smile[0].onset_ns == 2 * NS_PER_S
    assert smile[0].offset_ns == pytest.approx(3 * NS_PER_S, abs=0.06 * NS_PER_S)
    assert (smile[0].step_id, smile[0].strength) == ("ad", pytest.approx(0.8))


def test_a_blink_does_not_cut_an_expression_in_two() -> None:
    assert len(_shown(AU04=[(2, 3), (3.2, 4)])) == 1
    assert len(_shown(AU04=[(2, 3), (3.8, 4.6)])) == 2


def test_a_brow_lowered_with_pressed_lips_or_a_smile_is_no_frown() -> None:
    assert _kinds(_shown(AU04=[(2, 4)], AU24=[(2, 4)])) == [SignKind.PRESS]
    assert _kinds(_shown(AU04=[(2, 4)], AU12=[(2, 4)])) == [SignKind.SMILE]


def test_contempt_is_one_sided() -> None:
    assert _kinds(_shown(AU14L=[(2, 4)])) == [SignKind.CONTEMPT]
    assert _kinds(_shown(AU14L=[(2, 4)], AU14R=[(2, 4)])) == []


def test_an_expression_ends_with_its_step() -> None:
    first, second = _shown(AU12=[(9, 11)])
    assert (first.step_id, second.step_id) == ("ad", "landing")
    assert first.offset_ns < 10 * NS_PER_S <= second.onset_ns


def test_boredom_takes_longer_than_a_blink() -> None:
    assert _kinds(_shown(boredom=[(2, 2.5)])) == []
    assert _kinds(_shown(boredom=[(2, 7)])) == [SignKind.BOREDOM]


@pytest.mark.parametrize(
    ("smile", "is_aha"),
    [((2.8, 4), True), ((5.3, 7), True), ((6.2, 8), False), ((1.0, 4), False)],
    ids=["at once", "within three seconds", "later", "before"],
)
def test_joy_within_three_seconds_of_surprise_is_an_aha(
    smile: tuple[float, float], is_aha: bool
) -> None:
    signs = _shown(surprise=[(2, 2.6)], AU12=[smile])
    assert (SignKind.AHA in _kinds(signs)) is is_aha


def test_an_aha_does_not_reach_over_a_step() -> None:
    assert SignKind.AHA not in _kinds(_shown(surprise=[(9.3, 9.9)], AU12=[(10.2, 12)]))


def test_lost_frames_show_nothing() -> None:
    t_ns = np.arange(100, dtype=np.int64) * NS_PER_S // RATE_HZ
    lost = np.full(100, np.nan)
    units = dict.fromkeys(("AU04", "AU12", "AU14L", "AU14R", "AU15", "AU24"), lost)
    states = dict.fromkeys(("surprise", "fear", "boredom"), lost)
    assert expression_signs(t_ns, units, states, VISITS) == ()


def test_pressed_lips_are_friction_only_with_behaviour_on_the_same_step() -> None:
    def sign(kind: SignKind, start_s: float, end_s: float, step_id: str = "ad") -> Sign:
        return Sign(kind, step_id, round(start_s * NS_PER_S), round(end_s * NS_PER_S), 0.8)

    press = sign(SignKind.PRESS, 8, 9)
    assert friction_signs([press]) == ()
    assert friction_signs([press, sign(SignKind.REFUSAL, 2, 2)]) == ()
    assert friction_signs([press, sign(SignKind.REFUSAL, 10, 10, "landing")]) == ()
    found = friction_signs([press, sign(SignKind.BURST, 4, 5.5)])
    assert [(one.kind, one.onset_ns) for one in found] == [(SignKind.FRICTION, press.onset_ns)]


def _session(*extra: Row, gaze_px: tuple[float, float] | None = None) -> PlantedSession:
    """A session that presses its lips on "cart" from 2 s to 4 s."""
    header = header_of(Recipe(), study_of())
    rows: list[Row] = []
    for frame in range(6 * RATE_HZ):
        t_ns = frame * NS_PER_S // RATE_HZ
        units = dict.fromkeys(ACTION_UNIT_COLUMNS, 0.0)
        if 2 * NS_PER_S <= t_ns < 4 * NS_PER_S:
            units["AU24"] = 0.8
        rows.append(row("action_units", t_ns, **units))
        states = dict.fromkeys(STATES, 0.0)
        rows.append(row("affect", t_ns, valence=0.0, arousal=0.0, confidence=1.0, **states))
        if gaze_px is not None:
            x, y = gaze_px
            rows.append(row("gaze", t_ns, x_px=x, y_px=y, uncertainty_px=40.0))
    return PlantedSession(Path("P.h5"), header, sorted([*rows, *extra], key=lambda r: r.t_ns))


def _area(name: str, box: tuple[float, float, float, float], t_ns: int = 0) -> Row:
    x, y, width, height = box
    return row(
        "aois",
        t_ns,
        step_id="cart",
        name=name,
        x_px=x,
        y_px=y,
        width_px=width,
        height_px=height,
    )


def _pointer(t_s: float, x: float, y: float) -> Row:
    return row(
        "pointer",
        round(t_s * NS_PER_S),
        x_px=x,
        y_px=y,
        action=0,
        button=0,
        scroll_dx=0.0,
        scroll_dy=0.0,
        speed_px_s=0.0,
    )


def _press(session: PlantedSession) -> Sign:
    visits = (Visit("cart", 0, 6 * NS_PER_S),)
    none = np.empty(0, dtype=np.int64)
    signs = read_signs(session, visits, error_px=40.0, bursts_ns=none)
    return next(sign for sign in signs if sign.kind is SignKind.PRESS)


def test_gaze_places_a_sign_on_the_smallest_area_under_it() -> None:
    areas = (_area("Form", (0, 0, 800, 800)), _area("Card number", (100, 100, 300, 60)))
    spot = _press(_session(*areas, gaze_px=(200, 130))).spot
    assert (spot.name, spot.by) == ("Card number", "gaze")
    assert (spot.x, spot.y) == (pytest.approx(200 / 1280), pytest.approx(130 / 800))


def test_gaze_beside_an_area_counts_within_its_error() -> None:
    area = _area("Card number", (100, 100, 300, 60))
    assert _press(_session(area, gaze_px=(200, 190))).spot.name == "Card number"
    assert _press(_session(area, gaze_px=(200, 260))).spot.name == ""


def test_without_gaze_the_cursor_tells_the_place() -> None:
    area = _area("Card number", (100, 100, 300, 60))
    spot = _press(_session(area, _pointer(2.5, 150, 120))).spot
    assert (spot.name, spot.by) == ("Card number", "cursor")


def test_an_area_counts_where_it_lay_at_the_time() -> None:
    moved = (
        _area("Card number", (100, 100, 300, 60)),
        _area("Card number", (100, 600, 300, 60), t_ns=NS_PER_S),
    )
    assert _press(_session(*moved, gaze_px=(200, 130))).spot.name == ""
    assert _press(_session(*moved, gaze_px=(200, 630))).spot.name == "Card number"


def test_without_gaze_or_mouse_a_sign_has_no_place() -> None:
    spot = _press(_session()).spot
    assert (spot.name, spot.by) == ("", "")


def test_friction_is_at_the_field_that_was_refused_wherever_eyes_were() -> None:
    def at(kind: SignKind, start_s: int, end_s: int, spot: Spot) -> Sign:
        return Sign(kind, "checkout", start_s * NS_PER_S, end_s * NS_PER_S, 1.0, spot)

    press = at(SignKind.PRESS, 4, 6, Spot("Address", "gaze", 0.4, 0.3))
    refused = at(SignKind.REFUSAL, 3, 3, Spot("#card-number", "element"))
    burst = at(SignKind.BURST, 4, 5, Spot("Pay", "cursor"))
    (friction,) = friction_signs([press, burst, refused])
    assert (friction.spot.name, friction.spot.by) == ("#card-number", "element")
    (without,) = friction_signs([press, burst])
    assert (without.spot.name, without.spot.by) == ("Address", "gaze")
    (nowhere,) = friction_signs([at(SignKind.PRESS, 4, 6, Spot()), burst])
    assert nowhere.spot.name == "Pay"
