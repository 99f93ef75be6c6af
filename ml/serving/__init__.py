"""Serving: a published bundle, its runtime, and the path from a photo to an answer. Never imports training."""
