"""Who may watch a session over the network, what she is shown, and what she may write.

Nothing here listens on the network: :mod:`journeylab.app.observers` asks this for every request.
An observer sees the trace, the steps and the markers, never a picture of anybody. Every method
from any thread.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import JourneyLabError
from journeylab.session.consent import allows_emotion
from journeylab.session.controller import SessionController
from journeylab.session.live import LiveBoard
from journeylab.session.remarks import SessionRemarks
from journeylab.session.states import SessionState
from journeylab.session.view import ConsoleView
from journeylab.study.model import Step

CODE_DIGITS: Final = 8
CODE_LASTS_NS: Final = 10 * 60 * NS_PER_S
LONGEST_NOTE: Final = 1000
LONGEST_NAME: Final = 40
MOST_OBSERVERS: Final = 8
MOST_TRACE_POINTS: Final = 1200
_WRONG_BEFORE_LOCK: Final = 5
_LOCK_NS: Final = 60 * NS_PER_S
_WRONG_BEFORE_WITHDRAWN: Final = 15
_MOST_ADDRESSES: Final = 256
_GONE_NS: Final = 6 * NS_PER_S
_NOTES_AT_ONCE: Final = 5
_NOTES_WITHIN_NS: Final = 10 * NS_PER_S


@dataclass(frozen=True, slots=True)
class ObservedSession:
    """What of a session the room uses: readings, the place where notes go, the consent given."""

    title: str
    steps: tuple[Step, ...]
    live: LiveBoard
    view: Callable[[], ConsoleView]
    remarks: SessionRemarks
    consent: Mapping[str, str]


def observed(controller: SessionController) -> ObservedSession:
    """A session that records, for observers; it has its consent by then."""
    header = controller.header
    return ObservedSession(
        title=controller.folder.study.title,
        steps=controller.course.steps,
        live=controller.live,
        view=controller.view,
        remarks=controller.remarks,
        consent={} if header is None else header.consent,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of something an observer asked: an HTTP status, and a sentence or a token."""

    status: int
    sentence: str = ""
    token: str = ""


@dataclass(slots=True)
class _Observer:
    name: str
    seen_ns: int
    notes_ns: deque[int] = field(default_factory=lambda: deque(maxlen=_NOTES_AT_ONCE))


@dataclass(slots=True)
class _Attempts:
    wrong: int = 0
    locked_until_ns: int = 0


