"""A model of the evaluation harness that holds conversations: it reads its own replies."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.registry import register_model
from lm_eval.models.api_models import JsonChatStr
from lm_eval.models.openai_completions import LocalChatCompletion
from tenacity import retry, stop_after_attempt, wait_exponential
from tqdm import tqdm


@register_model("conversations")
class ConversationModel(LocalChatCompletion):
    """`local-chat-completions`, and items whose text is a JSON list of what the user says.

    The list's messages are sent one after another, each with all that was said before, as in a
    chat. The reply to such an item is JSON, too: [{"content", "name"}, …], one for each message;
    `name` is the member that wrote it, and is sent back with it, so that `sticky` can stay.
    """

    def __init__(self, num_concurrent: int = 1, **settings: Any):
        super().__init__(num_concurrent=num_concurrent, **settings)
        self.conversations = int(num_concurrent)

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """The reply to each request; those of a task are all conversations, or none is."""
        if not requests or _messages(requests[0]) is None:
            return super().generate_until(requests, disable_tqdm)
        replies = []
        with ThreadPoolExecutor(self.conversations) as pool:
            coming = pool.map(self._converse, requests)
            rows = zip(requests, coming, strict=True)
            try:
                for request, reply in tqdm(rows, total=len(requests), disable=disable_tqdm):
                    # With --use_cache a run that is stopped goes on here.
                    self.cache_hook.add_partial("generate_until", request.args, reply)
                    replies.append(reply)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return replies

    def _converse(self, request: Instance) -> str:
        """Hold one conversation."""
        history: list[dict[str, str]] = []
        for said in _messages(request) or ():
            history.append({"role": "user", "content": said})
            history.append(self._reply(history, request.args[1]))
        written = [
            {name: message[name] for name in ("content", "name") if name in message}
            for message in history[1::2]
        ]
        return json.dumps(written, ensure_ascii=False)

    def _reply(self, history: Sequence[dict[str, str]], settings: dict) -> dict[str, str]:
        asked = JsonChatStr(json.dumps(history, ensure_ascii=False))
        again = retry(
            stop=stop_after_attempt(self.max_retries), wait=wait_exponential(min=1), reraise=True
        )
        choice = again(self.model_call)([asked], gen_kwargs=settings)["choices"][0]
        writer = choice.get("blend", {}).get("member")  # a field of this site's own
        reply = {"role": "assistant", "content": choice["message"]["content"] or ""}
        return reply | ({"name": writer} if writer else {})


def _messages(request: Instance) -> list[str] | None:
    """What the user says in a request's conversation; None where it asks for one reply."""
    [*_, last] = json.loads(request.args[0].prompt)
    try:
        said = json.loads(last["content"])
    except ValueError:
        return None
    many = isinstance(said, list) and said and all(isinstance(each, str) for each in said)
    return said if many else None
