"""Import of cases from another system's export: reading a table, reading its mapping, opening cases."""
