"""The first message to a person: where they are, the first thing to do, and where help is; nothing of any case."""

from collections.abc import Mapping
from typing import Final

from app.checklists.vocabulary import Role
from app.notices.port import Message
from app.slack.verbs import main_command
from app.slack.views import case_forms, settings
from app.slack.views import payloads as p
from app.slack.views.blocks import DIGEST, HELP, START, Block, actions, button, context, form_button, safe, section

FREE: Final = "free"
SLA: Final = "sla"
_TASKS: Final = "Tasks wait with their deadlines, and you take what you can do. Begin with one that is free for you."
_WORDS: Final[Mapping[Role, str]] = {
    **dict.fromkeys(
        (Role.SURGEON, Role.CLINICIAN),
        "What waits for your word comes {digest}, and is answered where it stands; so are questions to you.",
    ),
    Role.LEAD: "You hear what is late and has nobody. Begin with a case: it gets a code and a channel, never a name.",
    Role.MANAGER: "The report says how deadlines are met, what was late, and why. Begin with the last seven days.",
    Role.ADMIN: "You set up who works here and when. Begin with Settings; on the server, with `caseboard doctor`.",
    Role.VA: _TASKS,
    Role.NAVIGATOR: f"{_TASKS} Yours are those that keep in touch.",
    Role.CODER: f"{_TASKS} Yours come after an operation: codes and their reasons.",
    Role.BILLER: f"{_TASKS} Yours come after an operation: claims, and what is denied.",
}
_FIRST: Final[Mapping[Role, Block]] = {
    Role.LEAD: form_button("Open a case", case_forms.OPEN, "c:0", label="Open a case", style="primary"),
    Role.MANAGER: button("Show the report", START, SLA, label="Show the report of deadlines", style="primary"),
    Role.ADMIN: form_button(
        "Settings", settings.SETTINGS, "p:0", label="Settings of the practice: open them", style="primary"
    ),
    **dict.fromkeys(
        (Role.SURGEON, Role.CLINICIAN),
        button("My digest", DIGEST, "digest", label="My digest: show it", style="primary"),
    ),
    **dict.fromkeys(
        (Role.VA, Role.NAVIGATOR, Role.CODER, Role.BILLER),
        button("Tasks free for me", START, FREE, label="Tasks free for me", style="primary"),
    ),
}


def welcome(payload: Mapping[str, object], _names: Mapping[str, str]) -> Message:
    """Three lines and their buttons."""
    told = p.Welcome.model_validate(payload)
    head = f"Welcome to Caseboard at {safe(told.program, 80)}, {safe(told.name, 80)}."
    digest = "when you ask for it" if told.digest is None else f"by direct message at {told.digest}"
    first = _WORDS[told.role].format(digest=digest)
    last = f"No patient data in Slack: a case is its code. Your desk is the Home tab; the rest: `{main_command()} help`"
    help_ = button("Help", HELP, "help", label="Help: how commands are written")
    row = actions(_FIRST[told.role], help_)
    return Message(f"{head}\n{first}\n{last}", [section(f"*{head}*\n{first}"), context(last), row])
