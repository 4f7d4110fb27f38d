"""The network that `bench.train_encoder` trains."""

import random

import numpy as np
import pytest

pytest.importorskip("torch", reason="training the encoder needs PyTorch")
pytest.importorskip("onnx", reason="training the encoder needs ONNX")

import torch

from bench import packed
from bench.encoder_net import Net, visible
from bench.graphs import Apart
from bench.lessons import Lesson
from bench.teaching import SHARE_OF_NEW, between
from kg.extract.tokens import Tokens

WIDTH, INNER = 8, 16
PIECES, PLACES, CLASSES, PROPERTIES, TAGS = 20, 40, 2, 2, 3


def test_a_layer_that_reads_its_largest_input_apart_is_the_same_layer():
    layer, x = torch.nn.Linear(5, 3), torch.tensor([[0.1, -0.2, 40.0, 0.3, 0.0]])
    assert torch.allclose(Apart(layer, 2)(x), layer(x), atol=1e-5)
    assert not torch.allclose(Apart(layer, 2).rest(x * Apart(layer, 2).kept), layer(x), atol=1e-5)


class Base:
    """A pretrained model laid out like the real one, with weights that say nothing."""

    def __init__(self):
        self.sizes = {"width": WIDTH, "inner": INNER, "heads": 2}

    def tensor(self, name, columns=0):
        rows = {"emb.word": PIECES, "emb.pos": PLACES, "emb.type": 1}.get(name, WIDTH)
        if ".fi." in name:
            rows = INNER
        return torch.randn(rows, columns) if columns else torch.randn(rows)


def lesson(size, spans, pairs):
    tokens = Tokens(tuple(range(3, 3 + size)), (0, 1, 2, 0, 0, 1, 1, 0)[:size], spans, 0, ())
    answers = np.zeros((2, len(pairs), PROPERTIES), dtype=np.float32)
    return Lesson(tokens, pairs, *answers, np.zeros(size, dtype=np.int64))


def test_a_passage_among_others_is_judged_as_it_is_alone(monkeypatch):
    batch = [
        lesson(5, ((0, 1), (2, 4)), ((0, 1, 0), (1, 0, 2))),
        lesson(8, (), ()),
        lesson(7, ((1, 2), (3, 4), (6, 7)), ((0, 2, 1), (1, 2, 0), (2, 0, 3))),
    ]
    shown = [(list(x.tokens.ids), list(x.tokens.classes)) for x in batch]
    monkeypatch.setattr(packed, "veiled", lambda x, *_: shown[batch.index(x)])
    torch.manual_seed(0)
    net = Net(Base(), range(PIECES), 2, CLASSES, PROPERTIES, TAGS).eval()
    with torch.no_grad():
        p = packed.Packed.of_lessons(batch, random.Random(0), PIECES)
        tokens = net.embedded(p.ids, p.classes).flatten(0, 1)
        whole = torch.cat([tokens, *net.markers(p.means @ tokens, p.pairs)])
        states = net.read(whole[p.taken], visible(p.of)).flatten(0, 1)
        together = net.pairs(p.ends @ states, p.pairs, (states[p.subjects], states[p.objects]))
        alone = [net(*map(torch.from_numpy, x.tokens.inputs(x.pairs).values()))[0] for x in batch]
    assert torch.allclose(together, torch.cat(alone), atol=1e-4)
    assert together.std() > 0


def test_what_goes_on_learning_is_averaged_with_what_it_was():
    before, after = {"a": torch.tensor([0.0, 2.0])}, {"a": torch.tensor([1.0, 2.0])}
    assert torch.allclose(between(before, after)["a"], torch.tensor([SHARE_OF_NEW, 2.0]))
