"""Slack as delivery sees it: the gateway, and what its messages look like."""

from collections.abc import Mapping

from app.log import log_failure
from app.notices.port import Letter, Message
from app.slack import limits
from app.slack.errors import InvalidMessage
from app.slack.gateway import Gateway
from app.slack.views import card as cards
from app.slack.views import notices
from app.slack.views import track as tracks


class SlackPort(Gateway):
    """The gateway, which also draws. Nothing that Slack would refuse leaves it."""

    def draw(self, letter: Letter) -> tuple[Message, Mapping[str, object]]:
        """The message of a notice and its metadata. Raises `InvalidMessage`, whatever is wrong with the letter.

        What nobody foresaw is a refusal too: the notice is given up and its line goes on. Its words stay out.
        """
        try:
            return self._drawn(letter)
        except InvalidMessage:
            raise
        except Exception as error:  # noqa: BLE001 - one letter must not hold up a channel
            log_failure(f"drawing a {letter.kind}", error)
            raise InvalidMessage("cannot_be_drawn", f"It cannot be drawn ({type(error).__name__})") from None

    def _drawn(self, letter: Letter) -> tuple[Message, Mapping[str, object]]:
        if letter.card is not None:
            message, metadata = cards.card(letter.card, letter.names), cards.metadata(letter.card, letter.id)
        elif letter.track is not None:
            message = tracks.track(letter.track, letter.names)
            metadata = {"id": str(letter.id), "kind": letter.kind, "case": letter.track.code}
        else:
            message = notices.notice(letter)
            metadata = {"id": str(letter.id), "kind": letter.kind, "n": notices.told_count(letter.payload)}
            if isinstance(letter.payload.get("of"), str):
                metadata["of"] = letter.payload["of"]
        problems = limits.problems(message.text, message.blocks)
        if problems:
            raise InvalidMessage("cannot_be_drawn", f"The message would be refused: {problems[0]}")
        return message, metadata
