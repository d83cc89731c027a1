"""Makes jinja-golden-1.json: one-feature templates with what transformers renders or raises.

Run with transformers 5.23.0 and jinja2 3.1.6: python make_jinja_golden.py > ../resources/dev/whetstone/models/text/jinja/jinja-golden-1.json
"""
import datetime
import json
import sys

import jinja2
import transformers
import transformers.utils.chat_template_utils as U

S={}
def s(n,t): S[n]=t
s("trim_blocks","A\n{% if true %}\nB\n{% endif %}\nC\n{{ 1 }}\nD")
s("lstrip_blocks","A\n   {% if true %}x\n   {% endif %}y\n   {{ 1 }}\n   {# c #}\nz")
s("minus marks","A \n {%- if true -%} \n B \n {%- endif -%} \n C {{- 1 -}} D {#- c -#} E")
s("plus marks","A\n   {%+ if true +%}\n x{% endif %}")
s("trailing newline dropped","A\n")
s("CRLF","A\r\n{% if true %}\r\nB{% endif %}\r\n")
s("comment","a{# {{ x }} {% if %} #}b")
s("raw","{% raw %}{{ x }} {% if %}{% endraw %}")
s("undefined prints empty","[{{ nope }}]")
s("None prints None","[{{ none }}] [{{ messages[0].nocontent }}] [{{ {'a':none}['a'] }}]")
s("True/False print","{{ true }} {{ false }} {{ 1 == 1 }}")
s("float print","{{ 1.0 }} {{ 0.1+0.2 }} {{ 1e20 }} {{ 7/2 }} {{ 7//2 }} {{ -7//2 }} {{ -7%3 }} {{ 2**3 }}")
s("list/dict print","{{ ['a', 1, none, true] }} {{ {'k': 'v', 'n': [1.5]} }} {{ ('a','b') }}")
s("quote in repr","{{ [\"it's\", 'say \"x\"'] }}")
s("attr of undefined raises","{{ nope.x }}")
s("str + none raises","{{ 'a' + none }}")
s("str + int raises","{{ 'a' + 1 }}")
s("str + list raises","{{ 'a' + ['b'] }}")
s("str + undefined raises","{{ 'a' + nope }}")
s("~ concat","{{ 'a' ~ 1 ~ none ~ true ~ nope }}")
s("truth of 'false' string","{{ 'y' if 'false' else 'n' }} {{ 'y' if '0' else 'n' }} {{ 'y' if [] else 'n' }} {{ 'y' if 0.0 else 'n' }}")
s("and/or return operand","{{ 'a' or 'b' }} {{ '' or 'b' }} {{ 'a' and 'b' }} {{ none or {} }}")
s("not x is defined","{{ not nope is defined }} {{ not messages is defined }}")
s("not a == b","{{ not 'a' == 'b' }}")
s("not in","{{ 'a' not in 'bc' }} {{ 'a' in ['a'] }} {{ 'role' in messages[0] }}")
s("x is defined with None value","{% set q = none %}{{ q is defined }} {{ q is none }} {{ tools is defined }}")
s("is not none and","{{ tools is not none and tools is defined }}")
s("is string/mapping/sequence/iterable","{% for v in ['s', 1, [1], {'a':1}, none, true, 1.5] %}{{ v is string }}{{ v is mapping }}{{ v is sequence }}{{ v is iterable }}{{ v is number }}{{ v is boolean }}{{ v is integer }}{{ v is float }};{% endfor %}")
s("is true/false","{{ true is true }} {{ 1 is true }} {{ false is false }} {{ none is false }}")
s("inline if no else","[{{ 'a' if false }}]")
s("nested inline if","{{ 'a' if false else 'b' if false else 'c' }}")
s("inline if in concat","{{ 'x' + ('a' if true else 'b') + 'y' }}")
s("slice [1:]","{% for m in messages[1:] %}{{ m.role }},{% endfor %}")
s("slice [:-1]","{% for m in messages[:-1] %}{{ m.role }},{% endfor %}")
s("slice [::-1]","{% for m in messages[::-1] %}{{ m.role }},{% endfor %}")
s("slice [ns.x:n+1]","{% set ns = namespace(i=1) %}{% for m in messages[ns.i:ns.i+2] %}{{ m.role }},{% endfor %}{{ messages[:ns.i]|length }}")
s("string slice","{{ 'hello'[1:3] }} {{ 'hello'[-2:] }} {{ 'hello'[:-1] }} {{ 'hello'[::-1] }}")
s("code points","{{ '😀ab'|length }} {{ '😀ab'[0] }} {{ '😀ab'[1:] }} {{ '😀ab'.find('b') }}")
s("negative index","{{ messages[-1].role }} {{ 'abc'[-1] }} {{ 'a,b'.split(',')[-1] }}")
s("split/strip chain","{{ '<think>\nx\n</think>\n\ny'.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') }}|{{ ' a '.strip() }}|{{ 'xxaxx'.strip('x') }}")
s("split() whitespace, maxsplit","{{ ' a  b '.split() }} {{ 'a.b.c'.split('.', 1) }} {{ 'a.b.c'.rsplit('.', 1) }}")
s("regex chars in split","{{ 'a|b.c'.split('|') }} {{ 'a.b'.split('.') }}")
s("startswith/endswith","{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x','c')) }}")
s("upper/lower/title/capitalize/replace/find","{{ 'aB c'.upper() }}{{ 'aB'.lower() }}{{ \"they're x\".title() }}{{ 'aBC'.capitalize() }}{{ 'aaa'.replace('a','b',2) }}{{ 'abc'.find('c') }}")
s("join method","{{ ', '.join(['a','b']) }}")
s(".items() in for","{% for k, v in {'a':1,'b':2}.items() %}{{ k }}={{ v }};{% endfor %}")
s("|items in for","{% for k, v in {'a':1,'b':2}|items %}{{ k }}={{ v }};{% endfor %}")
s("dict iteration gives keys","{% for k in {'a':1,'b':2} %}{{ k }};{% endfor %}")
s(".get()","{{ messages[0].get('role') }} {{ messages[0].get('x') }} {{ messages[0].get('x', 'd') }} {{ messages[0].get('x') is none }}")
s(".keys()/.values()","{{ {'a':1}.keys()|list }} {{ {'a':1}.values()|list }}")
s("dict key named items","{% set d = {'items': 3} %}{{ d['items'] }} {% for k, v in d.items() %}{{ k }}{% endfor %}")
s("set in if leaks","{% if true %}{% set a = 1 %}{% endif %}{{ a }}")
s("set in for does not leak","{% set a = 1 %}{% for i in [1,2] %}{% set a = i + 10 %}{{ a }}{% endfor %}{{ a }}")
s("per-iteration scope","{% for i in [1,2,3] %}{% if i == 1 %}{% set x = 'seen' %}{% endif %}[{{ x }}]{% endfor %}")
s("namespace","{% set ns = namespace(a=1, b='x') %}{% for i in [1,2] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}{{ ns.b }}")
s("namespace kwarg expression","{% set ns = namespace(n=messages|length - 1) %}{{ ns.n }}")
s("set block","{% set x %}a{{ 1 }}b{% endset %}[{{ x }}]")
s("set block filter","{% set x | trim | upper %}  a {{ 1 }} {% endset %}[{{ x }}]")
s("set tuple","{% set a, b = 1, 2 %}{{ a }}{{ b }}")
s("for if","{% for m in messages if m.role == 'user' %}{{ loop.index0 }}{{ loop.last }}{{ m.content }};{% endfor %}")
s("for else","{% for m in [] %}x{% else %}none{% endfor %}")
s("loop vars","{% for m in [1,2,3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}")
s("loop.previtem/nextitem","{% for m in [1,2,3] %}{{ loop.previtem }}<{{ m }}>{{ loop.nextitem is defined }};{% endfor %}")
s("nested loop var","{% for a in [1,2] %}{% for b in [1] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}")
s("break/continue","{% for a in [1,2,3,4] %}{% if a == 2 %}{% continue %}{% endif %}{% if a == 4 %}{% break %}{% endif %}{{ a }}{% endfor %}")
s("macro defaults kwargs","{% macro f(a, b='d', c=none) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ f(1) }} {{ f(1, c=2) }} {{ f(1, 'x') }}")
s("recursive macro","{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}")
s("macro sees globals, not loop","{% set g = 'G' %}{% macro f() %}{{ g }}{{ m }}{% endmacro %}{% for m in [1] %}{{ f() }}{% endfor %}")
s("macro result | trim","{% macro f() %}  x  {% endmacro %}[{{ f()|trim }}]")
s("call block","{% macro f(x) %}<{{ caller() }}{{ x }}>{% endmacro %}{% call f(1) %}in{% endcall %}")
s("filter block","{% filter upper %}abc{% endfilter %}")
s("generation tag","{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}!{% endgeneration %}{% else %}{{ m.content }}\n{% endif %}{% endfor %}")
s("tojson","{{ {'a': 'é<&>\\'\"', 'b': [1, 2.0, none, true], 'c': {}, 'd': []}|tojson }}")
s("tojson indent","{{ {'a': [1, {'b': 2}], 'c': {}}|tojson(indent=2) }}{{ [1]|tojson(indent=4) }}")
s("tojson kwargs","{{ {'b': 'é', 'a': 1}|tojson(ensure_ascii=true, separators=(',', ':'), sort_keys=true) }}")
s("tojson of string","{{ 'a\nb\t\"中\"'|tojson }}")
s("length/first/last/join/list","{{ 'abc'|length }}{{ [1,2]|length }}{{ {'a':1}|length }}{{ [1,2]|first }}{{ [1,2]|last }}{{ [1,'b']|join(', ') }}{{ 'ab'|list }}")
s("default","{{ nope|default('d') }}{{ none|default('d') }}{{ ''|default('d', true) }}{{ nope|d }}")
s("selectattr/rejectattr","{{ messages|selectattr('role','equalto','user')|list|length }}{{ messages|rejectattr('role','eq','user')|map(attribute='role')|join(',') }}{{ messages|selectattr('tool_calls','undefined')|list|length }}")
s("map/select/reject","{{ ['a','b']|map('upper')|join }}{{ [1,'',2]|select|list|length }}{{ ['a','b']|reject('equalto','a')|list }}{{ ['a','b']|reject('in',['a'])|list }}")
s("dictsort/sort/unique/reverse","{% for k, v in {'b':1,'A':2}|dictsort %}{{ k }}{% endfor %}{{ [3,1]|sort }}{{ ['a','a']|unique|list }}{{ [1,2]|reverse|list }}")
s("trim/upper/title/capitalize/replace/indent","[{{ ' a '|trim }}{{ 'a'|upper }}{{ 'a b'|title }}{{ 'aB'|capitalize }}{{ 'aa'|replace('a','b') }}{{ 'a\nb'|indent(2) }}]")
s("int/float/string/abs/round","{{ '3'|int + 1 }}{{ 'x'|int }}{{ '1.5'|float }}{{ 3|string + 'a' }}{{ -3|abs }}{{ 2.5|round }}")
s("filter precedence","{{ 'a' + ' b '|trim + 'c' }} {{ 'x' ~ [1,2]|length ~ 'y' }} {{ -1|abs }}")
s("arith precedence","{{ 1 + 2 * 3 - 4 % 3 }} {{ (1 + 2) * 3 }} {{ 7 - 2 - 1 }} {{ 2 * 3 ~ 'x' }}")
s("chained comparison","{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }}")
s("int vs bool vs str equality","{{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ none == false }} {{ 'a' == 'a' }} {{ nope == none }}")
s("string escapes","{{ 'a\\nb\\t\\'c\\\\d' }}{{ \"x\\\"y\" }}{{ '\\u4e2d' }}")
s("newline inside string literal","{{ 'a\nb' }}")
s("implicit string concatenation","{{ 'a' 'b'\n 'c' }}")
s("%} and }} inside strings","{{ '}}' }}{{ '%}' }}{% if '%}' == '%}' %}y{% endif %}{{ '{{' }}")
s("content with template syntax","{{ messages[4].content }}")
s("'<' and quotes inside expr strings","{{- '\\n<tools>{\"name\": <fn>, \"a\": {}}</tools>' }}")
s("multi-line expression","{{ 'a'\n  + 'b'\n  if true\n  else 'c' }}")
s("list concat & nested literals","{{ ([1] + [2, [3]])|length }}{{ {'a': {'b': [1,{'c':2}]}}.a.b[1].c }}")
s("string * int, % format","{{ 'ab' * 2 }}{{ '%s-%03d' % ('x', 7) }}{{ '{}-{}'.format(1, 'b') }}")
s("range","{% for i in range(3) %}{{ i }}{% endfor %}{{ range(1, 7, 2)|list }}")
s("dict()","{{ dict(a=1, b='x') }}")
s("raise_exception","{{ raise_exception('boom ' ~ 1) }}")
s("raise in expression","{{ 'a' if true else raise_exception('no') }}")
s("strftime_now","{{ strftime_now('%d %b %Y %H:%M:%S %A %B %j %y') }}")
s("strftime_now is defined","{{ strftime_now is defined }} {{ raise_exception is defined }}")
s("append blocked","{% set l = [] %}{{ l.append(1) }}{{ l }}")
s("unknown filter","{{ 1|nosuch }}")
s("unknown test","{{ 1 is nosuch }}")
s("unknown tag","{% nosuch %}")
s("Java methods not reachable","{{ 'a'.getClass() }}")
s("dunder blocked","{{ ''.__class__.__mro__ }}")
s("unclosed if","{% if true %}a")
s("bool arithmetic","{{ true + 1 }} {{ (loop_index0 | default(3)) % 2 == 0 }}")
s("whitespace-only string trim unicode","[{{ '\u3000 a\u00a0'.strip() }}]")
s("loop.index0 % 2 == 0 vs bool","{% for m in messages %}{{ (m.role == 'user') != (loop.index0 % 2 == 0) }};{% endfor %}")
s("set with inline dict + tojson order","{% set d = {'z': 1, 'a': [{'y': 1, 'b': none}]} %}{{ d|tojson }}")
s("is in test","{{ 'a' is in ['a'] }} {{ 3 is divisibleby(3) }} {{ 2 is even }} {{ 1 is odd }} {{ 'a' is eq('a') }}")
s("none in list print","{% for x in [none, 1] %}{{ x }},{% endfor %}")
s("attr vs item on list of dicts","{{ messages[0]['role'] }}{{ messages[0].role }}{{ messages|map(attribute='role')|list }}")



class Fixed(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 11, 4, 9, 5, 3)


U.datetime = Fixed
MESSAGES = [
    {"role": "system", "content": "S"},
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": "yo", "tool_calls": []},
    {"role": "user", "content": "z"},
    {"role": "user", "content": "{{ 1+1 }} {% if x %} {# c #}"},
]
cases = []
for name, template in S.items():
    case = {"name": name, "template": template}
    generation = "generation" in template
    try:
        text, spans = U.render_jinja_template(
            conversations=[MESSAGES], tools=None, chat_template=template, add_generation_prompt=True,
            return_assistant_tokens_mask=generation, bos_token="<s>",
        )
        case["text"] = text[0]
        if generation:
            case["spans"] = spans[0]
    except Exception as e:
        case["error"] = type(e).__name__
    cases.append(case)
json.dump(
    {"transformers": transformers.__version__, "jinja2": jinja2.__version__, "messages": MESSAGES, "cases": cases},
    sys.stdout, ensure_ascii=False, indent=1,
)
