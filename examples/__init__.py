"""Examples that run, each writing its figure, and the model that one of them trains."""
