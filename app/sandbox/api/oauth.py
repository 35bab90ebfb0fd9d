"""oauth.v2.access: a token for a code, and another one for a refresh token."""

from app.sandbox.api.registry import Call, method
from app.sandbox.errors import SlackError
from app.sandbox.grants import Grant
from app.sandbox.jsontypes import JsonObject


@method("oauth.v2.access")
def oauth_v2_access(call: Call) -> JsonObject:
    """Exchange a code, or with `grant_type=refresh_token` a refresh token."""
    args, secrets = call.args, call.world.secrets
    if args.text("client_id") != secrets.client_id:
        raise SlackError("invalid_client_id")
    if args.text("client_secret") != secrets.client_secret:
        raise SlackError("bad_client_secret")
    lives, kind = call.world.settings.token_lives, args.text("grant_type", "authorization_code")
    if kind == "refresh_token":
        return _answer(call, call.world.grants.renew(args.text("refresh_token"), lives))
    if kind != "authorization_code":
        raise SlackError("invalid_grant_type")
    granted = call.world.grants.exchange(args.text("code"), args.text("redirect_uri"), lives)
    return _answer(call, granted) | {"authed_user": {"id": granted.code.user}}


def _answer(call: Call, granted: Grant) -> JsonObject:
    team = call.workspace.team
    answer: JsonObject = {
        "app_id": team.app_id,
        "scope": ",".join(granted.code.scopes),
        "token_type": "bot",
        "access_token": granted.token,
        "bot_user_id": team.bot_user,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if granted.refresh:
        answer |= {"refresh_token": granted.refresh, "expires_in": int(call.world.settings.token_lives)}
    return answer
