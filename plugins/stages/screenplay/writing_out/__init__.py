"""The layouts that a script can be written in."""
