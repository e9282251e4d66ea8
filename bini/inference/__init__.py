"""From a product text and a claim to an assessment."""
