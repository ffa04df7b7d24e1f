"""The network of a Firefox Translations model in PyTorch, small, and the way from its weights to the model file.

A post-norm Transformer encoder, and a decoder whose layers are a simple recurrent unit (SSRU), attention to the encoder
and a feed-forward net. Only the build script imports this; the tests and the product never need PyTorch.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.models.firefox import marian

WIDTH = 128
HEADS = 4
INNER = 384
ENCODER_LAYERS = 2
DECODER_LAYERS = 2
LONGEST = 192
EPSILON = 1e-6


def make_positions(count: int = LONGEST, width: int = WIDTH) -> Tensor:
    """Marian's sinusoids ``[count, width]``: positions from 0, sines then cosines."""
    half = width // 2
    scales = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    angles = torch.arange(count)[:, None] * scales[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Affine(nn.Module):
    """``x W + b`` that can note the largest input it saw: the exported one is told, and clips there."""

    def __init__(self, inputs: int, outputs: int, *, has_bias: bool = True) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=has_bias)
        self.is_measuring = False
        self.largest = 0.0

    def forward(self, x: Tensor) -> Tensor:
        if self.is_measuring:
            self.largest = max(self.largest, float(x.detach().abs().max()))
        return self.linear(x)


class Attention(nn.Module):
    """Multi-head attention ``[batch, time, WIDTH]`` over a memory of the same width."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (Affine(WIDTH, WIDTH) for _ in range(4))
        self.norm = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        def split(y: Tensor) -> Tensor:
            return y.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)

        query, key, value = split(self.query(x)), split(self.key(memory)), split(self.value(memory))
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.norm(x + self.out(mixed.transpose(1, 2).flatten(2)))


class FeedForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.widen, self.narrow = Affine(WIDTH, INNER), Affine(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x + self.narrow(functional.relu(self.widen(x))))


class Recurrence(nn.Module):
    """``c_t = f_t c_{t-1} + (1 - f_t) W x_t`` with the gate ``f_t = sigmoid(V x_t + b)``; its ReLU is added to x."""

    def __init__(self) -> None:
        super().__init__()
        self.candidate, self.gate = Affine(WIDTH, WIDTH, has_bias=False), Affine(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        candidates, gates = self.candidate(x), self.gate(x).sigmoid()
        cell = torch.zeros_like(candidates[:, 0])
        cells = []
        for candidate, gate in zip(candidates.unbind(1), gates.unbind(1), strict=True):
            cell = gate * cell + (1 - gate) * candidate
            cells.append(cell)
        return self.norm(x + functional.relu(torch.stack(cells, 1)))


class EncoderLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.inner = Attention(), FeedForward()

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.inner(self.attention(x, x, mask))


class DecoderLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.recurrence, self.attention, self.inner = Recurrence(), Attention(), FeedForward()

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        return self.inner(self.attention(self.recurrence(x), memory, mask))


class Network(nn.Module):
    """Encoder and decoder over one vocabulary; one embedding serves both sides and the output."""

    positions: Tensor

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH)
        nn.init.normal_(self.embedding.weight, std=WIDTH**-0.5)
        self.encoder = nn.ModuleList(EncoderLayer() for _ in range(ENCODER_LAYERS))
        self.decoder = nn.ModuleList(DecoderLayer() for _ in range(DECODER_LAYERS))
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.is_measuring = False
        self.largest = 0.0
        self.register_buffer("positions", make_positions())

    def embed(self, ids: Tensor) -> Tensor:
        return self.embedding(ids) * math.sqrt(WIDTH) + self.positions[: ids.shape[1]]

    def forward(self, source: Tensor, is_token: Tensor, target: Tensor) -> Tensor:
        """Ids ``[batch, time]`` and the mask of the source's real tokens to logits ``[batch, time, vocabulary]``.

        Nothing stands before the first target token: as in Marian, the first step gets a position and no embedding.
        ``target`` has the tokens from there on, so that the logits are one step longer.
        """
        mask = is_token[:, None, None, :]
        x = self.embed(source)
        for layer in self.encoder:
            x = layer(x, mask)
        tokens = self.embedding(target) * math.sqrt(WIDTH)
        y = functional.pad(tokens, (0, 0, 1, 0)) + self.positions[: target.shape[1] + 1]
        for layer in self.decoder:
            y = layer(y, x, mask)
        if self.is_measuring:
            self.largest = max(self.largest, float(y.detach().abs().max()))
        return functional.linear(y, self.embedding.weight, self.bias)

    def measure(self, *, is_on: bool) -> None:
        """Start or stop noting the largest inputs of every matrix product."""
        for module in self.modules():
            if isinstance(module, Affine | Network):
                module.is_measuring = is_on


def dump_as_marian(network: Network) -> bytes:
    """The model file. The network must have seen sentences while it was measuring."""
    vocabulary = network.embedding.num_embeddings
    items = [
        marian.make_config(
            f"bert-train-type-embeddings: true\ndec-cell: ssru\ndec-depth: {DECODER_LAYERS}\ndim-emb: {WIDTH}\n"
            f"dim-vocabs:\n  - {vocabulary}\n  - {vocabulary}\nenc-depth: {ENCODER_LAYERS}\ntied-embeddings-all: true\n"
            f"transformer-decoder-autoreg: rnn\ntransformer-dim-ffn: {INNER}\ntransformer-ffn-activation: relu\n"
            f"transformer-ffn-depth: 2\ntransformer-heads: {HEADS}\ntransformer-postprocess: dan\ntype: transformer\n"
        ),
        marian.make_int8("Wemb", (vocabulary, WIDTH), network.embedding.weight.tolist()),
        marian.make_floats("none_QuantMultA", [127 / network.largest]),
        marian.make_floats("decoder_ff_logit_out_b", network.bias.tolist()),
    ]
    for number, layer in enumerate(network.encoder, 1):
        prefix = f"encoder_l{number}"
        items += _dump_attention(f"{prefix}_self", layer.attention)
        items += _dump_feed_forward(f"{prefix}_ffn", layer.inner)
    for number, layer in enumerate(network.decoder, 1):
        prefix = f"decoder_l{number}"
        items += _dump_affine(f"{prefix}_rnn_W", None, layer.recurrence.candidate)
        items += _dump_affine(f"{prefix}_rnn_Wf", f"{prefix}_rnn_bf", layer.recurrence.gate)
        items += _dump_norm(f"{prefix}_rnn_ffn", layer.recurrence.norm)
        items += _dump_attention(f"{prefix}_context", layer.attention)
        items += _dump_feed_forward(f"{prefix}_ffn", layer.inner)
    return marian.dump(sorted(items, key=lambda item: item.name))


def _dump_attention(prefix: str, attention: Attention) -> list[marian.Item]:
    parts = {"q": attention.query, "k": attention.key, "v": attention.value, "o": attention.out}
    items = [item for key, part in parts.items() for item in _dump_affine(f"{prefix}_W{key}", f"{prefix}_b{key}", part)]
    return items + _dump_norm(f"{prefix}_Wo", attention.norm)


def _dump_feed_forward(prefix: str, inner: FeedForward) -> list[marian.Item]:
    return [
        *_dump_affine(f"{prefix}_W1", f"{prefix}_b1", inner.widen),
        *_dump_affine(f"{prefix}_W2", f"{prefix}_b2", inner.narrow),
        *_dump_norm(f"{prefix}_ffn", inner.norm),
    ]


def _dump_affine(name: str, bias: str | None, affine: Affine) -> list[marian.Item]:
    outputs, inputs = affine.linear.weight.shape
    items = [
        marian.make_int8(name, (inputs, outputs), affine.linear.weight.tolist()),
        marian.make_floats(f"{name}_QuantMultA", [127 / affine.largest]),
    ]
    return items if bias is None else [*items, marian.make_floats(bias, affine.linear.bias.tolist())]


def _dump_norm(prefix: str, norm: nn.LayerNorm) -> list[marian.Item]:
    return [
        marian.make_floats(f"{prefix}_ln_scale", norm.weight.tolist()),
        marian.make_floats(f"{prefix}_ln_bias", norm.bias.tolist()),
    ]
