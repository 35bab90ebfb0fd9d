"""What the composer completes: commands with their hints, people, channels, emoji; and the shortcuts there are."""

from app.sandbox.jsontypes import JsonObject
from app.sandbox.page.emoji import EMOJI
from app.sandbox.page.viewer import Viewer
from app.sandbox.world import Settings


def of(viewer: Viewer, settings: Settings) -> JsonObject:
    """Everything that a person may complete or choose, as JSON for the script."""
    workspace = viewer.workspace
    here = [user for user in workspace.users.values() if not user.deleted]
    seen = [one for one in workspace.channels.values() if not one.is_dm and not one.archived and viewer.can_see(one)]
    return {
        "zone": str(viewer.zone),
        "bot": workspace.team.bot_user,
        "commands": [
            {"name": one.name, "hint": one.usage_hint, "about": one.description}
            for one in (settings.commands or {}).values()
        ],
        "people": [
            {"id": user.id, "name": user.name, "shown": user.real_name or user.name, "bot": user.is_bot}
            for user in here
        ],
        "channels": [{"id": channel.id, "name": channel.name} for channel in seen],
        "emoji": EMOJI,
        "shortcuts": [
            {"name": one.name, "kind": one.kind, "callback_id": one.callback_id, "about": one.description}
            for one in settings.shortcuts
        ],
    }
