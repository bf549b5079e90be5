# The messages of the domain “layout”.
