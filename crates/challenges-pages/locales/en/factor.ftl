# The messages of the domain “factor”.
