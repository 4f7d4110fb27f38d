"""The network as a file: written as an ONNX graph with weights of eight bits, and read from one."""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from bench.encoder_net import Net
from bench.lessons import Lesson

# What the quantizer, the exporter and `Apart` add to a weight's name.
_PACKED, _SCALE, _ZERO, _TURNED = "_quantized", "_scale", "_zero_point", "_Transposed"
_REST, _APART = ".rest", (".kept", ".largest")


class Apart(nn.Module):
    """A linear layer that reads the largest of its inputs apart, with all its bits.

    A few inputs of a transformer are many times larger than the others. Where all are rounded to
    eight bits by the largest, little is left of these (Dettmers and others, 2022,
    https://arxiv.org/abs/2208.07339).
    """

    def __init__(self, rest: nn.Linear, largest: int) -> None:
        super().__init__()
        self.rest, self.at = rest, largest
        kept = torch.ones(rest.in_features)
        kept[largest] = 0.0
        self.kept = nn.Parameter(kept)
        self.largest = nn.Parameter(rest.weight.data[:, largest].clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the layer's outputs."""
        out: torch.Tensor = self.rest(x * self.kept)
        return out + x[..., self.at : self.at + 1] * self.largest


def _inputs(lesson: Lesson) -> dict[str, torch.Tensor]:
    arrays = lesson.tokens.inputs(lesson.pairs)
    return {name: torch.from_numpy(x) for name, x in arrays.items()}


def largest_inputs(net: Net, lessons: Sequence[Lesson]) -> list[int]:
    """Return which input of each layer's last half becomes largest while lessons are read."""
    largest = [torch.zeros(layer.fo.in_features) for layer in net.layers]

    def watch(number: int) -> torch.utils.hooks.RemovableHandle:
        def see(_module: nn.Module, inputs: tuple[torch.Tensor], _output: torch.Tensor) -> None:
            seen = inputs[0].abs().flatten(0, -2).amax(0)
            largest[number] = torch.maximum(largest[number], seen)

        return net.layers[number].fo.register_forward_hook(see)

    watching = [watch(number) for number in range(len(net.layers))]
    with torch.no_grad():
        for lesson in lessons:
            net(*_inputs(lesson).values())
    for handle in watching:
        handle.remove()
    return [int(x.argmax()) for x in largest]


def export(net: Net, lessons: Sequence[Lesson], path: Path) -> None:
    """Write the network; lessons show what its inputs are like."""
    written = copy.deepcopy(net)
    for layer, largest in zip(written.layers, largest_inputs(net, lessons), strict=True):
        layer.fo = Apart(layer.fo, largest)
    inputs = _inputs(lessons[0])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # That the exporter is the older one, and that what is traced is traced.
        warnings.simplefilter("ignore")
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            written,
            tuple(inputs.values()),
            whole,
            input_names=list(inputs),
            output_names=["odds", "tags"],
            dynamic_axes={
                "ids": {0: "tokens"},
                "classes": {0: "tokens"},
                "means": {0: "ends", 1: "tokens"},
                "pairs": {0: "pairs"},
                "odds": {0: "pairs"},
                "tags": {0: "tokens"},
            },
            opset_version=17,
            dynamo=False,
        )
        # Seven bits are what machines without eight-bit instructions multiply exactly.
        quantize_dynamic(
            whole, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )


def weights(path: Path) -> dict[str, torch.Tensor]:
    """Return the weights of a network that `export` wrote, by their names in it."""
    stored: dict[str, npt.NDArray[np.float32]] = {
        x.name: onnx.numpy_helper.to_array(x) for x in onnx.load(path).graph.initializer
    }
    plain = {n: x for n, x in stored.items() if not n.endswith((_PACKED, _SCALE, _ZERO, *_APART))}
    for name in (n.removesuffix(_PACKED) for n in stored if n.endswith(_PACKED)):
        zero = stored[name + _ZERO].astype(np.float32)
        values = (stored[name + _PACKED].astype(np.float32) - zero) * stored[name + _SCALE]
        plain[name.removesuffix(_TURNED)] = values.T if name.endswith(_TURNED) else values
    return {n.replace(_REST, ""): torch.tensor(x.copy()) for n, x in plain.items()}
