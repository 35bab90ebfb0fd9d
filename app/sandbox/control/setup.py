"""Verbs for how the sandbox behaves: faults, limits, where the app listens, its connections."""

import re
from dataclasses import asdict, replace

from app.sandbox.control.verbs import Ask, verb
from app.sandbox.errors import RefusedError
from app.sandbox.inbound import http_out
from app.sandbox.inbound.sockets import DISCONNECT_REASONS
from app.sandbox.jsontypes import JsonObject, as_float, as_int, as_list, as_object, as_objects, as_text
from app.sandbox.rates import RateConfig
from app.sandbox.world import ALL_EVENTS, TOKEN_ERRORS, Command, Settings, Shortcut


@verb("fault.add")
async def fault_add(ask: Ask) -> JsonObject:
    """Add a fault rule."""
    probability = ask.body.get("probability")
    times, seed = ask.body.get("times"), ask.body.get("seed")
    rule = ask.world.faults.add(
        ask.text("method", "*"),
        ask.text("kind"),
        probability=None if probability is None else as_float(probability),
        times=None if times is None else as_int(times),
        seed=None if seed is None else as_int(seed),
    )
    return rule.as_json()


@verb("fault.clear")
async def fault_clear(ask: Ask) -> JsonObject:
    """Remove one fault rule, or all."""
    ask.world.faults.clear(as_int(ask.body["id"]) if "id" in ask.body else None)
    return {}


@verb("fault.list")
async def fault_list(ask: Ask) -> JsonObject:
    """The fault rules in force, and how often each fired."""
    return {"faults": ask.world.faults.listing()}


@verb("settings.set")
async def settings_set(ask: Ask) -> JsonObject:
    """Change what can be changed while running; what is not named stays."""
    changed = changed_settings(ask.world.settings, ask.body)
    ask.world.settings = changed
    if "rate" in ask.body:
        given = ask.body["rate"]
        ask.world.rates.configure(RateConfig.off() if given is None else rate_of(as_object(given)))
    return {}


def rate_of(given: JsonObject) -> RateConfig:
    """Rate limits from their JSON; what is not named has Slack's value.

    Raises:
        RefusedError: a name is unknown.
    """
    usual = RateConfig()
    _known(given, asdict(usual))
    speed = as_float(given.get("speed"), usual.speed)
    if speed <= 0:
        raise RefusedError(f"A speed of limits is above 0, not {speed:g}.")
    return RateConfig(
        channel_per_second=as_float(given.get("channel_per_second"), usual.channel_per_second),
        burst=as_int(given.get("burst"), usual.burst),
        workspace_per_minute=as_float(given.get("workspace_per_minute"), usual.workspace_per_minute),
        tiers=given.get("tiers", usual.tiers) is True,
        speed=speed,
    )


def changed_settings(settings: Settings, given: JsonObject) -> Settings:
    """Settings with the changes of a JSON object.

    Raises:
        RefusedError: a name or an event is unknown, or the request URL is not of this machine.
    """
    _known(given, asdict(settings) | {"rate": None})
    if "request_url" in given:
        url = as_text(given["request_url"])
        if url:
            http_out.check_url(url)
        settings = replace(settings, request_url=url)
    if "events" in given:
        named = given["events"]
        if not isinstance(named, list | tuple):
            raise RefusedError(f"Events are a list of names such as member_joined_channel, not {named!r}.")
        events = frozenset(as_text(name) for name in named)
        if not events <= ALL_EVENTS:
            raise RefusedError(f"The sandbox sends no event {', '.join(sorted(events - ALL_EVENTS))}.")
        settings = replace(settings, events=events)
    if "scopes" in given:
        settings = replace(settings, scopes=_scopes(given["scopes"]))
    if "token_error" in given:
        error = as_text(given["token_error"])
        if error and error not in TOKEN_ERRORS:
            raise RefusedError(f"A token_error is one of {', '.join(TOKEN_ERRORS)}, or empty, not {error!r}.")
        settings = replace(settings, token_error=error)
    if "commands" in given:
        settings = replace(settings, commands=_commands(given["commands"]))
    if "shortcuts" in given:
        settings = replace(settings, shortcuts=tuple(map(_shortcut, as_objects(given["shortcuts"]))))
    if "retry_delays" in given:
        settings = replace(settings, retry_delays=tuple(as_float(one) for one in as_list(given["retry_delays"])))
    return replace(
        settings,
        ack_timeout=as_float(given.get("ack_timeout"), settings.ack_timeout),
        trigger_seconds=as_float(given.get("trigger_seconds"), settings.trigger_seconds),
        history_lag=as_float(given.get("history_lag"), settings.history_lag),
        token_lives=as_float(given.get("token_lives"), settings.token_lives),
    )


