"""XGBoost, loaded when it is needed."""

from __future__ import annotations

import sys
from types import ModuleType


def load_xgboost() -> ModuleType:
    """The module `xgboost`, without scikit-learn.

    XGBoost imports scikit-learn wherever it finds it, for classes that are not used here: five seconds and 50 MB in an
    environment for development, and an environment that differs from the web image. While it is imported for the first
    time, scikit-learn counts as missing, unless someone has imported it before.
    """
    hidden = not {"xgboost", "sklearn"} & sys.modules.keys()
    if hidden:
        sys.modules["sklearn"] = None  # type: ignore[assignment]
    try:
        import xgboost
    finally:
        if hidden:
            del sys.modules["sklearn"]
    module: ModuleType = xgboost
    return module
