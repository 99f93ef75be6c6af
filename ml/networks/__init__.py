"""Networks: Keras graphs and how each is preprocessed, frozen and read."""
