"""Conversions: campaign rows, simulators, a calibrated model for each target, and which picture to send."""
