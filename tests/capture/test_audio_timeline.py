"""Times of audio samples: drifting crystals, late blocks, losses, lying drivers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from journeylab.capture.audio.level import level_dbfs
from journeylab.capture.audio.timeline import AudioTimeline, BlockStamp
from journeylab.clock import NS_PER_MS, NS_PER_S

_RATE_HZ = 48000
_BLOCK = 960
_BLOCK_NS = 20 * NS_PER_MS


@dataclass
class SoundCard:
    """A card whose crystal is off, whose blocks come late, and which loses some."""

    skew: float = 0.0
    jitter_ms: float = 0.0
    delay_ms: float = 0.0
    told_ms: float | None = None
    seed: int = 1

    def run(
        self, seconds: float, *, lose_at_s: float | None = None, lose: int = 0, tells: bool = False
    ) -> list[tuple[BlockStamp, float]]:
        """Stamps, each with the true time of its first sample, ns."""
        rng = np.random.default_rng(self.seed)
        timeline = AudioTimeline(_RATE_HZ)
        sample_ns = NS_PER_S / _RATE_HZ * (1 + self.skew)
        stamps, recorded, lost_now = [], 0, False
        for block in range(round(seconds * _RATE_HZ / _BLOCK)):
            if lose_at_s is not None and not lost_now and block * 0.02 >= lose_at_s:
                recorded, lost_now = recorded + lose, True
                overflowed = tells
            else:
                overflowed = False
            true_ns = recorded * sample_ns
            recorded += _BLOCK
            late_ns = rng.exponential(self.jitter_ms) * NS_PER_MS if self.jitter_ms else 0.0
            heard_ns = recorded * sample_ns + self.delay_ms * NS_PER_MS + late_ns
            told_ms = self.delay_ms if self.told_ms is None else self.told_ms
            stamp = timeline.add(
                _BLOCK,
                heard_ns=round(heard_ns),
                told_delay_ns=told_ms * NS_PER_MS,
                overflowed=overflowed,
            )
            if stamp is not None:
                stamps.append((stamp, true_ns))
        return stamps


def _errors_ms(stamps: list[tuple[BlockStamp, float]]) -> np.ndarray:
    return np.array([(stamp.t_ns - true_ns) / NS_PER_MS for stamp, true_ns in stamps])


def test_the_first_second_is_dropped() -> None:
    stamps = SoundCard().run(3)
    assert stamps[0][1] == pytest.approx(NS_PER_S, abs=_BLOCK_NS)
    assert stamps[0][0].first_sample == 0


def test_an_even_card_is_stamped_exactly() -> None:
    assert np.abs(_errors_ms(SoundCard(delay_ms=35).run(5))).max() < 0.001


def test_late_blocks_do_not_move_the_times() -> None:
    errors = _errors_ms(SoundCard(jitter_ms=4).run(120))
    assert np.std(errors[500:]) < 0.5
    assert np.abs(errors).max() < 6
    # The line runs through the middle of the arrivals, so it is late by what they usually are.
    assert 0 < np.median(errors) < 5


@pytest.mark.parametrize("skew", [200e-6, -200e-6])
def test_a_crystal_that_is_off_does_not_drift_away(skew: float) -> None:
    errors = _errors_ms(SoundCard(skew=skew, jitter_ms=1).run(600))
    assert np.abs(errors[3000:]).max() < 3, "0.2 per mille over ten minutes would be 120 ms"
    assert np.abs(np.polyfit(np.arange(errors.size - 3000), errors[3000:], 1)[0]) < 1e-4


def test_times_never_go_back() -> None:
    stamps = SoundCard(skew=300e-6, jitter_ms=8, seed=3).run(90)
    times = [stamp.t_ns for stamp, _ in stamps]
    assert np.diff(times).min() > 0


@pytest.mark.parametrize(("lose", "tells"), [(9600, False), (9600, True), (480, True)])
def test_a_loss_is_counted_and_the_times_jump_over_it(lose: int, tells: bool) -> None:
    stamps = SoundCard(jitter_ms=0.5, delay_ms=20).run(12, lose_at_s=6, lose=lose, tells=tells)
    lost = sum(stamp.lost for stamp, _ in stamps)
    assert lost == pytest.approx(lose, abs=100)
    jumps = np.diff([stamp.first_sample for stamp, _ in stamps]) - _BLOCK
    assert jumps.sum() == lost
    assert np.count_nonzero(jumps) == 1
    assert np.abs(_errors_ms(stamps)[-200:]).max() < 3


def test_a_stall_without_a_loss_is_not_counted() -> None:
    timeline = AudioTimeline(_RATE_HZ)
    lost, heard_ns = 0, 0
    for block in range(600):
        # For 400 ms nothing comes, then all that was waiting at once.
        heard_ns = max((block + 1) * _BLOCK_NS, 400 * _BLOCK_NS if 380 <= block < 400 else 0)
        stamp = timeline.add(_BLOCK, heard_ns=heard_ns)
        lost += 0 if stamp is None else stamp.lost
        if stamp is not None:
            assert stamp.t_ns == pytest.approx(block * _BLOCK_NS, abs=NS_PER_MS)
    assert lost == 0


def test_a_driver_that_claims_an_absurd_delay_is_not_believed() -> None:
    stamps = SoundCard(delay_ms=0, told_ms=700).run(6)
    assert np.abs(_errors_ms(stamps)).max() < 1
    assert stamps[0][1] == pytest.approx(3 * NS_PER_S, abs=_BLOCK_NS), "it waits for better news"


def test_a_delay_that_shrinks_is_not_taken_for_sound_made_of_nothing() -> None:
    timeline = AudioTimeline(_RATE_HZ)
    last = None
    for block in range(500):
        late_ns = 80 * NS_PER_MS if block < 250 else 0
        last = timeline.add(_BLOCK, heard_ns=(block + 1) * _BLOCK_NS + late_ns) or last
    assert last is not None
    assert last.t_ns == pytest.approx(499 * _BLOCK_NS, abs=NS_PER_MS)
    assert last.lost == 0


def test_a_backlog_the_driver_owned_up_to_leaves_no_trace_once_it_is_gone() -> None:
    """Heard late and told so, then neither: the times must not keep what was taken off."""
    timeline = AudioTimeline(_RATE_HZ)
    last = None
    for block in range(500):
        late_ns = 220 * NS_PER_MS if block < 250 else 0
        stamp = timeline.add(
            _BLOCK, heard_ns=(block + 1) * _BLOCK_NS + late_ns, told_delay_ns=late_ns
        )
        last = stamp or last
    assert last is not None
    assert last.t_ns == pytest.approx(499 * _BLOCK_NS, abs=NS_PER_MS)


@pytest.mark.parametrize(
    ("pcm", "level"),
    [
        (np.zeros(960), -96.0),
        (np.zeros(0), -96.0),
        (np.tile([32767, -32768], 480), 0.0),
        (32767 * np.sin(np.arange(4800) * 2 * np.pi / 48), -3.01),
        (327.67 * np.sin(np.arange(4800) * 2 * np.pi / 48), -43.01),
    ],
)
def test_the_level_is_that_of_the_sound(pcm: np.ndarray, level: float) -> None:
    assert level_dbfs(pcm.astype(np.int16)) == pytest.approx(level, abs=0.1)
