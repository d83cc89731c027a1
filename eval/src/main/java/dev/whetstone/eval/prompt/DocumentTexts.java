package dev.whetstone.eval.prompt;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.eval.python.PythonText;
import dev.whetstone.eval.task.Benchmark;
import dev.whetstone.eval.task.TaskConfig;
import dev.whetstone.models.text.jinja.Environment;
import dev.whetstone.models.text.jinja.JinjaException;
import dev.whetstone.models.text.jinja.JinjaTemplate;
import dev.whetstone.models.text.jinja.PythonLiteral;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Question, choices and target of a document: each key of the task is a column name, a template or
 * a plain value. As {@code lm_eval/api/task.py}, {@code doc_to_text} and its like.
 */
public final class DocumentTexts {
  private final TaskConfig task;
  private final Set<String> columns;
  private final Map<String, JinjaTemplate> compiled = new HashMap<>();

  public DocumentTexts(Benchmark benchmark) {
    this.task = benchmark.task();
    this.columns = benchmark.columns();
  }

  /** Text, or a whole number that says which choice is the context. */
  public Object question(Map<String, Object> document) {
    return question(document, task.values().get("doc_to_text"));
  }

  Object question(Map<String, Object> document, Object rule) {
    if (!(rule instanceof String text)) {
      return rule;
    }
    if (columns.contains(text)) {
      return document.get(text);
    }
    String rendered = render("doc_to_text", text, document);
    return task.hasChoices() && PythonText.isInteger(rendered)
        ? (Object) Long.parseLong(rendered)
        : rendered;
  }

  /** The right answer: text, the number of a choice, or a list of such. */
  public Object target(Map<String, Object> document) {
    return target(document, task.values().get("doc_to_target"));
  }

  Object target(Map<String, Object> document, Object rule) {
    if (!(rule instanceof String text)) {
      return rule;
    }
    if (columns.contains(text)) {
      return document.get(text);
    }
    String rendered = render("doc_to_target", text, document);
    if (task.hasChoices() && PythonText.isInteger(rendered)) {
      return Long.parseLong(rendered);
    }
    if (rendered.length() >= 2 && rendered.startsWith("[") && rendered.endsWith("]")) {
      try {
        return PythonLiteral.parse(rendered);
      } catch (JinjaException e) {
        return rendered; // as lm-eval: what is no literal is text
      }
    }
    return rendered;
  }

  /** The choices, empty if the task has none. */
  public List<String> choices(Map<String, Object> document) {
    return task.hasChoices() ? choices(document, task.values().get("doc_to_choice")) : List.of();
  }

  List<String> choices(Map<String, Object> document, Object rule) {
    Object choices = rule;
    if (rule instanceof String text) {
      choices = columns.contains(text) ? document.get(text) : literal(text, document);
    }
    if (choices instanceof Map<?, ?> map) {
      choices = List.copyOf(map.values());
    }
    if (!(choices instanceof List<?> list) || list.isEmpty()) {
      throw new BadInputException(
          "%s: doc_to_choice: expected a list with choices, found %s."
              .formatted(task.file(), choices));
    }
    return list.stream().map(PythonText::str).toList();
  }

  /** A list without the detour over its text where the template is one expression. */
  private Object literal(String template, Map<String, Object> document) {
    try {
      Object value = compile("doc_to_choice", template).evaluate(document);
      return value instanceof String text ? PythonLiteral.parse(text) : value;
    } catch (JinjaException e) {
      throw failed("doc_to_choice", e);
    }
  }

  /** A column or a template; empty text for none. */
  String field(String key, String rule, Map<String, Object> document) {
    if (rule.isEmpty()) {
      return "";
    }
    return document.containsKey(rule)
        ? PythonText.str(document.get(rule))
        : render(key, rule, document);
  }

  private String render(String key, String template, Map<String, Object> document) {
    try {
      return compile(key, template).render(document);
    } catch (JinjaException e) {
      throw failed(key, e);
    }
  }

  private JinjaTemplate compile(String key, String template) {
    JinjaTemplate known = compiled.get(template);
    if (known == null) {
      try {
        known = JinjaTemplate.compile(template, Environment.task());
      } catch (JinjaException e) {
        throw failed(key, e);
      }
      compiled.put(template, known);
    }
    return known;
  }

  private BadInputException failed(String key, JinjaException e) {
    return new BadInputException("%s: %s: %s.".formatted(task.file(), key, e.getMessage()), e);
  }
}
