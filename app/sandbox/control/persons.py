"""Verbs for people: who they are, and what they do to the app."""

from app.sandbox.acts import channels, people
from app.sandbox.control.verbs import Ask, verb
from app.sandbox.errors import RefusedError
from app.sandbox.inbound import submissions
from app.sandbox.jsontypes import JsonObject, as_object
from app.sandbox.model import User, View


def about(user: User) -> JsonObject:
    """A person, as the control API shows them."""
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "tz": user.tz,
        "email": user.email,
        "deleted": user.deleted,
        "guest": user.guest,
        "is_bot": user.is_bot,
    }


@verb("person.add")
async def person_add(ask: Ask) -> JsonObject:
    """Add a person; one of that name who is there already is taken as they are."""
    name = ask.text("name")
    known = ask.world.workspace.user_names.get(name)
    if known is not None:
        return about(ask.world.workspace.users[known])
    if not name or name != name.strip().lower() or " " in name:
        raise RefusedError(f"A person's name is one word in small letters, such as ana or ana.diaz, not {name!r}.")
    _guest(ask)
    added = people.add(
        ask.world,
        name,
        real_name=ask.text("real_name"),
        tz=ask.text("tz", "America/New_York"),
        email=ask.text("email"),
        guest=ask.text("guest"),
        team=ask.text("team"),
        is_admin=ask.flag("is_admin"),
    )
    if ask.flag("deleted"):
        people.change(ask.world, added, {"deleted": True})
    return about(added)


def _guest(ask: Ask) -> None:
    if ask.text("guest") not in ("", "multi", "single"):
        raise RefusedError('A guest is "multi" or "single".')


@verb("person.list")
async def person_list(ask: Ask) -> JsonObject:
    """Everybody, the app's bot user too."""
    return {"people": [about(user) for user in ask.world.workspace.users.values()]}


@verb("person.change")
async def person_change(ask: Ask) -> JsonObject:
    """Change a person's real name, zone, whether they are a guest, or are deactivated."""
    user = ask.user()
    _guest(ask)
    what: JsonObject = {key: ask.body[key] for key in ("real_name", "tz", "guest", "deleted") if key in ask.body}
    people.change(ask.world, user, what)
    return about(user)


@verb("command")
async def command(ask: Ask) -> JsonObject:
    """Run a slash command in a channel."""
    user = ask.acting()
    outcome = await ask.interactions.command(user, ask.seen_channel(user), ask.text("text"), ask.gather())
    return outcome.as_json()


@verb("click")
async def click(ask: Ask) -> JsonObject:
    """Press a button, or choose in a select, of a message."""
    user = ask.acting()
    outcome = await ask.interactions.click(
        user,
        ask.seen_channel(user),
        ask.text("ts"),
        ask.text("action_id"),
        ask.body.get("value"),
        ask.text("block_id"),
        ask.gather(),
        as_object(ask.body.get("values")),
    )
    return outcome.as_json()


@verb("view.click")
async def view_click(ask: Ask) -> JsonObject:
    """Press a button in a modal, or on the home tab."""
    user = ask.acting()
    outcome = await ask.interactions.click_in_view(
        user,
        ask.view(user),
        ask.text("action_id"),
        ask.body.get("value"),
        ask.text("block_id"),
        as_object(ask.body.get("values")),
    )
    return outcome.as_json()


@verb("view.submit")
async def view_submit(ask: Ask) -> JsonObject:
    """Send a modal."""
    user = ask.acting()
    values = as_object(ask.body.get("values"))
    return (await submissions.submit(ask.world, ask.deliverer, user, ask.view(user), values)).as_json()


@verb("view.close")
async def view_close(ask: Ask) -> JsonObject:
    """Close a modal, or all of them with `clear`."""
    user = ask.acting()
    view = ask.view(user)
    return (await submissions.close(ask.world, ask.deliverer, user, view, clear=ask.flag("clear"))).as_json()


def view_json(view: View) -> JsonObject:
    """A view, with the errors it shows."""
    return view.shape | {"errors": dict(view.errors)}


@verb("view.list")
async def view_list(ask: Ask) -> JsonObject:
    """The modals that a person has open, the topmost last."""
    workspace = ask.world.workspace
    return {"views": [view_json(workspace.views[id_]) for id_ in workspace.modals[ask.user().id]]}


@verb("home.open")
async def home_open(ask: Ask) -> JsonObject:
    """Look at the app's home tab."""
    ask.interactions.open_home(ask.acting())
    return {}


@verb("home.get")
async def home_get(ask: Ask) -> JsonObject:
    """What a person's home tab shows; null when the app published none."""
    id_ = ask.world.workspace.homes.get(ask.user().id)
    return {"view": ask.world.workspace.views[id_].shape if id_ is not None else None}


@verb("shortcut")
async def shortcut(ask: Ask) -> JsonObject:
    """Use a global shortcut, or one on a message when `channel` and `ts` are given."""
    user = ask.acting()
    if ask.text("ts"):
        channel = ask.seen_channel(user)
        outcome = await ask.interactions.message_shortcut(
            user, channel, ask.text("ts"), ask.text("callback_id"), ask.gather()
        )
    else:
        outcome = await ask.interactions.shortcut(user, ask.text("callback_id"))
    return outcome.as_json()


@verb("dm.open")
async def dm_open(ask: Ask) -> JsonObject:
    """The direct message of a person with the app, or with another person."""
    user = ask.acting()
    other = ask.user("other").id if ask.text("other") else ask.world.workspace.team.bot_user
    return {"channel": channels.direct(ask.world, [other, user.id]).id}
