"""all-MiniLM-L6-v2 as PyTorch modules: for training and for export alone. Importing this needs ``precedent[train]``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, LAYERS = 384, 12, 6
EPSILON = 1e-12
DROP = 0.1
NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "dense": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
Stored = Mapping[str, torch.Tensor]


def read(path: Path) -> Stored:
    return {name: values.float() for name, values in load_file(str(path)).items()}


class Layer(nn.Module):
    """One layer of the transformer. ``own`` arithmetic of attention for export, PyTorch's fused one for training."""

    def __init__(self, stored: Stored, number: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.dense = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=EPSILON), nn.LayerNorm(WIDTH, eps=EPSILON)
        for mine, theirs in NAMES.items():
            for part in ("weight", "bias"):
                values = stored[f"encoder.layer.{number}.{theirs}.{part}"]
                getattr(getattr(self, mine), part).data.copy_(values)
        self.plain = False

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        sentences, pieces, _ = x.shape
        q, k, v = (
            part(x).view(sentences, pieces, HEADS, -1).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        if self.plain:
            y = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS), -1) @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = self.dense(y.transpose(1, 2).reshape(sentences, pieces, WIDTH))
        x = self.norm1(x + F.dropout(y, DROP, self.training))
        y = self.down(F.gelu(self.up(x), approximate="tanh"))
        return torch.as_tensor(self.norm2(x + F.dropout(y, DROP, self.training)))


def upward(layers: Any, x: torch.Tensor, mask: torch.Tensor | None, read: torch.Tensor) -> torch.Tensor:
    """Through the upper layers, in which only the pieces change that are ``read`` (true or false, by window and piece):
    what the others are to them, the lower layers have worked out, and an exported graph is spared half of the work."""
    for part in layers:
        x = torch.where(read, part(x, mask), x)
    return x


class Head(nn.Module):
    """The window's first piece and the mean of each sentence's own pieces to scores."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden, self.out, self.drop = nn.Linear(2 * WIDTH, WIDTH), nn.Linear(WIDTH, width), nn.Dropout(DROP)

    def forward(self, first: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
        both = torch.cat([first, mean], -1)
        return torch.as_tensor(self.out(self.drop(F.gelu(self.hidden(self.drop(both))))))


class Whole(nn.Module):
    """Pieces of one window to the scores of its sentences, as the exported graph."""

    def __init__(self, stored: Stored, upper: nn.ModuleList, head: Head, length: int) -> None:
        super().__init__()
        names = {part: f"embeddings.{part}_embeddings.weight" for part in ("word", "token_type")}
        embedding: Any = nn.Embedding.from_pretrained
        self.word, self.kind = (embedding(stored[names[part]]) for part in ("word", "token_type"))
        self.position = nn.Parameter(stored["embeddings.position_embeddings.weight"][:length].clone())
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        for part in ("weight", "bias"):
            getattr(self.norm, part).data.copy_(stored[f"embeddings.LayerNorm.{part}"])
        self.lower = LAYERS - len(upper)
        self.layers = nn.ModuleList([*(Layer(stored, i) for i in range(self.lower)), *upper])
        self.head = head

    def embed(self, numbers: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
        x = self.word(numbers) + self.position[: numbers.shape[1]] + self.kind(1 - own)
        return torch.as_tensor(self.norm(x))

    def forward(self, numbers: torch.Tensor, own: torch.Tensor, rows: torch.Tensor, pool: torch.Tensor) -> torch.Tensor:
        x = self.embed(numbers, own)
        for part in self.layers[: self.lower]:
            x = part(x, None)
        wanted = torch.cat([torch.ones_like(own[:, :1]), own[:, 1:]], 1).bool().unsqueeze(2)
        read = upward(self.layers[self.lower :], x, None, wanted)[0].index_select(0, rows)
        return torch.as_tensor(self.head(read[:1].expand(pool.shape[0], -1), pool @ read))


def graph(model: Whole, path: Path) -> None:
    """Writes the model as an ONNX graph with 8-bit weights."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from nlp.compact import compact

    model = model.float().eval()
    for part in model.layers:
        part.plain = True  # type: ignore[assignment]  # of Layer
    given: Any = (torch.zeros(1, 8).long(), torch.ones(1, 8).long(), torch.arange(5), torch.rand(2, 5))
    axes = {"ids": {1: "pieces"}, "own": {1: "pieces"}, "rows": {0: "read"}, "pool": {0: "sentences", 1: "read"}}
    whole = path.with_suffix(".whole")
    torch.onnx.export(
        model, given, str(whole), input_names=list(axes), output_names=["scores"], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(str(whole), str(path), weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()
    compact(path, model.lower)
