"""The moderator's windows: studies, set-up, console."""
