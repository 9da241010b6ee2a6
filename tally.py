"""What a stage did, in numbers that add up: read = stored + known + rejected."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    read: int = 0
    stored: int = 0
    known: int = 0
    rejected: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.read + other.read,
            self.stored + other.stored,
            self.known + other.known,
            self.rejected + other.rejected,
        )

    def as_dict(self) -> dict[str, int]:
        return asdict(self)
