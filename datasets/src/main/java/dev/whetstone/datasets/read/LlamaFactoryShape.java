package dev.whetstone.datasets.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of a data set of LLaMA-Factory, by its entry in {@code dataset_info.json} (data/README.md
 * and src/llamafactory/data/parser.py, version 0.9.5): {@code formatting}, {@code ranking}, {@code
 * columns}, {@code tags}. As there, an entry that names columns has only those that it names, and
 * the same holds for tags.
 */
final class LlamaFactoryShape implements RowShape {
  private static final Map<String, String> COLUMNS =
      Map.of(
          "prompt", "instruction",
          "query", "input",
          "response", "output",
          "messages", "conversations");
  private static final Map<String, String> TAGS =
      Map.of(
          "role_tag", "from",
          "content_tag", "value",
          "user_tag", "human",
          "assistant_tag", "gpt",
          "observation_tag", "observation",
          "function_tag", "function_call",
          "system_tag", "system");
  private static final List<String> FORMATTINGS = List.of("alpaca", "sharegpt", "openai");

  private final boolean alpaca;
  private final boolean ranking;
  private final Map<String, String> columns;
  private final Speakers speakers;

  private LlamaFactoryShape(
      boolean alpaca, boolean ranking, Map<String, String> columns, Speakers speakers) {
    this.alpaca = alpaca;
    this.ranking = ranking;
    this.columns = columns;
    this.speakers = speakers;
  }

  /**
   * The shape that an entry describes.
   *
   * @throws IllegalArgumentException if it describes none: the message says why
   */
  static LlamaFactoryShape of(String entry) {
    JsonNode info;
    try {
      info = Json.mapper().readTree(entry);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(Json.sentence(e), e);
    }
    String formatting = info.path("formatting").asText("alpaca");
    if (!FORMATTINGS.contains(formatting)) {
      throw new IllegalArgumentException(
          "unknown formatting \"%s\"; known: %s"
              .formatted(formatting, String.join(", ", FORMATTINGS)));
    }
    Map<String, String> tags = named(info, "tags", TAGS);
    Map<String, String> roles = new HashMap<>();
    // The order matters where one name stands for two: a role that speaks wins.
    put(roles, tags.get("function_tag"), Speakers.CALL);
    put(roles, tags.get("observation_tag"), Message.TOOL);
    put(roles, tags.get("system_tag"), Message.SYSTEM);
    put(roles, tags.get("user_tag"), Message.USER);
    put(roles, tags.get("assistant_tag"), Message.ASSISTANT);
    Speakers speakers =
        formatting.equals("openai") && !info.has("tags")
            ? Speakers.MESSAGES
            : new Speakers(
                tags.getOrDefault("role_tag", "from"),
                tags.getOrDefault("content_tag", "value"),
                Map.copyOf(roles));
    return new LlamaFactoryShape(
        formatting.equals("alpaca"),
        info.path("ranking").asBoolean(false),
        named(info, "columns", COLUMNS),
        speakers);
  }

  private static void put(Map<String, String> roles, String name, String role) {
    if (name != null) {
      roles.put(name, role);
    }
  }

  private static Map<String, String> named(
      JsonNode info, String key, Map<String, String> defaults) {
    if (!info.hasNonNull(key)) {
      return defaults;
    }
    Map<String, String> named = new HashMap<>();
    info.get(key)
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isTextual()) {
                named.put(entry.getKey(), entry.getValue().textValue());
              }
            });
    return Map.copyOf(named);
  }

  private String column(String key) {
    return columns.getOrDefault(key, "");
  }

  @Override
  public String name() {
    return "llama-factory";
  }

  @Override
  public String keys() {
    String turns = alpaca ? column("prompt") : column("messages");
    String answers =
        ranking
            ? ", " + column("chosen") + ", " + column("rejected")
            : alpaca ? ", " + column("response") : "";
    return turns + answers + ", as dataset_info.json has it";
  }

  @Override
  public boolean matches(Fields row) {
    return row.has(alpaca ? column("prompt") : column("messages"))
        && (!ranking || row.has(column("chosen"), column("rejected")))
        && (ranking || !alpaca || row.has(column("response")));
  }

  @Override
  public Conversation conversation(Fields row) throws BrokenRowException {
    List<Message> turns =
        alpaca
            ? Prompts.of(
                row, column("system"), column("history"), column("prompt"), column("query"))
            : Prompts.joined(
                Prompts.system(row, column("system")),
                speakers.turns(row.objects(column("messages"))));
    String tools = row.jsonArray(column("tools"));
    if (ranking) {
      return Conversation.pair(
          turns, side(row, column("chosen")), side(row, column("rejected")), tools);
    }
    if (alpaca) {
      turns = Prompts.joined(turns, side(row, column("response")));
    }
    Conversation conversation = Conversation.of("", turns, tools);
    return row.has(column("kto_tag"))
        ? LabelledShape.labelled(
            conversation, row.flag(column("kto_tag")), LabelledShape.promptTurns(turns))
        : conversation;
  }

  private List<Message> side(Fields row, String key) throws BrokenRowException {
    JsonNode value = row.get(key);
    return value.isObject()
        ? speakers.turns(row.objects(List.of(value)))
        : value.isArray()
            ? speakers.turns(row.objects(key))
            : List.of(Message.of(Message.ASSISTANT, row.text(key)));
  }
}
