"""Questions put to a person, with the moment until which an answer is wanted."""
