"""Renders the chat templates that the trl package carries with transformers and with Whetstone, and compares.

Three ways: the interpreter alone, every template with each conversation below, tools, generation prompt and thinking on and
off, text and spans of {% generation %}; the chat template as models have it, messages prepared by each side itself; and what
is to be learned, which is the spans of {% generation %} where a template has them. Both raise, or both give the same. Run with
transformers 5.23.0 and trl 1.16; ARGUMENTS is a file of arguments for java with the class path of the engine:

    python check_templates.py ARGUMENTS
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import tokenizers
import transformers
import transformers.utils.chat_template_utils as peer
import trl


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


def call(name, arguments, **more):
    return {"type": "function", "function": {"name": name, "arguments": arguments}, **more}


def result(content, **more):
    return {"role": "tool", "name": "sum", "content": content, **more}


def system(content):
    return {"role": "system", "content": content}


def text(content):
    return {"type": "text", "text": content}


SUM = {
    "type": "function",
    "function": {
        "name": "sum",
        "description": 'adds "a" & b <é>',
        "parameters": {
            "type": "object",
            "properties": {
                "a": {"type": "number", "description": "first"},
                "b": {"type": ["number", "null"], "enum": [1, 2.5, None]},
                "c": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["a"],
        },
        "return": {"type": "number", "description": "r"},
    },
}

CONVERSATIONS = [
    [user("hi")],
    [user(" hi 😀中\n")],
    [system("be brief"), user("hi")],
    [user("hi"), assistant("yo")],
    [system(" S "), user("a"), assistant("b\n"), user("c"), assistant("d")],
    [user("a"), assistant("<think>\nwhy\n</think>\n\nb"), user("c"), assistant("<think>x</think>d")],
    [user("a"), assistant("b", reasoning_content="because"), user("c"), assistant("d", reasoning_content="so")],
    [user("a"), assistant("b", thinking="because"), user("c")],
    [user("a"), assistant("", tool_calls=[call("sum", {"a": 1, "b": None, "c": ["é", '"']}, id="abc123def")]),
     result("4", tool_call_id="abc123def"), assistant("4")],
    [user("a"),
     {"role": "assistant", "tool_calls": [call("sum", {"a": 1}, id="abc123def"), call("sum", {"a": 2.0}, id="abc123deg")]},
     result("4", tool_call_id="abc123def"), result("5", tool_call_id="abc123deg"), assistant("4"), user("x")],
    [user("a"), assistant("t", tool_calls=[call("sum", '{"a": 1}')]), result('{"r": 4}')],
    [assistant("first")],
    [user("a"), user("b")],
    [system("x")],
    [user([text("hi"), {"type": "image"}])],
    [user([text("hi")]), assistant([text("yo")])],
    [system("a"), system("b"), user("c")],
    [{"role": "weird", "content": "q"}],
    [{"role": "developer", "content": "d"}, user("c")],
    [user(""), assistant("")],
    [user("x"), assistant("<|channel|>analysis")],
    [{"role": "user"}],
    [system("你是助手。"), user("用中文回答：一加一？🧮"), assistant("二。👩\u200d💻"), user("谢谢 😀"), assistant("不客气")],
    [user("a"), assistant(None, tool_calls=[call("sum", {"a": 1})]), result("1"), assistant("so", reasoning_content=None)],
    [assistant("b"), user("a"), system("late")],
    [user("a"), result("4"), assistant("b"), assistant("c")],
    [],
]


def templates():
    """Names and sources, read from the installed package."""
    return [(f.name, f.read_text()) for f in sorted((pathlib.Path(trl.__file__).parent / "chat_templates").glob("*.jinja"))]


def cases():
    for template_name, template in templates():
        for number, conversation in enumerate(CONVERSATIONS):
            for tools in (None, [SUM]):
                for prompt in (False, True):
                    for more in ({}, {"enable_thinking": False}):
                        messages = peer._alias_reasoning_fields(peer._plain_template_data(conversation))
                        variables = {"messages": messages, "tools": tools, "documents": None,
                                     "add_generation_prompt": prompt, "bos_token": "<s>", "eos_token": "</s>", **more}
                        name = f"{template_name}, conversation {number}, tools {bool(tools)}, prompt {prompt}, {more}"
                        yield name, template, variables


def chat_cases():
    """Messages as a user gives them: transformers' apply_chat_template and ours prepare them, each by itself."""
    for template_name, template in templates():
        for number, conversation in enumerate(CONVERSATIONS):
            for tools in ([], [SUM]):
                for prompt in (False, True):
                    name = f"{template_name}, chat {number}, tools {bool(tools)}, prompt {prompt}"
                    yield name, {"template": template, "messages": conversation, "tools": tools, "prompt": prompt}


