"""Variants of a picture for an e-mail, pixels in and pixels out: `table` names them and makes any of them."""
