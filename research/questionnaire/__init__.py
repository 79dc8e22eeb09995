"""What is asked, and what is hypothesised."""