def training_cases():
    for template_name, template in templates():
        if re.search(r"{%[-+]?\s*generation", template):
            for number, conversation in enumerate(CONVERSATIONS):
                for tools in ([], [SUM]):
                    name = f"{template_name}, training {number}, tools {bool(tools)}"
                    yield name, {"template": template, "messages": conversation, "tools": tools, "training": True}


def expected(template, variables):
    try:
        compiled = peer._compile_jinja_template(template)
        rendered, spans = peer._render_with_assistant_indices(compiled_template=compiled, **variables)
        return {"text": rendered, "spans": [list(span) for span in spans]}
    except Exception as e:  # whatever a template can make Python raise
        return {"error": f"{type(e).__name__}: {e}"}


def tokenizer():
    """One of transformers, for its apply_chat_template; nothing is tokenised."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={"<s>": 0, "</s>": 1}, merges=[]))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>")


def expected_chat(fast, case):
    try:
        return {"text": fast.apply_chat_template(
            case["messages"], tools=case["tools"] or None, chat_template=case["template"],
            add_generation_prompt=case["prompt"], tokenize=False,
        )}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}


def expected_training(case):
    """None where a template that has generation blocks writes no answer: then prefixes decide."""
    if not case["messages"]:
        return {"error": "empty"}
    messages = [{k: v for k, v in m.items() if v is not None} for m in case["messages"]]
    variables = {
        "messages": peer._alias_reasoning_fields(peer._plain_template_data(messages)), "tools": case["tools"] or None,
        "documents": None, "add_generation_prompt": False, "bos_token": "<s>", "eos_token": "</s>",
    }
    want = expected(case["template"], variables)
    return want if "error" in want or want["spans"] else None


def rendered_by_whetstone(arguments, work):
    with tempfile.TemporaryDirectory() as folder:
        given, got = pathlib.Path(folder, "cases.jsonl"), pathlib.Path(folder, "got.jsonl")
        given.write_text("".join(json.dumps(case) + "\n" for case in work))
        renderer = pathlib.Path(__file__).with_name("RenderTemplates.java")
        subprocess.run(["java", f"@{arguments}", str(renderer), str(given), str(got)], check=True)
        answers = [json.loads(line) for line in got.read_text().split("\n") if line]
    assert len(answers) == len(work), f"{len(work)} cases, {len(answers)} answers"
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arguments", help="file of arguments for java")
    arguments = parser.parse_args().arguments
    plain, chats, training = list(cases()), list(chat_cases()), list(training_cases())
    work = [{"template": t, "variables": v} for _, t, v in plain] + [case for _, case in chats] + [case for _, case in training]
    answers = iter(rendered_by_whetstone(arguments, work))
    fast = tokenizer()
    wanted = {
        "interpreter": [(name, expected(template, variables)) for name, template, variables in plain],
        "chat": [(name, expected_chat(fast, case)) for name, case in chats],
        "training": [(name, expected_training(case)) for name, case in training],
    }
    figures = {"templates": len({t for _, t, _ in plain}), "conversations": len(CONVERSATIONS), "transformers": transformers.__version__}
    for way, expectations in wanted.items():
        counts = collections.Counter(different=0)
        for name, want in expectations:
            answer = next(answers)
            if want is None:
                counts["by prefixes"] += 1
                continue
            same = "error" in want and "error" in answer or want == answer
            counts["both raise" if same and "error" in want else "same" if same else "different"] += 1
            if not same and counts["different"] <= 10:
                print(f"{name}\n  transformers {str(want)[:400]}\n  whetstone    {str(answer)[:400]}", file=sys.stderr)
        figures[way] = dict(counts)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
