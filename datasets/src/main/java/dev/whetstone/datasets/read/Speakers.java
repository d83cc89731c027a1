package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How turns tell who speaks and what is said.
 *
 * @param roleKey key of the speaker
 * @param contentKey key of the text
 * @param roles our role by the name of the speaker; {@link #CALL} for one whose text is a call
 */
record Speakers(String roleKey, String contentKey, Map<String, String> roles) {
  /** The text is one call {@code {"name", "arguments"}} or an array of them, by the assistant. */
  static final String CALL = "call";

  /**
   * OpenAI's roles, and those of ms-swift (docs, Custom-dataset.md). OpenAI renamed {@code system}
   * to {@code developer}; chat templates know the old name.
   */
  static final Speakers MESSAGES =
      new Speakers(
          "role",
          "content",
          Map.ofEntries(
              Map.entry("system", Message.SYSTEM),
              Map.entry("developer", Message.SYSTEM),
              Map.entry("user", Message.USER),
              Map.entry("assistant", Message.ASSISTANT),
              Map.entry("tool", Message.TOOL),
              Map.entry("function", Message.TOOL),
              Map.entry("tool_response", Message.TOOL),
              Map.entry("tool_call", CALL)));

  /** ShareGPT's speakers as in LLaMA-Factory's data/README.md, and what people write as well. */
  static final Speakers SHARE_GPT =
      new Speakers(
          "from",
          "value",
          Map.ofEntries(
              Map.entry("system", Message.SYSTEM),
              Map.entry("human", Message.USER),
              Map.entry("user", Message.USER),
              Map.entry("gpt", Message.ASSISTANT),
              Map.entry("chatgpt", Message.ASSISTANT),
              Map.entry("bot", Message.ASSISTANT),
              Map.entry("assistant", Message.ASSISTANT),
              Map.entry("observation", Message.TOOL),
              Map.entry("tool", Message.TOOL),
              Map.entry("function_call", CALL)));

  /**
   * What a turn counts in the loss: ms-swift's {@code loss} and {@code loss_scale}, OpenAI's {@code
   * weight}, Volcengine's {@code loss_weight}.
   */
  private static final List<String> WEIGHTS =
      List.of("loss", "loss_scale", "weight", "loss_weight");

  /** Keys that are fields of {@link Message} or become one; all others are its extra. */
  private static final Set<String> KNOWN =
      Stream.concat(Stream.of("tool_calls", "function_call"), WEIGHTS.stream())
          .collect(Collectors.toUnmodifiableSet());

  /** The turns in the array at {@code key}, told by their own keys where they have them. */
  static List<Message> anyTurns(Fields row, String key) throws BrokenRowException {
    return anyTurns(row.objects(key));
  }

  static List<Message> anyTurns(List<Fields> turns) throws BrokenRowException {
    boolean shareGpt = !turns.isEmpty() && turns.get(0).has(SHARE_GPT.roleKey());
    return (shareGpt ? SHARE_GPT : MESSAGES).turns(turns);
  }

  /** A value that is text, one turn, or an array of turns. {@code role} is that of a text. */
  static List<Message> side(Fields row, String key, String role) throws BrokenRowException {
    JsonNode value = row.get(key);
    if (value.isObject()) {
      return anyTurns(row.objects(List.of(value)));
    }
    return value.isArray() ? anyTurns(row, key) : List.of(Message.of(role, row.text(key)));
  }

  /** The turns in order; calls that follow an answer, or one another, are part of that turn. */
  List<Message> turns(List<Fields> turns) throws BrokenRowException {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      Fields turn = turns.get(i);
      String speaker = turn.text(roleKey);
      String role = roles.get(speaker);
      if (role == null) {
        throw new BrokenRowException(
            "turn %d: unknown role \"%s\"; known: %s"
                .formatted(i + 1, speaker, String.join(", ", new TreeSet<>(roles.keySet()))));
      }
      if (!role.equals(CALL)) {
        messages.add(message(turn, role));
        continue;
      }
      Message call =
          new Message(
              Message.ASSISTANT,
              "",
              calls(turn.parts(turn.text(contentKey))),
              extra(turn),
              weight(turn));
      int last = messages.size() - 1;
      if (last >= 0 && messages.get(last).role().equals(Message.ASSISTANT)) {
        messages.set(last, joined(messages.get(last), call));
      } else {
        messages.add(call);
      }
    }
    return messages;
  }

  private static Message joined(Message answer, Message call) {
    String before = answer.toolCalls();
    String calls =
        before.isEmpty()
            ? call.toolCalls()
            : before.substring(0, before.lastIndexOf(']')) + "," + call.toolCalls().substring(1);
    return new Message(
        Message.ASSISTANT,
        answer.content(),
        calls,
        answer.extra().isEmpty() ? call.extra() : answer.extra(),
        answer.weight() == null ? call.weight() : answer.weight());
  }

  private Message message(Fields turn, String role) throws BrokenRowException {
    boolean legacy = turn.has("function_call") && !turn.has("tool_calls");
    String calls =
        legacy ? calls(List.of(turn.verbatim("function_call"))) : turn.jsonArray("tool_calls");
    Double weight = role.equals(Message.ASSISTANT) ? weight(turn) : null;
    return new Message(role, content(turn), calls, extra(turn), weight);
  }

  /** Calls in OpenAI's wrapping, each as it stands. */
  static String calls(List<String> functions) {
    return functions.stream()
        .map(function -> "{\"type\":\"function\",\"function\":" + function + "}")
        .toList()
        .toString();
  }

  /** All that are there, multiplied: a dataset of ours has {@code loss} and {@code weight}. */
  private static Double weight(Fields turn) throws BrokenRowException {
    Double weight = null;
    for (String key : WEIGHTS) {
      if (turn.has(key)) {
        weight = turn.weight(key) * (weight == null ? 1 : weight);
      }
    }
    return weight;
  }

  private String extra(Fields turn) throws BrokenRowException {
    List<String> entries = new ArrayList<>();
    for (String key : turn.keys()) {
      boolean own = key.equals(roleKey) || key.equals(contentKey) || KNOWN.contains(key);
      if (key.equals("extra") && turn.get(key).isTextual()) {
        // A dataset of ours: the further keys stand there together.
        Fields further = turn.object(key);
        for (String name : further.keys()) {
          entries.add(Json.line(name) + ":" + further.verbatim(name));
        }
      } else if (!own) {
        entries.add(Json.line(key) + ":" + turn.verbatim(key));
      }
    }
    return entries.isEmpty() ? "" : "{" + String.join(",", entries) + "}";
  }

  /** Text, or a list of parts where all of them are text, with OpenAI's {@code type} or without. */
  private String content(Fields turn) throws BrokenRowException {
    if (!turn.get(contentKey).isArray()) {
      return turn.text(contentKey);
    }
    var text = new StringBuilder();
    for (Fields part : turn.objects(contentKey)) {
      String type = part.get("type").asText("text");
      if (!type.equals("text") || !part.has("text")) {
        throw new BrokenRowException(
            "\"%s\": expected parts of type text, found %s"
                .formatted(
                    contentKey,
                    type.equals("text")
                        ? "one with " + String.join(", ", part.keys())
                        : "type \"" + type + "\""));
      }
      text.append(part.text("text"));
    }
    return text.toString();
  }
}
