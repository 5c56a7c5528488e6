"""Choosing faces and voices: pure functions that the cast stage calls."""
