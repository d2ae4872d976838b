"""Property tests and state machines: the same examples in every run, other ones and more of them with EXAMPLES=20."""

from __future__ import annotations

from hypothesis import settings

from fakes.examples import TIMES

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.register_profile("random", derandomize=False, deadline=None, print_blob=True, max_examples=100 * TIMES)
settings.load_profile("random" if TIMES > 1 else "fixed")
