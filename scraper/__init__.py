"""Scrapers: from a shop's pages to a file of listings. No Flask, no models."""

__version__ = "0.1.0"
