"""From labelled cases to an adapter, and from nothing to the embedded models."""
