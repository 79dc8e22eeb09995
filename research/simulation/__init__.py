"""Answers drawn from the population that a questionnaire declares."""
