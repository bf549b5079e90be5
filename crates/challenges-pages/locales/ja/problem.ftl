# The messages of the domain “problem”.
