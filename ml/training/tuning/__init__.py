"""Tuning: settings that are searched for, trial by trial, and a verdict that keeps them only where they are better."""
