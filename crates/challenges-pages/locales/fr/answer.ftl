# The messages of the domain “answer”.