class ObserverRoom:
    """Admits observers by codes that are good once, and answers what they may see.

    A code stands until it is used, replaced, ten minutes old, or was guessed at too often. Who
    was admitted holds a random token, of which only the hash is kept; all tokens end with
    :meth:`close`, which is for good.
    """

    def __init__(self, session: ObservedSession, *, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._lock = threading.Lock()
        self._code = ""
        self._code_until_ns = 0
        self._wrong = 0
        self._attempts: dict[str, _Attempts] = {}
        self._observers: dict[bytes, _Observer] = {}
        self._is_closed = False

    # -- the moderator's side ------------------------------------------------------------------

    def open_code(self) -> str:
        """A new code for one observer; the one before is void. Empty once closed."""
        with self._lock:
            if self._is_closed:
                return ""
            self._code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
            self._code_until_ns = self._clock.now_ns() + CODE_LASTS_NS
            self._wrong = 0
            return self._code

    @property
    def code(self) -> str:
        """The code that is good now; empty when none is."""
        with self._lock:
            return self._standing_code()

    def watching(self) -> tuple[str, ...]:
        """Names of those whose page asked within the last seconds, in the order they came."""
        now_ns = self._clock.now_ns()
        with self._lock:
            return tuple(
                one.name for one in self._observers.values() if now_ns - one.seen_ns < _GONE_NS
            )

    def close(self) -> None:
        """Send everybody out: no code and no token is good any more."""
        with self._lock:
            self._is_closed = True
            self._code = ""
            self._observers.clear()

    # -- the observers' side -------------------------------------------------------------------

    def join(self, code: str, *, name: str, address: str) -> Answer:
        """Admit whoever has the code; it is used up by that. ``address`` is where she asks from."""
        name = _plain(name)[:LONGEST_NAME].strip()
        now_ns = self._clock.now_ns()
        with self._lock:
            if self._is_closed:
                return Answer(410, "The session is over.")
            attempts = self._attempts_of(address)
            if now_ns < attempts.locked_until_ns:
                wait_s = math.ceil((attempts.locked_until_ns - now_ns) / NS_PER_S)
                return Answer(429, f"Too many wrong codes. Try again in {wait_s} seconds.")
            if not name:
                return Answer(400, "Please give your name: it stands beside your notes.")
            if not self._is_code(code):
                self._count_wrong(attempts, now_ns)
                return Answer(403, "This code is not valid. Ask the moderator for a new one.")
            if len(self._observers) >= MOST_OBSERVERS:
                return Answer(403, f"No more than {MOST_OBSERVERS} people can watch.")
            self._code = ""
            self._attempts.pop(address, None)
            token = secrets.token_urlsafe(32)
            self._observers[_hashed(token)] = _Observer(self._own_name(name), now_ns)
        return Answer(200, token=token)

    def admits(self, token: str) -> bool:
        """Whether that token is good; its observer counts as watching then."""
        now_ns = self._clock.now_ns()
        with self._lock:
            observer = self._find(token)
            if observer is not None:
                observer.seen_ns = now_ns
            return observer is not None

    def note(self, token: str, text: str) -> Answer:
        """Keep an observer's note, under her own name."""
        text = _plain(text).strip()
        now_ns = self._clock.now_ns()
        with self._lock:
            observer = self._find(token)
            if observer is None:
                return Answer(401, "You are not watching this session any more.")
            if not text:
                return Answer(400, "The note is empty.")
            if len(text) > LONGEST_NOTE:
                return Answer(413, f"A note has at most {LONGEST_NOTE} characters.")
            recent = observer.notes_ns
            if len(recent) == _NOTES_AT_ONCE and now_ns - recent[0] < _NOTES_WITHIN_NS:
                return Answer(429, "One moment: too many notes at once.")
            recent.append(now_ns)
            author = author_of(observer.name)
        try:
            self._session.remarks.add_note(text, author=author)
        except JourneyLabError as error:
            return Answer(409, str(error))
        return Answer(200, "Noted.")

    def state(self) -> dict[str, object]:
        """What is read: where the session is, its steps and its markers; twice a second."""
        session, view = self._session, self._session.view()
        titles = {step.id: step.title for step in session.steps}
        live = session.live
        return {
            "study": session.title,
            "participant": view.participant_id or "",
            "is_running": view.state is SessionState.RECORDING,
            "is_paused": view.is_paused,
            "elapsed_s": round(view.elapsed_s, 1),
            "step": view.step_title or "",
            "step_elapsed_s": round(view.step_elapsed_s, 1),
            "place": view.place,
            "planned": [step.title for step in session.steps],
            "planned_s": [step.planned_s for step in session.steps],
            "shows_emotion": allows_emotion(session.consent),
            "steps": [[round(m.t_s, 2), titles.get(m.label, m.label)] for m in live.step_marks()],
            "markers": [[round(mark.t_s, 2), mark.label] for mark in live.marker_marks()],
        }

    def trace(self, after_s: float) -> dict[str, object]:
        """Valence since that time of the session, as ``[t_s, value or None]``; five times a second.

        A long stretch is thinned to :data:`MOST_TRACE_POINTS` means.
        """
        if not allows_emotion(self._session.consent):
            return {"points": []}
        times_s, values = self._session.live.trace()
        # As they were told: a time that was rounded down must not be told again.
        first = int(np.searchsorted(np.round(times_s, 3), after_s, side="right"))
        times_s, values = times_s[first:], values[first:]
        size = math.ceil(len(times_s) / MOST_TRACE_POINTS) or 1
        points = []
        for begin in range(0, len(times_s), size):
            chunk = values[begin : begin + size]
            seen = chunk[np.isfinite(chunk)]
            value = round(float(seen.mean()), 1) if len(seen) else None
            points.append([round(float(times_s[begin : begin + size][-1]), 3), value])
        return {"points": points}

    # -- the lock is held in all of these ------------------------------------------------------

    def _standing_code(self) -> str:
        if self._clock.now_ns() >= self._code_until_ns:
            self._code = ""
        return self._code

    def _is_code(self, code: str) -> bool:
        asked = "".join(code.split())
        standing = self._standing_code()
        # Compared even when there is none, so that the time taken tells nothing.
        is_equal = hmac.compare_digest(asked.encode(), (standing or "-" * CODE_DIGITS).encode())
        return bool(standing) and is_equal

    def _count_wrong(self, attempts: _Attempts, now_ns: int) -> None:
        attempts.wrong += 1
        if attempts.wrong >= _WRONG_BEFORE_LOCK:
            attempts.wrong, attempts.locked_until_ns = 0, now_ns + _LOCK_NS
        self._wrong += 1
        if self._wrong >= _WRONG_BEFORE_WITHDRAWN:  # from many addresses together
            self._code = ""

    def _attempts_of(self, address: str) -> _Attempts:
        if address not in self._attempts and len(self._attempts) >= _MOST_ADDRESSES:
            self._attempts.pop(next(iter(self._attempts)))
        return self._attempts.setdefault(address, _Attempts())

    def _find(self, token: str) -> _Observer | None:
        asked = _hashed(token)
        found = None
        for known, observer in self._observers.items():
            if hmac.compare_digest(known, asked):
                found = observer
        return found

    def _own_name(self, name: str) -> str:
        taken = {one.name.casefold() for one in self._observers.values()}
        own, number = name, 2
        while own.casefold() in taken:
            own, number = f"{name} {number}", number + 1
        return own


def author_of(name: str) -> str:
    """How an observer signs: never as the moderator, whatever her name."""
    return f"observer {name}"


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _plain(text: str) -> str:
    """Without control characters, save line breaks made spaces."""
    return "".join(one if one.isprintable() else " " for one in text)
