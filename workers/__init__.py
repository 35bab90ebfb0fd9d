"""The queue, its actors, and the scheduler: what runs without anybody asking."""
