package dev.whetstone.models.text;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's chat template, rendered as transformers renders it, an error exactly where transformers
 * raises.
 *
 * <p>Messages are JSON-like values: {@code role}, {@code content}, and what else the template reads
 * ({@code tool_calls} ...).
 */
public interface ChatTemplate {
  /** The template of a model folder with its special tokens as variables. */
  static Optional<ChatTemplate> open(Path modelFolder) {
    return JinjaChatTemplate.open(modelFolder);
  }

  /**
   * A template from its source.
   *
   * @param specialTokens variables such as {@code bos_token}
   */
  static ChatTemplate of(String source, Map<String, String> specialTokens) {
    return new JinjaChatTemplate(source, specialTokens);
  }

  /**
   * Renders a conversation.
   *
   * @param tools JSON schemas of functions, empty for none
   * @param addGenerationPrompt ends with the head of an assistant turn
   */
  String render(
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      boolean addGenerationPrompt);

  /**
   * Renders a conversation and tells which characters the assistant wrote, its end-of-turn token
   * included: by {@code {% generation %}} where the template has it, else by the difference of
   * prefixes, which are checked to be prefixes.
   */
  RenderedChat renderForTraining(
      List<Map<String, Object>> messages, List<Map<String, Object>> tools);

  /** SHA-256 of the template's source, in hexadecimal. */
  String sha256();

  /**
   * Rendered text and what is to be learned.
   *
   * @param assistant half-open spans of characters (UTF-16 units) in order, end-of-turn token
   *     included
   */
  record RenderedChat(String text, List<Span> assistant) {
    public RenderedChat {
      assistant = List.copyOf(assistant);
    }
  }

  /** Half-open span of characters. */
  record Span(int start, int end) {}
}
