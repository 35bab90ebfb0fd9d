"""What things cost, beside a floor taken in the same run."""
