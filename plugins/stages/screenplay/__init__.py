"""Reading a screenplay and breaking it down into shots: pure functions that the script stage calls."""
