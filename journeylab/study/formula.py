"""Formulas over action units, as a study's own expressions are written.

A formula holds what arithmetic needs and nothing more of Python: numbers, action units
(``AU04``, also written ``AU4``; ``AU12L`` for one side), ``+ - * /``, brackets, and the functions
``min``, ``max``, ``mean`` and ``abs``. Everything else is refused by name. The text is parsed,
never executed.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.vocabulary import ACTION_UNIT_COLUMNS

LONGEST: Final = 200

_Values = NDArray[np.float64]
_Evaluate = Callable[[_Values], _Values]

_OPERATORS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
# numpy's minimum and maximum, unlike fmin and fmax, let NaN through: an action unit that was not
# measured must not count as the lowest one.
_OF_SEVERAL: Final[dict[str, Callable[[_Values], _Values]]] = {
    "min": lambda values: np.asarray(values.min(axis=0)),
    "max": lambda values: np.asarray(values.max(axis=0)),
    "mean": lambda values: np.asarray(values.mean(axis=0)),
}
_ABS: Final = "abs"
_FUNCTIONS: Final = (*_OF_SEVERAL, _ABS)
_UNIT: Final = re.compile(r"AU(\d{1,2})([LR]?)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood: its text, and the columns of action units it uses."""

    text: str
    units: tuple[str, ...]
    _evaluate: _Evaluate = field(repr=False, compare=False)

    def __call__(self, action_units: NDArray[np.floating]) -> NDArray[np.float64]:
        """The expression's intensity.

        Parameters
        ----------
        action_units
            (n, 22) intensities 0..1 in the order of ``ACTION_UNIT_COLUMNS``; NaN where not
            measured.

        Returns
        -------
        (n,) clipped to 0..1. NaN where an action unit it uses is NaN, or where it divides by
        zero.
        """
        values = np.asarray(action_units, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            result = np.broadcast_to(self._evaluate(values), values.shape[:1])
        return np.where(np.isfinite(result), np.clip(result, 0.0, 1.0), np.nan)


@lru_cache(maxsize=256)
def parse_formula(text: str) -> Formula:
    """Understand a formula.

    Raises
    ------
    ValueError
        Saying what is wrong in it and what was expected.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a formula has at most {LONGEST} characters, this one has {len(text)}")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f'"{text}" is no formula; something like min(AU06, AU12) - 0.5 * AU04 is expected'
        ) from None
    units: dict[str, None] = {}
    evaluate = _compiled(body, units)
    if not units:
        raise ValueError(f'"{text}" names no action unit; at least one, such as AU12, is expected')
    return Formula(text, tuple(units), evaluate)


def _compiled(node: ast.expr, units: dict[str, None]) -> _Evaluate:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _constant(number)
        case ast.Name(id=name):
            return _unit(name, units)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
            inner = _compiled(operand, units)
            return inner if isinstance(sign, ast.UAdd) else lambda values: -inner(values)
        case ast.BinOp(left=left, op=joined, right=right) if type(joined) in _OPERATORS:
            act = _OPERATORS[type(joined)]
            one, other = _compiled(left, units), _compiled(right, units)
            return lambda values: np.asarray(act(one(values), other(values)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, arguments, units)
    raise ValueError(
        f'"{_words(node)}" may not stand in a formula; numbers, action units, + - * /, brackets '
        f"and {', '.join(_FUNCTIONS)} are expected"
    )


def _constant(number: float) -> _Evaluate:
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError("a number in the formula is too large")
    return lambda _values: np.asarray(value)


def _unit(name: str, units: dict[str, None]) -> _Evaluate:
    written = _UNIT.fullmatch(name)
    code = f"AU{int(written[1]):02d}{written[2]}" if written else ""
    if code not in ACTION_UNIT_COLUMNS:
        raise ValueError(
            f'"{name}" is no action unit that is measured; one of '
            f"{', '.join(ACTION_UNIT_COLUMNS)} is expected"
        )
    units[code] = None
    column = ACTION_UNIT_COLUMNS.index(code)
    return lambda values: values[:, column]


def _call(name: str, arguments: list[ast.expr], units: dict[str, None]) -> _Evaluate:
    if name not in _FUNCTIONS:
        raise ValueError(
            f'"{name}" is no function of a formula; {", ".join(_FUNCTIONS)} are expected'
        )
    parts = [_compiled(argument, units) for argument in arguments]
    if name == _ABS:
        if len(parts) != 1:
            raise ValueError(f'"abs" takes one value, not {len(parts)}')
        return lambda values: np.abs(parts[0](values))
    if len(parts) < 2:
        raise ValueError(f'"{name}" takes two values or more, not {len(parts)}')
    act = _OF_SEVERAL[name]
    return lambda values: act(np.stack(np.broadcast_arrays(*(part(values) for part in parts))))


def _words(node: ast.expr) -> str:
    try:
        return ast.unparse(node)[:40]
    except (ValueError, RecursionError):
        return "this"
