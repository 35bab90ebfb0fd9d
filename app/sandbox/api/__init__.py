"""The Web API: one function per method, by family. `dispatch.answer` is the way in."""
