"""What messages and modals look like: plain functions from data to blocks."""
