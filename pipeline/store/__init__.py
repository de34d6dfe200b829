"""Records to files and back: atomic writes, fingerprints, manifests, and the run's folder."""
