"""The desk: staff read conversations, take them over and answer. Served by the door's process under /desk."""
