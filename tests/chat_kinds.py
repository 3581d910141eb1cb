"""Chat templates of the kinds that are in use, in our own words, each with its control tokens.

A kind's tokens are special; those after "plain" were added as ordinary ones, as some vocabularies
have their markers.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A template, the tokens that its vocabulary adds, and what it is told beside the messages."""

    chat: str
    special: tuple[str, ...] = ("<s>", "</s>")
    plain: tuple[str, ...] = ()
    variables: tuple[tuple[str, object], ...] = ()
    strip: tuple[str, ...] = ()
    """Tokens that take the white space after them."""


def turns(
    user: str,
    bot: str,
    system: str = "{}",
    opening: str | None = None,
    begin: str = "",
    default: str = "",
    trim: bool = False,
) -> str:
    """A template of one form for each role, {} being the content, and a system text by default."""
    content = "m.content | trim" if trim else "m.content"

    def written(form: str) -> str:
        before, after = form.split("{}")
        return f"{before!r} ~ {content} ~ {after!r}"

    opens = bot.partition("{}")[0].rstrip(" ") if opening is None else opening
    own = (
        f"{{% if messages[0].role != 'system' %}}{{{{ {system.format(default)!r} }}}}{{% endif %}}"
    )
    return (
        f"{{{{ {begin!r} }}}}{own if default else ''}{{% for m in messages %}}"
        f"{{% if m.role == 'system' %}}{{{{ {written(system)} }}}}"
        f"{{% elif m.role == 'user' %}}{{{{ {written(user)} }}}}"
        f"{{% else %}}{{{{ {written(bot)} }}}}{{% endif %}}{{% endfor %}}"
        f"{{% if add_generation_prompt %}}{{{{ {opens!r} }}}}{{% endif %}}"
    )


def framed(start: str, middle: str, end: str, names=("system", "user", "assistant"), **more) -> str:
    """A template of one frame for all roles, as ChatML is."""
    system, user, bot = (f"{start}{name}{middle}{{}}{end}" for name in names)
    return turns(user, bot, system, **more)


IM = ("<|endoftext|>", "<|im_end|>", "<|im_start|>")
CHATML = ("<|im_start|>", "\n", "<|im_end|>\n")
HEADER = ("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>")
LLAMA3 = ("<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>")
COMMAND = ("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", "<|START_OF_TURN_TOKEN|>",
           "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>", "<|SYSTEM_TOKEN|>")  # fmt: skip
TURN = "<|START_OF_TURN_TOKEN|><|{}_TOKEN|>"
DEEPSEEK = ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
HAPPY = "A chat between a curious user and an AI assistant. The assistant is polite."

