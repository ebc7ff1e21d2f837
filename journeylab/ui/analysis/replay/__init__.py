"""Replay of one session: screen, face, trace and events in sync."""
