"""The door: the only public process. It serves the patient API and the widget's files, and owns the journal."""
