"""What a consumer's journal says: did each message arrive, in order, under an id that is newer than the one before?"""

from __future__ import annotations

from pathlib import Path

_FAULTS_KEPT = 20


class JournalReader:
    """Reads on from where it stopped; a text is the sender's name, a space and its number, counted from 0."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._last_id = -1
        self._expected: dict[str, int] = {}
        self.arrived = 0
        self.repeated = 0
        """Messages that came again."""
        self.out_of_order = 0
        """Messages and ids that came before one that belongs in front of them."""
        self.faults: list[str] = []

    @property
    def name(self) -> str:
        """The consumer's."""
        return self._path.stem

    def read(self) -> None:
        """Take in what was written since."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode().splitlines():
            self._take(*line.split("\t", 1))

    def missing(self, sent: dict[str, int]) -> list[str]:
        """Who has sent more than arrived."""
        return [
            f"{self._path.stem}: of {sender}, {self._expected.get(sender, 0)} of {count} arrived"
            for sender, count in sent.items()
            if self._expected.get(sender, 0) != count
        ]

    def lost(self, sent: dict[str, int]) -> int:
        """How many messages never came."""
        return sum(max(0, count - self._expected.get(sender, 0)) for sender, count in sent.items())

    def _take(self, id: str, text: str) -> None:
        number = int(id.rpartition("-")[2])
        if number <= self._last_id:
            self.out_of_order += 1
            self._complain(f"id {number} after {self._last_id}")
        self._last_id = number
        sender, _, count = text.partition(" ")
        if not count.isdigit():
            return  # a receipt, or a message of another kind
        self.arrived += 1
        expected = self._expected.get(sender, 0)
        if int(count) > expected:
            self.out_of_order += 1
            self._complain(f"{text} where {expected} was expected: lost or out of order")
        elif int(count) < expected:
            self._complain(f"{text} came again, where {expected} was expected")
            self.arrived -= 1
            self.repeated += 1
            return
        self._expected[sender] = int(count) + 1

    def _complain(self, fault: str) -> None:
        if len(self.faults) < _FAULTS_KEPT:
            self.faults.append(f"{self._path.stem}: {fault}")
