"""One live session: states, fan-out, recorder, inference worker, health. No Qt."""
