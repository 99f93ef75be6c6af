"""Training: from a snapshot to a bundle, in steps that can be interrupted and resumed."""
