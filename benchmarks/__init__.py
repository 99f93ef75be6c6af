"""What `make bench` measures: ours beside the plain way, in the same run, as ratios."""
