"""Models: from pixels and a snapshot to a bundle, and from a bundle to an answer. No Flask, no database."""
