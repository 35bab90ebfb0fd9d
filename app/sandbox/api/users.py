"""users.info, users.list, users.lookupByEmail, users.conversations."""

from app.sandbox import shapes
from app.sandbox.acts import channels
from app.sandbox.api.registry import Call, method
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject, as_objects
from app.sandbox.model import Channel, ChannelKind, User

KINDS: dict[str, ChannelKind] = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def _shape(call: Call, person: User) -> JsonObject:
    return shapes.user(call.workspace.team, person, call.world.now(), email=call.world.shows_email)


@method("users.info")
def users_info(call: Call) -> JsonObject:
    """One user."""
    return {"user": _shape(call, call.user(call.args.text("user")))}


@method("users.list")
def users_list(call: Call) -> JsonObject:
    """All users, by pages."""
    people = list(call.workspace.users.values())
    page, cursor = call.args.page(people, call.args.limit(1000, 1000))
    return {
        "members": [_shape(call, person) for person in page],
        "cache_ts": int(call.world.now().timestamp()),
        "response_metadata": {"next_cursor": cursor},
    }


@method("users.lookupByEmail")
def users_lookup_by_email(call: Call) -> JsonObject:
    """The user of an address; deactivated ones are not found."""
    person = call.workspace.users.get(call.workspace.emails.get(call.args.text("email").lower(), ""))
    if person is None or person.deleted:
        raise SlackError("users_not_found")
    return {"user": _shape(call, person)}


def kinds(call: Call) -> set[ChannelKind]:
    """The channel kinds that a listing asks for.

    Raises:
        SlackError: invalid_types, missing_scope.
    """
    asked = call.args.ids("types") or ["public_channel"]
    if not set(asked) <= set(KINDS):
        raise SlackError("invalid_types")
    for name in asked:
        call.require_scope(KINDS[name])
    return {KINDS[name] for name in asked}


def listing(call: Call, of: list[Channel]) -> JsonObject:
    """A page of channels."""
    wanted = kinds(call)
    skip_archived = call.args.flag("exclude_archived")
    shown = [one for one in of if one.kind in wanted and not (skip_archived and one.archived)]
    page, cursor = call.args.page(shown, call.args.limit(100, 1000))
    return {
        "channels": [channels.shape(call.world, one, call.bot) for one in page],
        "response_metadata": {"next_cursor": cursor},
    }


@method("users.conversations")
def users_conversations(call: Call) -> JsonObject:
    """The conversations that a user is in, as far as the app may know of them."""
    whose = call.args.text("user", call.bot)
    of = [call.workspace.channels[id_] for id_ in call.workspace.memberships.get(whose, {})]
    answer = listing(call, [one for one in of if not one.is_private or call.bot in one.members])
    for channel in as_objects(answer["channels"]):
        channel.pop("is_member", None)
    return answer
