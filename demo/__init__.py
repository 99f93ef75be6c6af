"""The demo world: a sneaker renderer, a shop that serves its shoes, and sample phone photos."""
