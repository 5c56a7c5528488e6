"""The report of an episode: what is gathered from its fold, and how it is drawn (no plugin)."""
