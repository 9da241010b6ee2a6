"""Training of the encoder, on weights drawn at random and invented sentences."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="precedent[train] is not installed")
pytest.importorskip("onnx", reason="precedent[train] is not installed")

from errors import ModelError  # noqa: E402
from nlp.examples import Fold  # noqa: E402
from nlp.weights import LABELS, TOPICS  # noqa: E402
from nlp.windows import MARKS, Seat, Window  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch, about its own exporter
PIECES = ["[PAD]", *MARKS, "[UNK]", "[CLS]", "[SEP]", "yes", "no", "that", "is", "right", "wrong", "."]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model's folder in the form of the published one."""
    from safetensors.torch import save_file

    from nlp import finetune, minilm

    torch.manual_seed(3)
    torch.set_num_threads(1)  # as many as there are processors wait for each other where tests run beside each other
    width = minilm.WIDTH
    shapes = {"word": (len(PIECES), width), "token_type": (2, width), "position": (512, width)}
    stored = {f"embeddings.{name}_embeddings.weight": torch.randn(shape) for name, shape in shapes.items()}
    stored |= {"embeddings.LayerNorm.weight": torch.ones(width), "embeddings.LayerNorm.bias": torch.zeros(width)}
    for number in range(minilm.LAYERS):
        layer = torch.nn.ModuleDict(
            {
                mine: torch.nn.LayerNorm(width)
                if mine.startswith("norm")
                else torch.nn.Linear(*{"up": (width, 4 * width), "down": (4 * width, width)}.get(mine, (width, width)))
                for mine in minilm.NAMES
            }
        )
        for mine, theirs in minilm.NAMES.items():
            for part in ("weight", "bias"):
                values = getattr(layer[mine], part).detach()
                drawn = (
                    values + mine.startswith("norm") * torch.rand_like(values) / 50
                )  # equal constants would be one in the exported graph
                stored[f"encoder.layer.{number}.{theirs}.{part}"] = drawn
    save_file(stored, str(tmp_path / "model.safetensors"))
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    digest = hashlib.sha256((tmp_path / "model.safetensors").read_bytes()).hexdigest()
    monkeypatch.setattr(finetune, "SHA256", digest)
    monkeypatch.setattr(finetune, "BATCH", 60)
    return tmp_path


def _task() -> object:
    from nlp.finetune import Task

    said = [Window(("Yes.", "That is right." if i % 2 else "That is wrong."), "", "", "", "", "") for i in range(40)]
    seats = tuple(Seat(window, number) for window in said for number in (0, 1))
    labels = np.zeros((len(seats), len(LABELS)), dtype=np.float32)
    labels[3::4, LABELS.index("agree")] = 1
    return Task(seats, labels, np.where(labels.any(axis=1), 2, -1), [i % 4 < 2 for i in range(len(seats))])


def test_a_held_out_sentence_is_scored_by_what_the_others_told_the_same_twice(folder: Path) -> None:
    from nlp import finetune

    told: list[str] = []
    base = finetune.Base(_task(), folder)  # type: ignore[arg-type]
    fold = Fold(np.arange(40), np.arange(40, 80))
    (seen, _), (again, _) = (finetune.out_of_fold(base, [fold], 1, told.append) for _ in range(2))
    assert np.array_equal(seen, again)
    agree = seen[:40, LABELS.index("agree")]
    assert agree[3::4].min() > np.delete(agree, np.s_[3::4]).max()
    assert not seen[40:].any()
    assert any(line.startswith("step 0 of ") for line in told)


def test_the_exported_encoder_went_on_to_learn_and_reads_windows(folder: Path) -> None:
    from nlp import finetune

    base = finetune.Base(_task(), folder)  # type: ignore[arg-type]
    made = finetune.tune(base, np.arange(40), 1, lambda _: None)
    window = base.task.seats[0].window
    before, after = finetune.exported(base, made)(window), finetune.encoder(base, made, 1, lambda _: None)(window)
    assert before.shape == after.shape == (2, len(LABELS) + len(TOPICS))
    assert not np.array_equal(before, after)


def test_other_weights_are_refused(folder: Path) -> None:
    from nlp import finetune

    (folder / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(ModelError, match="does not hold all-MiniLM-L6-v2"):
        finetune.Base(_task(), folder)  # type: ignore[arg-type]
