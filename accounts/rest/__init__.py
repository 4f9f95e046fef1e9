"""What all addresses of the API have in common: who asks, how often, in which words it is refused, and registers."""
