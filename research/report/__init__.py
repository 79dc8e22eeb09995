"""Frames to tables, figures and documents."""
