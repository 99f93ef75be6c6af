"""Pictures as arrays: products with augments, their embeddings, and a recogniser that is nearly always right."""

from __future__ import annotations

import numpy as np

from ml.conversions.contexts import RECOGNISED_AUGMENTS
from ml.conversions.rows import Pictures


def drawn_pictures(
    products: int, *, dimensions: int = 32, seed: int = 0, world: int = 0, right: float = 0.995
) -> Pictures:
    """Six augments of each product. Few directions hold most of the variance, as in embeddings of networks.

    `world` draws how augments move embeddings, `seed` the products: two seeds of one world are shoes of one network.
    """
    random = np.random.default_rng(seed)
    augments = len(RECOGNISED_AUGMENTS)
    spectrum = 1 / np.arange(1, dimensions + 1)
    shoes = np.repeat(random.normal(0, 1, (products, dimensions)), augments, axis=0)
    changes = np.tile(np.random.default_rng(world + 1).normal(0, 0.5, (augments, dimensions)), (products, 1))
    noise = random.normal(0, 0.15, shoes.shape)
    embeddings = (shoes + changes + noise) * spectrum + 0.3
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    codes = np.tile(np.arange(augments), products)
    named = np.where(random.random(len(codes)) < right, codes, random.integers(0, augments, len(codes)))
    probabilities = 10 ** random.uniform(-5, -1.5, (len(codes), augments))
    probabilities[np.arange(len(codes)), named] = random.uniform(0.5, 0.99, len(codes))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    names = np.array(RECOGNISED_AUGMENTS)[codes]
    groups = np.repeat([f"product-{seed}-{number}" for number in range(products)], augments)
    ids = np.char.add(np.char.add(groups, ":"), names)
    return Pictures(ids, groups, names, embeddings.astype(np.float32), probabilities.astype(np.float32))
