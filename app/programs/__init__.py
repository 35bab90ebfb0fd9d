"""Programs and their people: staff, roles, skills, quiet hours."""
