"""An exported encoder with the same weights and arithmetic in fewer and larger steps, which run in less time.

PyTorch writes attention and GELU down as dozens of small operators. Here each layer is nine: query, key and value come
of one product, onnxruntime's own attention and GELU take the place of theirs, and the upper layers work out the
pieces that are read alone. Scores differ by what rounding to 8 bits makes of the
order of sums. Needs ``onnx``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

HEADS = 12
OWN = "com.microsoft"  # onnxruntime's operators beside the standard's
EPSILON = 1e-12
Weights = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]  # of 8 bits, scale of each column, bias


class Plan:
    """The new graph's nodes and constants, made from what the old one holds."""

    def __init__(self, old: onnx.GraphProto) -> None:
        self.given = {tensor.name: numpy_helper.to_array(tensor) for tensor in old.initializer}
        self.products = {node.output[0]: node.input[1] for node in old.node if node.op_type == "MatMulInteger"}
        self.nodes: list[onnx.NodeProto] = []
        self.kept: dict[str, NDArray[Any]] = {}

    def keep(self, name: str, values: NDArray[Any]) -> str:
        self.kept[name] = values
        return name

    def step(self, kind: str, inputs: list[str], *outputs: str, own: bool = False, **settings: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=OWN if own else "", **settings))
        return outputs[0]

    def weights(self, path: str, bias: str) -> Weights:
        """Of the product that PyTorch's module at ``path`` was written down as. Raises KeyError for none."""
        name = self.products[f"{path}_output_quantized"].removesuffix("_quantized")
        if self.given[f"{name}_zero_point"].any():
            raise KeyError(f"{name} is not symmetric")
        return self.given[f"{name}_quantized"], self.given[f"{name}_scale"], self.given[bias]

    def module(self, layer: str, part: str) -> Weights:
        return self.weights(f"/{layer}/{part}/MatMul_output_0", f"{layer}.{part}.bias")

    def dense(self, x: str, weights: Weights, name: str, biased: bool = True) -> str:
        values, scale, bias = weights
        inputs = [x, self.keep(f"{name}.weight", values), self.keep(f"{name}.scale", scale)]
        return self.step(
            "DynamicQuantizeMatMul", inputs + (["", self.keep(f"{name}.bias", bias)] if biased else []), name, own=True
        )

    def norm(self, x: str, name: str) -> str:
        parts = [self.keep(f"{name}.{part}", self.given[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self.step("LayerNormalization", [x, *parts], f"{name}.out", axis=-1, epsilon=EPSILON)

    def embedded(self) -> str:
        one = self.keep("one", np.array(1, np.int64))
        self.step("Sub", [one, "own"], "other")
        for part, numbers in (("word", "ids"), ("kind", "other")):
            values, *rounding = (
                self.keep(f"{part}.{name}", self.given[f"{part}.weight_{name}"])
                for name in ("quantized", "scale", "zero_point")
            )
            self.step("Gather", [values, numbers], f"{part}.rows")
            self.step("DequantizeLinear", [f"{part}.rows", *rounding], part)
        self.step("Shape", ["ids"], "pieces", start=1, end=2)
        first = self.keep("first", np.array([0], np.int64))
        self.step("Slice", [self.keep("places", self.given["position"]), first, "pieces"], "place")
        self.step("Add", ["word", "place"], "placed")
        return self.norm(self.step("Add", ["placed", "kind"], "sum"), "norm")

    def layer(self, x: str, name: str, read: bool) -> str:
        """``read``: for the pieces alone that "rows" names, which look at all."""
        parts = [self.module(name, part) for part in ("query", "key", "value")]
        query, key, value = (f"{name}.{part}" for part in ("query", "key", "value"))
        if read:
            both = self.dense(x, joined(parts[1:]), f"{name}.both")
            self.step("Split", [both], key, value, axis=2)
            x = self.step("Gather", [x, "rows"], f"{name}.read", axis=1)
            self.dense(x, parts[0], query)
        else:
            self.step("Split", [self.dense(x, joined(parts), f"{name}.all")], query, key, value, axis=2)
        self.step("MultiHeadAttention", [query, key, value], f"{name}.seen", own=True, num_heads=HEADS)
        seen = self.dense(f"{name}.seen", self.module(name, "dense"), f"{name}.dense")
        x = self.norm(self.step("Add", [seen, x], f"{name}.sum1"), f"{name}.norm1")
        up = self.module(name, "up")
        wide = self.dense(x, up, f"{name}.up", biased=False)
        bent = self.step("FastGelu", [wide, self.keep(f"{name}.up.bias", up[2])], f"{name}.bent", own=True)
        down = self.dense(bent, self.module(name, "down"), f"{name}.down")
        return self.norm(self.step("Add", [down, x], f"{name}.sum2"), f"{name}.norm2")

    def put_back(self, x: str, some: str, name: str) -> str:
        """``x`` with ``some`` in the places that "rows" names."""
        places = self.step("Unsqueeze", ["rows", self.keep("second", np.array([1], np.int64))], f"{name}.places")
        flat = [self.step("Squeeze", [each, "first"], f"{each}.flat") for each in (x, some)]
        self.step("ScatterND", [flat[0], places, flat[1]], f"{name}.mixed")
        return self.step("Unsqueeze", [f"{name}.mixed", "first"], f"{name}.back")

    def head(self, x: str) -> None:
        self.step("Squeeze", [x, "first"], "read")
        self.step("MatMul", ["pool", "read"], "mean")
        self.step("Gather", ["read", "first"], "opening", axis=0)
        self.step("Shape", ["mean"], "sentences")
        self.step("Expand", ["opening", "sentences"], "openings")
        both = self.step("Concat", ["openings", "mean"], "both", axis=-1)
        hidden = self.dense(both, self.weights("/head/hidden/Gemm_output_0_MatMul", "head.hidden.bias"), "hidden")
        bent = self.step("Gelu", [hidden], "hidden.bent", own=True)
        self.dense(bent, self.weights("/head/out/Gemm_output_0_MatMul", "head.out.bias"), "scores")


def joined(parts: list[Weights]) -> Weights:
    """Products of the same input as one, side by side."""
    values, scales, biases = zip(*parts, strict=True)
    return np.concatenate(values, 1), np.concatenate(scales), np.concatenate(biases)


def compact(path: Path, lower: int) -> None:
    """Rewrites the graph that ``nlp.minilm.graph`` wrote to ``path``; its ``lower`` layers work every piece out."""
    old = onnx.load(str(path))
    plan = Plan(old.graph)
    layers = sorted({name.split(".query")[0] for name in plan.given if name.endswith(".query.bias")})
    x = plan.embedded()
    for name in layers[:lower]:
        x = plan.layer(x, name, read=False)
    for name in layers[lower:]:
        found = plan.layer(x, name, read=True)
        x = found if name == layers[-1] else plan.put_back(x, found, name)
    plan.head(x)
    given, told = list(old.graph.input), list(old.graph.output)
    kept = [numpy_helper.from_array(values, name) for name, values in plan.kept.items()]
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(OWN, 1)]
    graph = helper.make_graph(plan.nodes, "encoder", given, told, kept)
    onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=8), str(path))
