"""Modals that people send or close, and what the app answers: errors, update, push, clear."""

from app.sandbox.acts import views
from app.sandbox.api.views import check
from app.sandbox.blocks import values
from app.sandbox.errors import SlackError
from app.sandbox.inbound import payloads
from app.sandbox.inbound.deliverer import Ack, Deliverer
from app.sandbox.inbound.interactions import Outcome
from app.sandbox.jsontypes import JsonObject, as_object, as_objects, as_text
from app.sandbox.model import User, View
from app.sandbox.world import World

TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack shows in a modal whose submission was not acknowledged."""


async def submit(world: World, deliverer: Deliverer, user: User, view: View, given: JsonObject) -> Outcome:
    """Send a modal with the values given to its inputs.

    Required inputs left empty stop it before the app hears of it, as in Slack.
    """
    blocks = as_objects(view.shape.get("blocks"))
    state = values.state(blocks, given)
    lacking = values.missing(blocks, state)
    if lacking:
        view.errors = lacking
        return Outcome(Ack(), errors=dict(lacking))
    trigger = world.triggers.issue(user.id, from_modal=True)
    payload = payloads.interaction(world, "view_submission", user) | {
        "trigger_id": trigger.id,
        "view": payloads.of_view(view, state),
        "response_urls": [],
    }
    ack = await deliverer.send("interactive", payload)
    if ack.error:
        view.errors = {"": TROUBLE}
        return Outcome(ack, text=TROUBLE, views=list(trigger.opened))
    outcome = Outcome(ack, views=list(trigger.opened))
    outcome.errors = _respond(world, view, ack.body)
    world.ledger.flush()
    return outcome


def _respond(world: World, view: View, body: JsonObject) -> JsonObject:
    """Do what the answer says. Returns the errors to show; the view may be gone already."""
    action = as_text(body.get("response_action"))
    if view.id not in world.workspace.views:
        return {}
    if action == "errors":
        errors = as_object(body.get("errors"))
        known = {as_text(block.get("block_id")) for block in as_objects(view.shape.get("blocks"))}
        # Errors for blocks that are not there make Slack show its own words instead.
        view.errors = {key: as_text(words) for key, words in errors.items() if key in known} or {"": TROUBLE}
        return dict(view.errors)
    if action in ("update", "push"):
        given = as_object(body.get("view"))
        try:
            check(given, ("modal",))
        except SlackError as error:
            view.errors = {"": f"{TROUBLE} ({error.code}: {'; '.join(error.messages)})"}
            return dict(view.errors)
        if action == "update":
            views.replace(world, view, given)
        else:
            views.show(world, view.user, given, push=True)
        return {}
    if action == "clear":
        views.close_all(world, view.user)
        return {}
    views.close(world, view)
    return {}


async def close(world: World, deliverer: Deliverer, user: User, view: View, *, clear: bool = False) -> Outcome:
    """Close a modal; the app hears of it when it asked to. `clear` closes those under it too."""
    if clear or view.shape.get("clear_on_close") is True:
        views.close_all(world, user.id)
    else:
        views.close(world, view)
    world.ledger.flush()
    if view.shape.get("notify_on_close") is not True:
        return Outcome(Ack())
    payload = payloads.interaction(world, "view_closed", user) | {
        "view": payloads.of_view(view),
        "is_cleared": clear,
    }
    return Outcome(await deliverer.send("interactive", payload))
