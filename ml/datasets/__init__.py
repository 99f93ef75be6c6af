"""Training data: frozen snapshots, importers, and splits that keep a product's pictures together."""
