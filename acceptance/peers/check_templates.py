"""Renders the chat templates that the trl package carries with transformers and with Whetstone, and compares.

Each template meets each conversation below, with and without tools and generation prompt: same text and same spans
of {% generation %}, or both raise. Run with transformers 5.23.0 and trl 1.16:

    python check_templates.py --classpath models/text/target/classes:artifacts/target/classes:JACKSON
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

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
]


def cases():
    for file in sorted((pathlib.Path(trl.__file__).parent / "chat_templates").glob("*.jinja")):
        for number, conversation in enumerate(CONVERSATIONS):
            for tools in (None, [SUM]):
                for prompt in (False, True):
                    for more in ({}, {"enable_thinking": False}):
                        messages = peer._alias_reasoning_fields(peer._plain_template_data(conversation))
                        variables = {"messages": messages, "tools": tools, "documents": None,
                                     "add_generation_prompt": prompt, "bos_token": "<s>", "eos_token": "</s>", **more}
                        name = f"{file.name}, conversation {number}, tools {bool(tools)}, prompt {prompt}, {more}"
                        yield name, file.read_text(), variables


def expected(template, variables):
    try:
        compiled = peer._compile_jinja_template(template)
        rendered, spans = peer._render_with_assistant_indices(compiled_template=compiled, **variables)
        return {"text": rendered, "spans": [list(span) for span in spans]}
    except Exception as e:  # whatever a template can make Python raise
        return {"error": f"{type(e).__name__}: {e}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classpath", required=True)
    classpath = parser.parse_args().classpath
    work = list(cases())
    with tempfile.TemporaryDirectory() as folder:
        given, got = pathlib.Path(folder, "cases.jsonl"), pathlib.Path(folder, "got.jsonl")
        given.write_text("".join(json.dumps({"template": t, "variables": v}) + "\n" for _, t, v in work))
        renderer = pathlib.Path(__file__).with_name("RenderTemplates.java")
        subprocess.run(["java", "-cp", classpath, str(renderer), str(given), str(got)], check=True)
        answers = [json.loads(line) for line in got.read_text().split("\n") if line]
    assert len(answers) == len(work), f"{len(work)} cases, {len(answers)} answers"
    counts = collections.Counter()
    for (name, template, variables), answer in zip(work, answers):
        want = expected(template, variables)
        same = "error" in want and "error" in answer or want == answer
        counts["both raise" if same and "error" in want else "same" if same else "different"] += 1
        if not same and counts["different"] <= 10:
            print(f"{name}\n  transformers {str(want)[:400]}\n  whetstone    {str(answer)[:400]}")
    print(f"{len(work)} cases: {dict(counts)}")
    sys.exit(1 if counts["different"] else 0)


if __name__ == "__main__":
    main()
