"""The encoder as an ONNX graph against the same encoder in PyTorch, with weights drawn at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="precedent[train] is not installed")
onnx = pytest.importorskip("onnx", reason="precedent[train] is not installed")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch, about its own exporter
WORDS, PLACES = 60, 20


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, Path]:
    from nlp import minilm

    torch.manual_seed(5)
    width = minilm.WIDTH
    shapes = {"word": (WORDS, width), "token_type": (2, width), "position": (512, width)}
    stored = {f"embeddings.{name}_embeddings.weight": torch.randn(shape) for name, shape in shapes.items()}
    norms = {f"embeddings.LayerNorm.{part}": torch.rand(width) for part in ("weight", "bias")}
    for number in range(minilm.LAYERS):
        for mine, theirs in minilm.NAMES.items():
            rows, columns = {"up": (4 * width, width), "down": (width, 4 * width)}.get(mine, (width, width))
            shape = (width,) if mine.startswith("norm") else (rows, columns)
            place = f"encoder.layer.{number}.{theirs}"
            norms |= {f"{place}.weight": torch.rand(shape) / 20, f"{place}.bias": torch.rand(rows) / 20}
    stored |= norms
    upper = torch.nn.ModuleList([minilm.Layer(stored, 4), minilm.Layer(stored, 5)])
    model = minilm.Whole(stored, upper, minilm.Head(7), PLACES)
    path = tmp_path_factory.mktemp("model") / "encoder.onnx"
    minilm.graph(model, path)
    return model, path


@pytest.mark.parametrize(("pieces", "spans"), [(20, [(3, 6), (6, 11)]), (9, [(1, 9)]), (4, [(2, 3), (3, 4)])])
def test_the_graph_gives_the_scores_of_the_model(
    exported: tuple[object, Path], pieces: int, spans: list[tuple[int, int]]
) -> None:
    from nlp.encoder import Encoder, given
    from nlp.windows import Pieces

    model, path = exported
    encoder = Encoder(path.read_bytes(), ["[UNK]", "[CLS]", "[SEP]"])
    inputs = given(Pieces(np.random.default_rng(pieces).integers(0, WORDS, pieces).tolist(), spans))
    got = encoder.session.run(["scores"], inputs)[0]
    with torch.no_grad():
        wanted = model(*map(torch.from_numpy, inputs.values())).numpy()  # type: ignore[operator]
    assert got.shape == (len(spans), 7)
    assert np.abs(got - wanted).max() < 0.1 * np.abs(wanted).max()


def test_a_layer_is_nine_steps_and_the_upper_ones_put_back_what_they_read(exported: tuple[object, Path]) -> None:
    _, path = exported
    steps = [node.op_type for node in onnx.load(str(path)).graph.node]
    assert steps.count("MultiHeadAttention") == 6
    assert steps.count("ScatterND") == 1  # the last layer's are read as they are


def test_pieces_that_are_not_read_stay_as_the_lower_layers_left_them(exported: tuple[object, Path]) -> None:
    from nlp.minilm import WIDTH, upward

    model, _ = exported
    x = torch.randn(2, 5, WIDTH)
    read = torch.tensor([[True, False, True, True, False], [True, True, False, False, False]]).unsqueeze(2)
    with torch.no_grad():
        y = upward(model.layers[-2:], x, None, read)  # type: ignore[attr-defined]
    assert torch.equal(torch.where(read, x, y), x)
    assert not torch.isclose(y, x).all(2)[read.squeeze(2)].any()
