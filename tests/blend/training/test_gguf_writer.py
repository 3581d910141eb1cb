"""The GGUF file of a trained model: the same model to llama.cpp and to transformers."""

import httpx
import pytest
import tiny_models
import torch
import xllamacpp

TEXTS = (
    "<|begin|><|user|>Hello there, how are you?<|end|><|assistant|>",
    "<|begin|><|system|>I like dogs.<|end|><|user|>12345  caf\u00e9 \U0001f600\n\n'tis<|end|>",
)


@pytest.fixture(scope="module", params=["llama", "qwen3"])
def written(request, tmp_path_factory):
    """A random model, its tokenizer, and its file; the llama's head is its own, not the words'."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp(request.param)
    file = tiny_models.gguf(folder, request.param, tie_word_embeddings=request.param == "qwen3")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    return model, AutoTokenizer.from_pretrained(folder), file


def greedy(model, ids: list[int]) -> list[int]:
    asked = torch.tensor([ids])
    told = {"attention_mask": torch.ones_like(asked), "do_sample": False, "max_new_tokens": 24}
    return model.generate(asked, **told, pad_token_id=0)[0, len(ids) :].tolist()


@pytest.fixture(scope="module")
def server(written):
    params = xllamacpp.CommonParams()
    params.model.path = str(written[2])
    params.n_ctx, params.port, params.verbosity, params.n_parallel = 1024, 0, 2, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    running = xllamacpp.Server(params)
    with httpx.Client(base_url=running.listening_address, timeout=60) as client:
        yield client


def test_llama_cpp_reads_the_same_tokens_and_says_the_same(written, server):
    model, tokenizer, _ = written
    for text in TEXTS:
        ids = tokenizer(text)["input_ids"]
        asked = {"content": text, "parse_special": True, "add_special": True}
        assert server.post("/tokenize", json=asked).json()["tokens"] == ids
        asked = {"prompt": ids, "n_predict": 24, "temperature": 0, "return_tokens": True}
        said = server.post("/completion", json=asked).json()["tokens"]
        assert said == [i for i in greedy(model, ids) if i != 2]


def test_llama_cpp_knows_the_template_and_where_texts_begin_and_end(written, server):
    props = server.get("/props").json()
    assert props["chat_template"] == written[1].chat_template
    assert (props["bos_token"], props["eos_token"]) == ("<|begin|>", "<|end|>")


def test_transformers_reads_the_same_weights_but_for_their_rounding(written):
    from transformers import AutoModelForCausalLM

    model, _, file = written
    how = {"config": model.config, "dtype": torch.float32}
    again = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, **how)
    weights = again.state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.equal(weights[name], tensor.half().float()), name


def test_a_model_of_another_architecture_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a gpt_neox cannot be written .* only llama and qwen3"):
        tiny_models.gguf(tmp_path, "gpt_neox")
    assert not [*tmp_path.glob("*.part")]
