"""The encoder's scores of sentences that it was not trained on: kept beside it, so that figures need no training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from errors import ModelError
from nlp.weights import Array

FILE = "held.npz"
Place = tuple[str, int]  # Message-ID, start of the sentence in the stored body


def keep(folder: Path, places: Sequence[Place], scores: Array) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    keys, starts = zip(*places, strict=True)
    parts = {"keys": np.array(keys), "starts": np.array(starts), "scores": scores.astype(np.float16)}
    np.savez_compressed(folder / FILE, **parts)  # type: ignore[arg-type]  # arrays, not its option


def read(folder: Path, places: Sequence[Place]) -> Array | None:
    """The scores of these sentences; None where none are kept. Raises ModelError where some are missing."""
    if not (folder / FILE).exists():
        return None
    with np.load(folder / FILE, allow_pickle=False) as stored:
        at = {(str(k), int(s)): i for i, (k, s) in enumerate(zip(stored["keys"], stored["starts"], strict=True))}
        scores = stored["scores"].astype(np.float32)
    missing = sum(place not in at for place in places)
    if missing == len(places):
        return None
    if missing:
        advice = "measure with the sentences and the archive that the encoder was trained on, or train again"
        raise ModelError(f"{folder} keeps no held-out scores of {missing} of the {len(places)} sentences", advice)
    return np.asarray(scores[[at[place] for place in places]], dtype=np.float32)
