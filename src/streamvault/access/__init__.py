"""Who may see what: signed link tokens, the URLs that carry them, and the signed cookies that tell users apart."""