# Folds the system message into the first instruction; every prompt opens a reply.
MISTRAL = (
    "{{ bos_token }}{% set s = messages[0].content + '\n\n' if messages[0].role == 'system' else ''"
    " %}{% for m in messages if m.role != 'system' %}{% if m.role == 'user' %}[INST] "
    "{{ s if loop.first }}{{ m.content }} [/INST]{% else %} {{ m.content }}{{ eos_token }}"
    "{% endif %}{% endfor %}"
)
# The system message stands in the last instruction, wherever that is.
MISTRAL_LAST = (
    "{{ bos_token }}{% set s = messages[0].content + '\n\n' if messages[0].role == 'system' else ''"
    " %}{% for m in messages if m.role != 'system' %}{% if m.role == 'user' %}[INST]"
    "{{ s if loop.last }}{{ m.content }}[/INST]{% else %}{{ m.content }}{{ eos_token }}"
    "{% endif %}{% endfor %}"
)
LLAMA2 = (
    "{% set s = '<<SYS>>\n' ~ messages[0].content ~ '\n<</SYS>>\n\n' if messages[0].role == "
    "'system' else '' %}{% for m in messages if m.role != 'system' %}{% if m.role == 'user' %}"
    "{{ bos_token ~ '[INST] ' ~ (s if loop.first else '') ~ m.content | trim ~ ' [/INST]' }}"
    "{% else %}{{ ' ' ~ m.content | trim ~ ' ' ~ eos_token }}{% endif %}{% endfor %}"
)
LLAMA32 = (
    "{{ bos_token }}{% if strftime_now is defined %}{% set day = strftime_now('%d %b %Y') %}"
    "{% else %}{% set day = '26 Jul 2024' %}{% endif %}{% set s = '' %}"
    "{% if messages[0].role == 'system' %}{% set s = messages[0].content | trim %}"
    "{% set messages = messages[1:] %}{% endif %}"
    "{{ '<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
    "Today Date: ' ~ day ~ '\n\n' ~ s ~ '<|eot_id|>' }}{% for m in messages %}"
    "{{ '<|start_header_id|>' ~ m.role ~ '<|end_header_id|>\n\n' ~ m.content | trim ~ '<|eot_id|>'"
    " }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}"
    "{% endif %}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% set role = 'model' if m.role == 'assistant' else 'user' %}"
    "{{ '<start_of_turn>' ~ role ~ '\n' ~ m.content | trim ~ '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
GEMMA3 = (
    "{{ bos_token }}{% set s = '' %}{% if messages[0].role == 'system' %}"
    "{% set s = messages[0].content ~ '\n\n' %}{% set messages = messages[1:] %}{% endif %}"
    "{% for m in messages %}{% set role = 'model' if m.role == 'assistant' else 'user' %}"
    "{{ '<start_of_turn>' ~ role ~ '\n' ~ (s if loop.first else '') ~ m.content | trim ~ "
    "'<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
# Thoughts are kept after the last question only: the last reply of a history has a block for them.
THINKING = (
    "{% if messages[0].role == 'system' %}{{ '<|im_start|>system\n' ~ messages[0].content ~ "
    "'<|im_end|>\n' }}{% endif %}{% set ns = namespace(last=0) %}{% for m in messages %}"
    "{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}"
    "{% for m in messages %}{% if m.role == 'user' %}"
    "{{ '<|im_start|>user\n' ~ m.content ~ '<|im_end|>\n' }}{% elif m.role == 'assistant' %}"
    "{% set text = m.content.split('</think>')[-1].lstrip('\n') %}{{ '<|im_start|>assistant\n' }}"
    "{% if loop.index0 > ns.last %}{{ '<think>\n\n</think>\n\n' }}{% endif %}"
    "{{ text ~ '<|im_end|>\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% if enable_thinking is defined and not enable_thinking %}"
    "{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}"
)
# A block of facts and a default that an empty system message does not keep out.
SMOLLM3 = (
    "{% set s = '' %}{% if messages[0].role == 'system' %}{% set s = messages[0].content"
    ".replace('/no_think', '').rstrip() %}{% endif %}{{ '<|im_start|>system\n## Metadata\n\n"
    "Knowledge Cutoff Date: June 2025\nReasoning Mode: /no_think\n\n## Custom Instructions\n\n' }}"
    "{% if s %}{{ s ~ '\n\n' }}{% else %}{{ 'You are a helpful AI assistant named SmolLM, trained "
    "by Hugging Face.\n\n' }}{% endif %}{{ '<|im_end|>\n' }}{% for m in messages %}"
    "{% if m.role == 'user' %}{{ '<|im_start|>user\n' ~ m.content ~ '<|im_end|>\n' }}"
    "{% elif m.role == 'assistant' %}{{ '<|im_start|>assistant\n<think>\n\n</think>\n' ~ "
    "m.content.lstrip('\n') ~ '<|im_end|>\n' }}{% endif %}{% endfor %}{% if add_generation_prompt "
    "%}{{ '<|im_start|>assistant\n<think>\n\n</think>\n' }}{% endif %}"
)
# Opens the reply always; the model writes a marker of its own before what it says.
COMMAND_A = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ '<|START_OF_TURN_TOKEN|>"
    "<|SYSTEM_TOKEN|>' ~ messages[0].content ~ '<|END_OF_TURN_TOKEN|>' }}{% endif %}"
    "{% for m in messages %}{% if m.role == 'user' %}{{ '<|START_OF_TURN_TOKEN|><|USER_TOKEN|>' ~ "
    "m.content ~ '<|END_OF_TURN_TOKEN|>' }}{% elif m.role == 'assistant' %}"
    "{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|><|START_RESPONSE|>' ~ m.content ~ "
    "'<|END_RESPONSE|><|END_OF_TURN_TOKEN|>' }}{% endif %}{% endfor %}"
    "{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}"
)
DEEPSEEK_R1 = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}"
    "{% elif m.role == 'user' %}{{ '<｜User｜>' ~ m.content }}{% else %}{{ '<｜Assistant｜>' ~ "
    "m.content.split('</think>')[-1] ~ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\n' }}{% endif %}"
)
GPT_OSS = (
    "{{ '<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\n"
    "Knowledge cutoff: 2024-06\n\nReasoning: low<|end|>' }}{% if messages[0].role == 'system' %}"
    "{{ '<|start|>developer<|message|># Instructions\n\n' ~ messages[0].content ~ '\n\n<|end|>' }}"
    "{% endif %}{% for m in messages %}{% if m.role == 'user' %}{{ '<|start|>user<|message|>' ~ "
    "m.content ~ '<|end|>' }}{% elif m.role == 'assistant' %}{{ '<|start|>assistant<|channel|>final"
    "<|message|>' ~ m.content ~ '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}"
)
# The number of the round stands before each question.
GLM2 = (
    "{% if messages[0].role == 'system' %}{{ messages[0].content ~ '\n\n' }}"
    "{% set messages = messages[1:] %}{% endif %}{% for m in messages %}{% if m.role == 'user' %}"
    "{{ '[Round ' ~ (loop.index0 // 2 + 1) ~ ']\n\nQ: ' ~ m.content ~ '\n\nA:' }}{% else %}"
    "{{ ' ' ~ m.content ~ '\n\n' }}{% endif %}{% endfor %}"
)
KINDS = {
    "chatml": Kind(framed(*CHATML), IM),
    "chatml default": Kind(framed(*CHATML, default="You are a helpful assistant."), IM),
    "qwen 2": Kind(framed(*CHATML, default="You are Qwen, created by Alibaba Cloud."), IM),
    "qwen 3": Kind(THINKING, IM, ("<think>", "</think>")),
    "qwen 3 without thoughts": Kind(
        THINKING, IM, ("<think>", "</think>"), (("enable_thinking", False),)
    ),
    "smollm 2": Kind(framed(*CHATML, default="You are SmolLM, trained by Hugging Face"), IM),
    "smollm 3": Kind(SMOLLM3, IM, ("<think>", "</think>")),
    "yi": Kind(framed(*CHATML), ("<|startoftext|>", "<|endoftext|>"), IM[1:]),
    "internlm 2": Kind(framed(*CHATML, begin="<s>"), ("<s>", "</s>", *IM[1:])),
    "hermes": Kind(framed(*CHATML, default="You are Hermes, made by Nous Research."), IM),
    "mpt": Kind(framed("<|im_start|>", "\n", "<|im_end|>\n", default=HAPPY), IM),
    "phi 4": Kind(framed("<|im_start|>", "<|im_sep|>", "<|im_end|>"), (*IM, "<|im_sep|>")),
    "lfm 2": Kind(framed(*CHATML, begin="<|startoftext|>"), ("<|startoftext|>", *IM[1:])),
    "kimi": Kind(
        turns(
            "<|im_user|>user<|im_middle|>{}<|im_end|>",
            "<|im_assistant|>assistant<|im_middle|>{}<|im_end|>",
            "<|im_system|>system<|im_middle|>{}<|im_end|>",
            default="You are Kimi, an AI assistant created by Moonshot AI.",
        ),
        (
            "[BOS]",
            "<|im_end|>",
            "<|im_user|>",
            "<|im_assistant|>",
            "<|im_system|>",
            "<|im_middle|>",
        ),
    ),
    "llama 2": Kind(LLAMA2),
    "llama 3": Kind(framed(*LLAMA3, begin="<|begin_of_text|>", trim=True), HEADER),
    "llama 3.2": Kind(LLAMA32, HEADER),
    "mistral 1": Kind(MISTRAL),
    "mistral 3": Kind(MISTRAL_LAST, ("<s>", "</s>", "[INST]", "[/INST]")),
    "mistral 7": Kind(
        turns("[INST]{}[/INST]", "{}</s>", "[SYSTEM_PROMPT]{}[/SYSTEM_PROMPT]", begin="<s>"),
        ("<s>", "</s>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
    ),
    "mistral small": Kind(
        turns(
            "[INST]{}[/INST]",
            "{}</s>",
            "[SYSTEM_PROMPT]{}[/SYSTEM_PROMPT]",
            begin="<s>",
            default="You are Mistral Small, a model created by Mistral AI.",
        ),
        ("<s>", "</s>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
    ),
    "gemma": Kind(GEMMA, ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")),
    "gemma 3": Kind(GEMMA3, ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")),
    "phi 2": Kind(turns("Instruct: {}\n", "Output: {}\n", "{}\n"), ("<|endoftext|>",) * 2),
    "phi 3": Kind(
        framed("<|", "|>\n", "<|end|>\n"),
        ("<s>", "<|endoftext|>"),
        strip=("<|end|>", "<|user|>", "<|assistant|>", "<|system|>"),
    ),
    "zephyr": Kind(framed("<|", "|>\n", "</s>\n")),
    "stablelm": Kind(framed("<|", "|>\n", "<|endoftext|>\n"), ("<|endoftext|>",) * 2),
    "olmo 2": Kind(
        turns(
            "<|user|>\n{}\n",
            "<|assistant|>\n{}<|endoftext|>\n",
            "<|system|>\n{}\n",
            begin="<|endoftext|>",
        ),
        ("<|endoftext|>",) * 2,
    ),
    "tulu": Kind(turns("<|user|>\n{}\n", "<|assistant|>\n{}</s>\n", "<|system|>\n{}\n")),
    "olmo 3": Kind(framed(*CHATML, default="You are Olmo, a helpful assistant built by Ai2."), IM),
    "vicuna 1": Kind(turns("USER: {} ", "ASSISTANT: {}</s>", "{} ", begin="<s>", default=HAPPY)),
    "vicuna 0": Kind(turns("### Human: {}\n", "### Assistant: {}\n", "{}\n\n", default=HAPPY)),
    "alpaca": Kind(
        turns(
            "### Instruction:\n{}\n\n",
            "### Response:\n{}\n\n",
            "{}\n\n",
            default="Below is an instruction. Write a response that completes the request.",
        )
    ),
    "wizard": Kind(turns("USER: {} ", "ASSISTANT: {}</s>", "{} ", default=HAPPY)),
    "solar": Kind(turns("### User:\n{}\n\n", "### Assistant:\n{}\n\n", "### System:\n{}\n\n")),
    "neural chat": Kind(turns("### User:\n{}\n", "### Assistant:\n{}\n", "### System:\n{}\n")),
    "amber": Kind(turns("###Human: {}\n", "###Assistant: {}\n", "{}\n")),
    "openchat": Kind(
        turns(
            "GPT4 Correct User: {}<|end_of_turn|>",
            "GPT4 Correct Assistant: {}<|end_of_turn|>",
            "{}<|end_of_turn|>",
            begin="<s>",
        ),
        ("<s>", "<|end_of_turn|>"),
    ),
    "oasst": Kind(
        turns(
            "<|prompter|>{}<|endoftext|>",
            "<|assistant|>{}<|endoftext|>",
            "<|system|>{}<|endoftext|>",
        ),
        ("<|endoftext|>", "<|endoftext|>", "<|prompter|>", "<|assistant|>", "<|system|>"),
    ),
    "redpajama": Kind(turns("<human>: {}\n", "<bot>: {}\n", "{}\n")),
    "command r": Kind(
        turns(
            f"{TURN.format('USER')}{{}}<|END_OF_TURN_TOKEN|>",
            f"{TURN.format('CHATBOT')}{{}}<|END_OF_TURN_TOKEN|>",
            f"{TURN.format('SYSTEM')}{{}}<|END_OF_TURN_TOKEN|>",
            begin="<BOS_TOKEN>",
            default="You are Command-R, a large language model built by Cohere.",
        ),
        COMMAND[:2],
        COMMAND[2:],
    ),
    "aya": Kind(
        turns(
            f"{TURN.format('USER')}{{}}<|END_OF_TURN_TOKEN|>",
            f"{TURN.format('CHATBOT')}{{}}<|END_OF_TURN_TOKEN|>",
            f"{TURN.format('SYSTEM')}{{}}<|END_OF_TURN_TOKEN|>",
            begin="<BOS_TOKEN>",
            default="You are Aya, a multilingual model trained by Cohere For AI.",
        ),
        COMMAND[:2],
        COMMAND[2:],
    ),
    "command a": Kind(
        COMMAND_A, COMMAND[:2], (*COMMAND[2:], "<|START_RESPONSE|>", "<|END_RESPONSE|>")
    ),
    "deepseek llm": Kind(
        turns(
            "User: {}\n\n",
            "Assistant: {}<｜end▁of▁sentence｜>",
            "{}\n\n",
            begin="<｜begin▁of▁sentence｜>",
        ),
        DEEPSEEK,
        ("ü", "ö", "÷"),
    ),
    "deepseek coder": Kind(
        turns(
            "### Instruction:\n{}\n",
            "### Response:\n{}\n<|EOT|>\n",
            "{}",
            begin="<｜begin▁of▁sentence｜>",
            default="You are an AI programming assistant by DeepSeek Company.\n",
        ),
        (DEEPSEEK[0], "<|EOT|>"),
        ("ü", "ö", "÷"),
    ),
    "deepseek 3": Kind(
        turns(
            "<｜User｜>{}",
            "<｜Assistant｜>{}<｜end▁of▁sentence｜>",
            begin="<｜begin▁of▁sentence｜>",
        ),
        DEEPSEEK,
        ("<｜User｜>", "<｜Assistant｜>"),
    ),
    "deepseek r1": Kind(
        DEEPSEEK_R1, DEEPSEEK, ("<｜User｜>", "<｜Assistant｜>", "<think>", "</think>")
    ),
    "granite 3": Kind(
        framed(
            "<|start_of_role|>",
            "<|end_of_role|>",
            "<|end_of_text|>\n",
            default="Knowledge Cutoff Date: April 2024.\nYou are Granite, developed by IBM.",
        ),
        ("<|end_of_text|>", "<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>"),
    ),
    "falcon": Kind(turns("User: {}\n\n", "Assistant: {}\n\n", "{}\n\n"), ("<|endoftext|>",) * 2),
    "falcon 3": Kind(framed("<|", "|>\n", "\n"), ("<|endoftext|>",) * 2),
    "glm 2": Kind(GLM2),
    "glm 4": Kind(
        turns(
            "<|user|>\n{}",
            "<|assistant|>\n{}",
            "<|system|>\n{}",
            begin="[gMASK]<sop>",
            opening="<|assistant|>",
        ),
        (
            "<|endoftext|>",
            "<|endoftext|>",
            "[gMASK]",
            "<sop>",
            "<|user|>",
            "<|assistant|>",
            "<|system|>",
        ),
    ),
    "baichuan": Kind(
        turns("<reserved_106>{}", "<reserved_107>{}</s>"),
        ("<s>", "</s>"),
        ("<reserved_106>", "<reserved_107>"),
    ),
    "minicpm": Kind(turns("<用户>{}", "<AI>{}", "{}")),
    "nemotron": Kind(
        turns(
            "<extra_id_1>User\n{}\n", "<extra_id_1>Assistant\n{}\n", "<extra_id_0>System\n{}\n\n"
        ),
        ("<s>", "</s>", "<extra_id_0>", "<extra_id_1>"),
    ),
    "exaone": Kind(
        turns(
            "[|user|]{}\n",
            "[|assistant|]{}[|endofturn|]\n",
            "[|system|]{}[|endofturn|]\n",
            default="You are EXAONE model from LG AI Research, a helpful assistant.",
        ),
        ("[BOS]", "[|endofturn|]"),
        ("[|user|]", "[|assistant|]", "[|system|]"),
    ),
    "jamba": Kind(
        turns(
            "<|bom|><|user|> {}<|eom|>",
            "<|bom|><|assistant|> {}<|eom|>",
            "<|bom|><|system|> {}<|eom|>",
            begin="<|startoftext|>",
        ),
        ("<|startoftext|>", "<|eom|>", "<|bom|>", "<|user|>", "<|assistant|>", "<|system|>"),
    ),
    "dbrx": Kind(
        framed(*CHATML, default="You are DBRX, created by Databricks. You answer in Markdown."), IM
    ),
    "hunyuan": Kind(
        turns(
            "<｜hy_User｜>{}",
            "<｜hy_Assistant｜>{}<｜hy_eos｜>",
            "{}<｜hy_sys｜>",
            begin="<｜hy_bos｜>",
        ),
        ("<｜hy_bos｜>", "<｜hy_eos｜>", "<｜hy_User｜>", "<｜hy_Assistant｜>", "<｜hy_sys｜>"),
    ),
    "minimax": Kind(
        turns(
            "]~b]user\n{}[e~[\n",
            "]~b]ai\n{}[e~[\n",
            "]~!b[]~b]system\n{}[e~[\n",
            default="You are a helpful assistant. Your name is MiniMax.",
        ),
        ("]~!b[", "[e~["),
        ("]~b]",),
    ),
    "ernie": Kind(
        turns(
            "User: {}\n", "Assistant: {}<|end_of_sentence|>", "{}\n", begin="<|begin_of_sentence|>"
        ),
        ("<|begin_of_sentence|>", "<|end_of_sentence|>"),
    ),
    "seed": Kind(
        framed("<seed:bos>", "\n", "<seed:eos>"), ("<seed:bos>", "<seed:eos>"), ("<seed:think>",)
    ),
    "gpt oss": Kind(
        GPT_OSS, ("<|startoftext|>", "<|end|>", "<|start|>", "<|message|>", "<|channel|>")
    ),
}
