"""What was in memory before a session is looked through for rubbish after it, not meanwhile."""

from __future__ import annotations

import gc

from journeylab.app.settled_memory import release_memory, settle_memory


class _Held:
    """Holds itself."""

    def __init__(self) -> None:
        self.own = self


def test_what_was_there_is_set_aside_until_it_is_released() -> None:
    held = [_Held() for _ in range(1000)]
    settle_memory()
    try:
        assert gc.get_freeze_count() > len(held)
        assert not any(isinstance(one, _Held) for one in gc.get_objects())
    finally:
        release_memory()
    assert gc.get_freeze_count() == 0
    assert sum(isinstance(one, _Held) for one in gc.get_objects()) == len(held)


def test_rubbish_of_before_is_not_kept() -> None:
    gc.disable()
    try:
        for _ in range(1000):
            _Held()
        settle_memory()
        release_memory()
        assert not any(isinstance(one, _Held) for one in gc.get_objects())
    finally:
        gc.enable()
