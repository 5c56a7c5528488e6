"""What every provider that calls out over HTTP shares; it is no plugin and belongs to none of them."""
