"""Do the hypotheses hold?"""
