"""ONNX Runtime, loaded when it is needed and told to keep to itself."""

from __future__ import annotations

import os
from types import ModuleType


def load_engine() -> ModuleType:
    """The module `onnxruntime`, which reports nothing to its makers.

    Since 1.29 its official wheels send telemetry and keep a device id in the home folder, from the moment of the import
    on. It can be refused only by this variable, before it.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    module: ModuleType = onnxruntime
    return module
