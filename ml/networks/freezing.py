"""Freezing: which layers stay as they are, and where a network can be cut in two behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def freeze_first(model: keras.Model, layers: int) -> keras.Model:
    """Make the first `layers` layers (the input counts as one, as in Keras) fixed and the others trainable."""
    if not 0 <= layers <= len(model.layers):
        raise ValueError(f"{model.name} has {len(model.layers)} layers: {layers} of them cannot be frozen")
    for position, layer in enumerate(model.layers):
        layer.trainable = position >= layers
    return model


def cut(model: keras.Model, frozen: int) -> tuple[keras.Model, keras.Model]:
    """The first `frozen` layers (at least the input) as one network, the layers behind them as another.

    Both share their layers with `model`: what trains the second part trains `model`. Raises ValueError where something
    passes by the border, as in the middle of a residual block.
    """
    from keras import Model, layers

    if not 1 <= frozen <= len(model.layers):
        raise ValueError(f"{model.name} has {len(model.layers)} layers: it cannot be cut behind layer {frozen}")
    if frozen not in (possible := borders(model)):
        below, above = max(place for place in possible if place < frozen), min(p for p in possible if p > frozen)
        raise ValueError(
            f"{model.name} cannot be cut behind layer {frozen}, inside a block: freeze {below} or {above} layers"
        )
    border = model.layers[frozen - 1].output
    first = Model(model.input, border, name=f"{model.name}_frozen")
    entrance = layers.Input(border.shape[1:], name="bottleneck")
    return first, Model(entrance, _behind(model, frozen, entrance), name=f"{model.name}_trained")


def borders(model: keras.Model) -> tuple[int, ...]:
    """Behind how many layers `model` can be cut: where all that comes later depends on that one layer's output."""
    position = {layer.name: place for place, layer in enumerate(model.layers)}
    last_use = list(range(len(model.layers)))
    for place, layer in enumerate(model.layers):
        for source in _sources(layer):
            last_use[position[source]] = max(last_use[position[source]], place)
    return tuple(behind + 1 for behind in range(len(model.layers)) if all(use <= behind for use in last_use[:behind]))


def _behind(model: keras.Model, frozen: int, entrance: keras.KerasTensor) -> keras.KerasTensor:
    """The output of the layers behind the first `frozen`, applied anew to `entrance`."""
    outputs = {model.layers[frozen - 1].name: entrance}
    for layer in model.layers[frozen:]:
        inputs = [outputs[source] for source in _sources(layer)]
        outputs[layer.name] = layer(inputs if len(inputs) > 1 else inputs[0])
    return outputs[model.layers[-1].name]


def _sources(layer: keras.Layer) -> list[str]:
    """The names of the layers whose outputs go into `layer`, by its first use."""
    import keras

    if isinstance(layer, keras.layers.InputLayer):
        return []
    inputs = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
    return [tensor._keras_history.operation.name for tensor in inputs]
