"""The checks of `caseboard doctor`, a file for each part of an installation."""
