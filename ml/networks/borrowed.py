"""Networks of keras.applications, with batch normalisation that learns as quickly as our own.

Keras' layer works in several passes and MobileNetV2's follows its batches over thousands of steps (momentum 0.999),
which fine-tuning does not last. The fused layer takes its place, with the same name, weights and output in inference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ml.networks.normalisation import build_normalisation

if TYPE_CHECKING:
    import keras


def with_fused_normalisation(model: keras.Model) -> keras.Model:
    """The same network and weights with our normalisation in the place of Keras'."""
    import keras

    def twin(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.layers.BatchNormalization):
            return build_normalisation(layer.name, epsilon=layer.epsilon)
        return layer.__class__.from_config(layer.get_config())

    def applied(layer: keras.Layer, *inputs: Any, mask: Any = None, **options: Any) -> Any:
        return layer(*inputs, **options)  # Keras' normalisation takes a mask, ours does not

    copy = keras.models.clone_model(model, clone_function=twin, call_function=applied)
    copy.set_weights(model.get_weights())
    return copy
