"""Cases, their key dates and components, and the sealed patient record."""
