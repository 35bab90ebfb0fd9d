"""A person's home tab: who looks at one, what it shows, and what it was drawn from."""
