"""Sets, steps and reports that measure Marrow. It may import anything of the project; nothing imports it."""
