"""Understanding: Rasa graph components and the pure code under them."""
