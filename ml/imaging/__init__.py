"""Imaging: pixels in, pixels out, nothing learned."""
