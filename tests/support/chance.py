"""Randomness that can be had again, and how much of it: TERMD_CHAOS_SEED=N repeats a run, TERMD_CHAOS=long makes it long.

What the kernel makes of it is not repeated: the same instants are aimed at, and met about as well.
"""

import os
import random

LONG = os.environ.get("TERMD_CHAOS") == "long"


def chance():
    """A source of random numbers; pytest shows what was printed here with a failure."""
    seed = int(os.environ.get("TERMD_CHAOS_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"TERMD_CHAOS_SEED={seed} repeats this")
    return random.Random(seed)