def _scopes(given: object) -> frozenset[str]:
    """Scopes of a bot token; those that nothing here asks for are taken too, as a manifest may name them."""
    if isinstance(given, list | tuple) and all(re.fullmatch(r"[a-z_.]+(:[a-z_.]+)*", as_text(name)) for name in given):
        return frozenset(as_text(name) for name in given)
    raise RefusedError(f"Scopes are a list of names such as chat:write, not {given!r}.")


def _commands(given: object) -> dict[str, Command] | None:
    """Slash commands from their names, or from the objects of a manifest's `slash_commands`; None is any."""
    if given is None:
        return None
    found = [
        Command(as_text(one.get("command")), as_text(one.get("usage_hint")), as_text(one.get("description")))
        if isinstance(one, dict)
        else Command(as_text(one))
        for one in as_list(given)
    ]
    for command in found:
        if not command.name.startswith("/"):
            raise RefusedError(f"A command is a name such as /cb, or an object with `command`; not {command.name!r}.")
    return {command.name: command for command in found}


def _shortcut(given: JsonObject) -> Shortcut:
    """A shortcut from an object of a manifest's `shortcuts`."""
    kind = as_text(given.get("type"))
    if kind not in ("global", "message") or not given.get("callback_id") or not given.get("name"):
        raise RefusedError('A shortcut has a name, a callback_id, and the type "global" or "message".')
    return Shortcut(as_text(given["name"]), kind, as_text(given["callback_id"]), as_text(given.get("description")))


def _known(given: JsonObject, names: JsonObject) -> None:
    unknown = set(given) - set(names)
    if unknown:
        raise RefusedError(f"There is no setting {', '.join(sorted(unknown))}. There are: {', '.join(sorted(names))}.")


@verb("sockets.disconnect")
async def sockets_disconnect(ask: Ask) -> JsonObject:
    """Tell every Socket Mode connection to reconnect, or just cut it (no reason)."""
    if ask.text("reason") not in ("", *DISCONNECT_REASONS):
        raise RefusedError(f"A reason to disconnect is one of {', '.join(DISCONNECT_REASONS)}, or none.")
    close_after = ask.body.get("close_after", 0.0)
    count = await ask.deliverer.sockets.disconnect(
        ask.text("reason"), close_after=None if close_after is None else as_float(close_after)
    )
    return {"connections": count}


@verb("app.uninstall")
async def app_uninstall(ask: Ask) -> JsonObject:
    """Somebody removes the app from the workspace: its tokens end, and it is told so."""
    _end(ask, "account_inactive")
    if ask.world.wants("app_uninstalled"):
        ask.world.emit({"type": "app_uninstalled"})
    return {}


@verb("app.revoke")
async def app_revoke(ask: Ask) -> JsonObject:
    """Somebody takes the app's tokens back, and it is told so."""
    _end(ask, "token_revoked")
    return {}


def _end(ask: Ask, error: str) -> None:
    ask.world.settings = replace(ask.world.settings, token_error=error)
    ask.world.grants.clear_refresh()
    if ask.world.wants("tokens_revoked"):
        ask.world.emit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [ask.world.workspace.team.bot_user]}})


@verb("token.expire")
async def token_expire(ask: Ask) -> JsonObject:
    """Every token that rotates has come to its end; with `refresh`, its refresh token is not good any more either."""
    ask.world.grants.end()
    if ask.flag("refresh"):
        ask.world.grants.clear_refresh()
    return {}


@verb("status")
async def status(ask: Ask) -> JsonObject:
    """What the sandbox is at: who it is, connections, events under way, size."""
    world = ask.world
    return {
        "team": world.workspace.team.id,
        "bot_user": world.workspace.team.bot_user,
        "bot_id": world.workspace.team.bot_id,
        "app_id": world.workspace.team.app_id,
        "bot_token": world.secrets.bot_token,
        "app_token": world.secrets.app_token,
        "signing_secret": world.secrets.signing_secret,
        "client_id": world.secrets.client_id,
        "client_secret": world.secrets.client_secret,
        "connections": len(ask.deliverer.sockets.open()),
        "events_in_flight": ask.deliverer.in_flight,
        "seq": len(world.ledger),
        "channels": len(world.workspace.channels),
        "messages": sum(len(channel.messages) for channel in world.workspace.channels.values()),
        "now": world.now().isoformat(),
    }
