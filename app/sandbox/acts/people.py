"""People who come to the workspace, change, and go."""

from app.sandbox import ids, shapes
from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import User
from app.sandbox.world import World


def found(world: World) -> None:
    """Set up an empty workspace: its team, and the app's bot user."""
    team = world.workspace.team
    names = ("id", "name", "domain", "app_id", "bot_id", "bot_user", "bot_name")
    world.commit("workspace.set", "sandbox", {name: getattr(team, name) for name in names})
    data: JsonObject = {
        "id": team.bot_user,
        "name": team.bot_name,
        "real_name": team.bot_name.capitalize(),
        "tz": "UTC",
        "email": "",
        "updated": int(world.now().timestamp()),
        "is_bot": True,
    }
    world.commit("user.added", "sandbox", data)


def add(
    world: World,
    name: str,
    *,
    real_name: str = "",
    tz: str = "America/New_York",
    email: str = "",
    guest: str = "",
    team: str = "",
    is_admin: bool = False,
) -> User:
    """Add a person; those who are in #general and other public channels join by themselves."""
    id_ = world.workspace.next_id("U")
    data: JsonObject = {
        "id": id_,
        "name": name,
        "real_name": real_name or name.replace(".", " ").title(),
        "tz": tz,
        "email": email or f"{name}@sandbox.example",
        "updated": int(world.now().timestamp()),
    }
    if guest:
        data["guest"] = guest
    if team:
        data["team"] = team
    if is_admin:
        data["is_admin"] = True
    world.commit("user.added", "sandbox", data)
    person = world.workspace.users[id_]
    _tell(world, "team_join", person)
    return person


def change(world: World, person: User, what: JsonObject, actor: str = "sandbox") -> None:
    """Change a person's `real_name`, `tz`, `guest` or `deleted`; a deactivated person leaves every channel."""
    updated = int(world.now().timestamp())
    world.commit("user.changed", actor, {"id": person.id, "updated": updated} | what)
    if what.get("deleted") is True:
        for channel in list(world.workspace.memberships[person.id]):
            data: JsonObject = {"channel": channel, "user": person.id, "by": actor}
            if not world.workspace.channels[channel].is_dm:
                world.commit("member.left", actor, data)
    _tell(world, "user_change", person)


def _tell(world: World, type_: str, person: User) -> None:
    if world.wants(type_):
        now = world.now()
        about = shapes.user(world.workspace.team, person, now, email=world.shows_email)
        event: JsonObject = {"type": type_, "user": about}
        if type_ == "user_change":
            event["cache_ts"] = int(now.timestamp())
        world.emit(event | {"event_ts": ids.ts_text(int(now.timestamp() * 1_000_000))})
