package dev.whetstone.leaderboard.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Publish;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings of tasks and evaluations as others may see them. */
final class PublicSettings {
  /**
   * Keys whose texts are names or switches. Any other text, such as a template, a description or a
   * written-out example, can be a text of a prompt.
   */
  private static final Set<String> NAMES =
      Set.of(
          "task",
          "tasks",
          "task_alias",
          "tag",
          "dataset_path",
          "dataset_name",
          "training_split",
          "validation_split",
          "test_split",
          "fewshot_split",
          "output_type",
          "metric_list",
          "metric",
          "aggregation",
          "metadata",
          "version",
          Publish.KEY,
          "model",
          "model_args",
          "pretrained",
          "adapter",
          "peft",
          "dtype",
          "device",
          "batch_size",
          "limit",
          "include_path");

  /**
   * An absolute path of at least two names, alone or behind "=" or a comma, as model_args has it.
   */
  private static final Pattern PLACE =
      Pattern.compile("(?<![^=,\\s])(?:file:)?(?:/|[A-Za-z]:\\\\)[^,\\s]*[/\\\\][^,\\s]+");

  private static final Pattern LAST_TWO = Pattern.compile("[^/\\\\]+[/\\\\][^/\\\\]+[/\\\\]?$");

  private PublicSettings() {}

  /** Numbers, switches and names stay; any other text or structure becomes its SHA-256. */
  static JsonNode withoutTexts(JsonNode settings) {
    if (settings instanceof ObjectNode object) {
      ObjectNode shown = Json.mapper().createObjectNode();
      object
          .properties()
          .forEach(
              field ->
                  shown.set(
                      field.getKey(),
                      NAMES.contains(field.getKey())
                          ? withoutTexts(field.getValue())
                          : hashed(field.getValue())));
      return shown;
    }
    if (settings instanceof ArrayNode array) {
      ArrayNode shown = Json.mapper().createArrayNode();
      array.forEach(element -> shown.add(withoutTexts(element)));
      return shown;
    }
    return settings;
  }

  private static JsonNode hashed(JsonNode value) {
    if (value.isTextual()) {
      return value.asText().isEmpty()
          ? value
          : TextNode.valueOf("sha256:" + ContentHash.sha256(value.asText()));
    }
    return value.isContainerNode() && !value.isEmpty()
        ? TextNode.valueOf(ContentHash.of("setting/1").addJson(value).finish())
        : value;
  }

  /** Absolute paths shortened; where someone's folders lie is nobody's business. */
  static JsonNode withoutPlaces(JsonNode settings) {
    if (settings instanceof ObjectNode object) {
      ObjectNode shown = Json.mapper().createObjectNode();
      object
          .properties()
          .forEach(field -> shown.set(field.getKey(), withoutPlaces(field.getValue())));
      return shown;
    }
    if (settings instanceof ArrayNode array) {
      ArrayNode shown = Json.mapper().createArrayNode();
      array.forEach(element -> shown.add(withoutPlaces(element)));
      return shown;
    }
    return settings.isTextual() ? TextNode.valueOf(place(settings.asText())) : settings;
  }

  /** {@code text}, of an absolute path in it only the last two names. */
  static String place(String text) {
    return PLACE
        .matcher(text)
        .replaceAll(
            found -> {
              Matcher last = LAST_TWO.matcher(found.group());
              return Matcher.quoteReplacement(
                  last.find() && last.start() > 1 ? "…/" + last.group() : found.group());
            });
  }
}
