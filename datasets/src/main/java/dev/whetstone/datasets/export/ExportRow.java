package dev.whetstone.datasets.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A row of a dataset with its JSON texts as JSON again, from which every export is projected. Turns
 * have {@code role} and {@code content}, {@code tool_calls} where there are some, the message's
 * further keys, {@code loss} where the row says whether the turn is trained on, and {@code weight}
 * where it counts neither 0 nor 1.
 *
 * @param messages of a pair: the prompt and the chosen answer
 * @param rejected of a pair: the other answer, without the prompt; else empty
 * @param label of a labelled answer
 * @param promptTurns of a pair or a labelled answer: turns of the prompt; else 0
 * @param tools function schemas
 */
public record ExportRow(
    String id,
    List<ObjectNode> messages,
    List<ObjectNode> rejected,
    Optional<Boolean> label,
    int promptTurns,
    Optional<JsonNode> tools) {
  public static final String ROLE = "role";
  public static final String CONTENT = "content";
  public static final String TOOL_CALLS = "tool_calls";
  public static final String LOSS = "loss";
  public static final String WEIGHT = "weight";

  public static ExportRow of(JsonNode row) {
    JsonNode label = row.path("label");
    return new ExportRow(
        row.path(DatasetFolder.ID).asText(),
        turns(row.path(DatasetFolder.MESSAGES)),
        turns(row.path("rejected")),
        label.isBoolean() ? Optional.of(label.booleanValue()) : Optional.empty(),
        row.path("prompt_turns").asInt(),
        parsed(row.path("tools")));
  }

  public boolean isPair() {
    return !rejected.isEmpty();
  }

  /** Whether an answer says something beside its calls: LLaMA-Factory holds one or the other. */
  public boolean saysAndCalls() {
    return messages.stream()
        .anyMatch(turn -> turn.has(TOOL_CALLS) && !turn.path(CONTENT).asText().isEmpty());
  }

  /** Whether a turn counts neither 0 nor 1, which few trainers know. */
  public boolean isWeighted() {
    return messages.stream().anyMatch(turn -> turn.has(WEIGHT));
  }

  /** Turns of the prompt of a pair or a labelled answer. */
  List<ObjectNode> prompt() {
    return messages.subList(0, promptTurns);
  }

  /** The chosen or the labelled answer. */
  public List<ObjectNode> answer() {
    return messages.subList(promptTurns, messages.size());
  }

  private static List<ObjectNode> turns(JsonNode messages) {
    List<ObjectNode> turns = new ArrayList<>();
    for (JsonNode message : messages) {
      ObjectNode turn = Json.mapper().createObjectNode();
      turn.set(ROLE, message.get(ROLE));
      turn.set(CONTENT, message.get(CONTENT));
      parsed(message.path(TOOL_CALLS)).ifPresent(calls -> turn.set(TOOL_CALLS, calls));
      parsed(message.path("extra")).ifPresent(extra -> turn.setAll((ObjectNode) extra));
      if (message.path(LOSS).isBoolean()) {
        turn.set(LOSS, message.get(LOSS));
      }
      if (message.path(WEIGHT).isNumber()) {
        turn.set(WEIGHT, message.get(WEIGHT));
      }
      turns.add(turn);
    }
    return turns;
  }

  private static Optional<JsonNode> parsed(JsonNode text) {
    try {
      return text.isTextual()
          ? Optional.of(Json.mapper().readTree(text.textValue()))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected JSON text: " + Json.sentence(e), e);
    }
  }

  /** Turns as a JSON array, without what only Whetstone and ms-swift read. */
  static ArrayNode array(List<ObjectNode> turns) {
    ArrayNode array = Json.mapper().createArrayNode();
    for (ObjectNode turn : turns) {
      array.add(turn.deepCopy().without(List.of(LOSS, WEIGHT)));
    }
    return array;
  }

  /** The functions that a turn calls, each {@code {name, arguments}}; arguments as JSON values. */
  static List<ObjectNode> calls(ObjectNode turn) {
    List<ObjectNode> calls = new ArrayList<>();
    for (JsonNode call : turn.path(TOOL_CALLS)) {
      JsonNode function = call.has("function") ? call.get("function") : call;
      ObjectNode plain = Json.mapper().createObjectNode();
      plain.set("name", function.get("name"));
      JsonNode arguments = function.path("arguments");
      plain.set("arguments", parsed(arguments).orElse(arguments));
      calls.add(plain);
    }
    return calls;
  }
}
