"""Servers of machine translation for development and tests: strict about what they are asked, faulty on demand."""
