"""Answers: reading, screening, moments."""
