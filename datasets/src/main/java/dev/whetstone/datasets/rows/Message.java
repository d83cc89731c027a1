package dev.whetstone.datasets.rows;

import static java.util.Objects.requireNonNull;

/**
 * One turn of a conversation.
 *
 * @param role {@code system}, {@code user}, {@code assistant} or {@code tool}
 * @param content text, empty where an assistant only calls tools
 * @param toolCalls a JSON array as text, empty for none: arguments differ from row to row, so they
 *     cannot be columns
 * @param extra what else the message holds ({@code name}, {@code tool_call_id}, {@code
 *     reasoning_content}, ...): a JSON object as text, empty for none
 * @param weight what an assistant's turn counts in the loss, not negative; 0: it is not trained on;
 *     null: as the recipe says, 1 or 0
 */
public record Message(String role, String content, String toolCalls, String extra, Double weight) {
  public static final String SYSTEM = "system";
  public static final String USER = "user";
  public static final String ASSISTANT = "assistant";
  public static final String TOOL = "tool";

  public Message {
    requireNonNull(role, "role is null");
    requireNonNull(content, "content is null");
    requireNonNull(toolCalls, "toolCalls is null");
    requireNonNull(extra, "extra is null");
    if (weight != null && !(weight >= 0 && Double.isFinite(weight))) {
      throw new IllegalArgumentException("weight must be finite and >= 0: " + weight);
    }
  }

  public static Message of(String role, String content) {
    return new Message(role, content, "", "", null);
  }

  public Message withContent(String text) {
    return new Message(role, text, toolCalls, extra, weight);
  }

  /** Whether the turn is trained on; null: as the recipe says. */
  public Boolean loss() {
    return weight == null ? null : weight > 0;
  }

  /** Whether it counts more or less than a turn that is trained on without more said. */
  public boolean isWeighted() {
    return weight != null && weight != 0 && weight != 1;
  }

  /** As a person reads it: {@code role: content}, then what else there is as JSON. */
  String text() {
    String calls = toolCalls.isEmpty() ? "" : " " + toolCalls;
    String more = extra.isEmpty() ? "" : " " + extra;
    return role + ": " + content + calls + more;
  }
}
