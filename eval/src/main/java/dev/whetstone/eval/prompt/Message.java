package dev.whetstone.eval.prompt;

import java.util.Map;

/**
 * One turn of a prompt.
 *
 * @param role {@code system}, {@code user} or {@code assistant}
 * @param delimiter follows the content in plain text and is no part of a chat
 */
record Message(String role, String content, String delimiter) {
  static Message system(String content) {
    return new Message("system", content, "");
  }

  String asText() {
    return content + delimiter;
  }

  Map<String, Object> asChat() {
    return Map.of("role", role, "content", content);
  }
}
