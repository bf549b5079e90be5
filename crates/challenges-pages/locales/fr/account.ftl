# The messages of the domain “account”.
