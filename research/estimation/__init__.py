"""Parameter table and moments to a fit."""
