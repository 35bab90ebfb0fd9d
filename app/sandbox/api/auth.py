"""auth.test, api.test, apps.connections.open, team.info, bots.info."""

from app.sandbox import ids
from app.sandbox.api.registry import Call, method
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject


@method("auth.test")
def auth_test(call: Call) -> JsonObject:
    """Who the app is."""
    team = call.workspace.team
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": team.bot_name,
        "team_id": team.id,
        "user_id": team.bot_user,
        "bot_id": team.bot_id,
        "is_enterprise_install": False,
    }


@method("api.test")
def api_test(call: Call) -> JsonObject:
    """Answers, or fails with the error asked for."""
    asked = call.args.text("error")
    if asked:
        raise SlackError(asked, args={"error": asked})
    return {"args": {}}


@method("apps.connections.open")
def apps_connections_open(call: Call) -> JsonObject:
    """Where to connect for Socket Mode."""
    base = call.world.base_url.replace("http://", "ws://", 1)
    ticket = ids.random_id("", 24).lower()
    call.world.tickets.add(ticket)
    return {"url": f"{base}/link/?ticket={ticket}&app_id={call.workspace.team.app_id}"}


@method("team.info")
def team_info(call: Call) -> JsonObject:
    """The workspace."""
    team = call.workspace.team
    if call.args.text("team", team.id) != team.id:
        raise SlackError("team_not_found")
    url = f"https://{team.domain}.slack.com/"
    about = {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "url": url}
    return {"team": about}


@method("bots.info")
def bots_info(call: Call) -> JsonObject:
    """The app's bot."""
    team = call.workspace.team
    if call.args.text("team_id", team.id) != team.id:
        raise SlackError("team_not_found")
    if call.args.text("bot") != team.bot_id:
        raise SlackError("bot_not_found")
    bot = {
        "id": team.bot_id,
        "deleted": False,
        "name": team.bot_name,
        "updated": 0,
        "app_id": team.app_id,
        "user_id": team.bot_user,
    }
    return {"bot": bot}
