package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.text.jinja.Environment;
import dev.whetstone.models.text.jinja.JinjaException;
import dev.whetstone.models.text.jinja.JinjaTemplate;
import dev.whetstone.models.text.jinja.JinjaTemplate.Rendered;
import dev.whetstone.models.text.jinja.PythonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A {@link ChatTemplate} by our Jinja interpreter; prepares messages as transformers 5.23 does
 * (utils/chat_template_utils.py).
 */
final class JinjaChatTemplate implements ChatTemplate {
  private static final List<String> SPECIAL =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  /** Names of a message's reasoning, the one that wins first. */
  private static final List<String> REASONING =
      List.of("reasoning_content", "thinking", "reasoning");

  private final JinjaTemplate template;
  private final Map<String, String> specialTokens;
  private final String sha256;

  JinjaChatTemplate(String source, Map<String, String> specialTokens) {
    try {
      this.template = JinjaTemplate.compile(source, Environment.chat());
    } catch (JinjaException e) {
      throw new BadInputException("chat template: " + e.getMessage() + ".", e);
    }
    this.specialTokens = new TreeMap<>(specialTokens);
    this.sha256 = ContentHash.sha256(source);
  }

  static Optional<ChatTemplate> open(Path modelFolder) {
    // Not ModelFolder.open: a folder without weights renders as well.
    var folder = new ModelFolder(modelFolder);
    JsonNode config = folder.tokenizerConfig();
    var tokens = new HashMap<String, String>();
    for (String name : SPECIAL) {
      JsonNode value = config.path(name);
      String text = value.isTextual() ? value.asText() : value.path("content").asText(null);
      if (text != null) {
        tokens.put(name, text);
      }
    }
    Optional<String> template = folder.chatTemplate();
    try {
      return template.map(source -> new JinjaChatTemplate(source, tokens));
    } catch (BadInputException e) {
      throw new BadInputException(modelFolder + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String render(
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      boolean addGenerationPrompt) {
    return rendered(messages, tools, addGenerationPrompt).text();
  }

  private Rendered rendered(
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      boolean addGenerationPrompt) {
    if (messages.isEmpty()) {
      throw new BadInputException("a conversation needs at least one message, found none.");
    }
    var variables = new HashMap<String, Object>(specialTokens);
    variables.put("messages", messages.stream().map(JinjaChatTemplate::prepared).toList());
    variables.put("tools", tools.isEmpty() ? null : tools);
    variables.put("documents", null);
    variables.put("add_generation_prompt", addGenerationPrompt);
    try {
      return template.renderWithSpans(variables);
    } catch (JinjaException e) {
      throw new BadInputException("chat template: " + e.getMessage() + ".", e);
    }
  }

  /**
   * A message without its null values, its reasoning under every name that a template may read
   * ({@code _alias_reasoning_fields}).
   */
  private static Map<String, Object> prepared(Map<String, Object> message) {
    var kept = new LinkedHashMap<String, Object>();
    Object reasoning =
        REASONING.stream().map(message::get).filter(Objects::nonNull).findFirst().orElse(null);
    if (reasoning != null) {
      kept.put("thinking", reasoning); // first, for templates that walk over the keys
    }
    message.forEach(
        (key, value) -> {
          if (value != null) {
            kept.put(key, value);
          }
        });
    if (reasoning != null) {
      kept.put("reasoning_content", reasoning);
    }
    return kept;
  }

  @Override
  public RenderedChat renderForTraining(
      List<Map<String, Object>> messages, List<Map<String, Object>> tools) {
    Rendered whole = rendered(messages, tools, false);
    if (!whole.spans().isEmpty()) {
      return new RenderedChat(
          whole.text(), whole.spans().stream().map(s -> new Span(s.start(), s.end())).toList());
    }
    var spans = new ArrayList<Span>();
    for (int turn = 0; turn < messages.size(); turn++) {
      if (turn > 0 && "assistant".equals(messages.get(turn).get("role"))) {
        spans.add(answer(messages, tools, turn, whole.text()));
      }
    }
    return new RenderedChat(whole.text(), spans);
  }

  /**
   * The characters of one answer: from where a generation would begin to the end of its turn. White
   * space after the end-of-turn token belongs to the template, not to the answer: generation has
   * stopped before it.
   */
  private Span answer(
      List<Map<String, Object>> messages, List<Map<String, Object>> tools, int turn, String whole) {
    String head = rendered(messages.subList(0, turn), tools, true).text();
    String through = rendered(messages.subList(0, turn + 1), tools, false).text();
    if (!through.startsWith(head) || !whole.startsWith(PythonText.rstrip(through))) {
      throw new BadInputException(
          "message %d: the chat template writes earlier turns differently once this answer is there, so it is not clear which"
                  .formatted(turn + 1)
              + " text the model is to learn; use a template with {% generation %} blocks or end"
              + " the conversation here.");
    }
    // An empty answer in a template without an end-of-turn token leaves nothing to learn.
    int end = Math.max(head.length(), PythonText.rstrip(through).length());
    return new Span(head.length(), end);
  }

  @Override
  public String sha256() {
    return sha256;
  }
}
