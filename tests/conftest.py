"""What every test shares: the same examples in each run, so that a red run is red again."""

from __future__ import annotations

import os

from hypothesis import settings

# DUANJU_EXPLORE=1 looks for new examples instead; what it finds becomes an @example or a regression test.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("explore" if os.environ.get("DUANJU_EXPLORE") else "same")
