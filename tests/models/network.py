"""A small pre-norm Transformer in PyTorch and the way from its weights to a CTranslate2 folder.

Only the build script imports this; the tests and the product never need PyTorch.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from ctranslate2.specs import common_spec, transformer_spec
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 128
HEADS = 4
INNER = 384
LAYERS = 2
LONGEST = 192


def make_positions(count: int = LONGEST, width: int = WIDTH) -> Tensor:
    """The sinusoids ``[count, width]`` that CTranslate2 computes by itself: positions from 1, sines then cosines."""
    half = width // 2
    scales = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    angles = torch.arange(1, count + 1)[:, None] * scales[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Attention(nn.Module):
    """Multi-head attention ``[batch, time, WIDTH]`` over a memory of the same width."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None, *, is_causal: bool = False) -> Tensor:
        def split(y: Tensor) -> Tensor:
            return y.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)

        query, key, value = split(self.query(x)), split(self.key(memory)), split(self.value(memory))
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=is_causal)
        return self.out(mixed.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """A layer of the encoder, or of the decoder where ``has_memory``."""

    def __init__(self, *, has_memory: bool) -> None:
        super().__init__()
        self.self_norm, self.self_attention = nn.LayerNorm(WIDTH), Attention()
        self.has_memory = has_memory
        if has_memory:
            self.cross_norm, self.cross_attention = nn.LayerNorm(WIDTH), Attention()
        self.inner_norm, self.widen, self.narrow = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, x: Tensor, mask: Tensor, memory: Tensor | None = None) -> Tensor:
        h = self.self_norm(x)
        if memory is None:
            x = x + self.self_attention(h, h, mask)
        else:
            x = x + self.self_attention(h, h, is_causal=True)
            x = x + self.cross_attention(self.cross_norm(x), memory, mask)
        return x + self.narrow(functional.relu(self.widen(self.inner_norm(x))))


class Network(nn.Module):
    """Encoder and decoder over one vocabulary; one embedding serves both sides and the output."""

    positions: Tensor

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH)
        nn.init.normal_(self.embedding.weight, std=WIDTH**-0.5)
        self.encoder = nn.ModuleList(Layer(has_memory=False) for _ in range(LAYERS))
        self.decoder = nn.ModuleList(Layer(has_memory=True) for _ in range(LAYERS))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.register_buffer("positions", make_positions())

    def embed(self, ids: Tensor) -> Tensor:
        return self.embedding(ids) * math.sqrt(WIDTH) + self.positions[: ids.shape[1]]

    def forward(self, source: Tensor, is_token: Tensor, target: Tensor) -> Tensor:
        """Ids ``[batch, time]`` and the mask of the source's real tokens to logits ``[batch, time, vocabulary]``."""
        mask = is_token[:, None, None, :]
        x = self.embed(source)
        for layer in self.encoder:
            x = layer(x, mask)
        memory = self.encoder_norm(x)
        y = self.embed(target)
        for layer in self.decoder:
            y = layer(y, mask, memory)
        return functional.linear(self.decoder_norm(y), self.embedding.weight, self.bias)


def save_as_ctranslate2(
    network: Network, vocabulary: list[str], folder: Path, *, decoder_start: str | None = None
) -> None:
    """Write the weights as an int8 CTranslate2 model. The decoder starts with ``decoder_start``, or else ``<s>``."""
    spec = transformer_spec.TransformerSpec.from_config(
        (LAYERS, LAYERS), HEADS, pre_norm=True, activation=common_spec.Activation.RELU
    )
    # Copies everywhere: quantization works in place, and would spoil the network.
    table = network.embedding.weight.detach().numpy()
    spec.encoder.embeddings[0].weight = table.copy()
    spec.decoder.embeddings.weight = table.copy()
    spec.decoder.projection.weight = table.copy()
    spec.decoder.projection.bias = network.bias.detach().numpy().copy()
    _copy_norm(spec.encoder.layer_norm, network.encoder_norm)
    _copy_norm(spec.decoder.layer_norm, network.decoder_norm)
    for side, layers in ((spec.encoder, network.encoder), (spec.decoder, network.decoder)):
        for to, layer in zip(side.layer, layers, strict=True):
            own = layer.self_attention
            _copy_norm(to.self_attention.layer_norm, layer.self_norm)
            _copy_linear(to.self_attention.linear[0], own.query, own.key, own.value)
            _copy_linear(to.self_attention.linear[1], own.out)
            if layer.has_memory:
                cross = layer.cross_attention
                _copy_norm(to.attention.layer_norm, layer.cross_norm)
                _copy_linear(to.attention.linear[0], cross.query)
                _copy_linear(to.attention.linear[1], cross.key, cross.value)
                _copy_linear(to.attention.linear[2], cross.out)
            _copy_norm(to.ffn.layer_norm, layer.inner_norm)
            _copy_linear(to.ffn.linear_0, layer.widen)
            _copy_linear(to.ffn.linear_1, layer.narrow)
    if decoder_start is not None:
        spec.config.decoder_start_token = decoder_start
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def _copy_linear(to: common_spec.LinearSpec, *modules: nn.Linear) -> None:
    to.weight = torch.cat([module.weight for module in modules]).detach().numpy().copy()
    to.bias = torch.cat([module.bias for module in modules]).detach().numpy().copy()


def _copy_norm(to: common_spec.LayerNormSpec, module: nn.LayerNorm) -> None:
    to.gamma = module.weight.detach().numpy().copy()
    to.beta = module.bias.detach().numpy().copy()
