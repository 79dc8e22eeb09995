"""Does each scale measure what it should?"""
