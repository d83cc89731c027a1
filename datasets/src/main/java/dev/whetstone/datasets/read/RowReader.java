package dev.whetstone.datasets.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.rows.Conversation;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One line of JSON Lines to a conversation, strictly: a row that is not JSON to its last character,
 * or of no known shape, is broken and says why. A schema is never guessed from other rows.
 */
public final class RowReader {
  /** Asked in order; the first whose keys are there reads the row. */
  static final List<RowShape> SHAPES =
      List.of(
          new PreferenceShape(),
          new LabelledShape(),
          new MessagesShape(),
          new ShareGptShape(),
          new PromptCompletionShape(),
          new AlpacaShape());

  private static final int ID_DIGITS = 12;

  // A line cut in its middle still tells its id if that stands before the cut.
  private static final Pattern BROKEN_ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"\\\\]{1,200})\"");

  private RowReader() {}

  /** The conversation in {@code line}. Its id is its {@code id}, else {@link #derivedId}. */
  public static Conversation read(String line) throws BrokenRowException {
    JsonNode row = parse(line);
    if (!row.isObject()) {
      throw new BrokenRowException("expected a JSON object, found " + Fields.kind(row));
    }
    RowShape shape =
        SHAPES.stream()
            .filter(s -> s.matches(row))
            .findFirst()
            .orElseThrow(
                () ->
                    new BrokenRowException(
                        "expected messages, conversations, prompt and completion, or instruction"
                            + " and output; found the keys "
                            + String.join(", ", keys(row))));
    return shape.conversation(row).withId(id(row, line));
  }

  /** The id of a line that names none or cannot be read: the same line has the same id. */
  public static String derivedId(String line) {
    return "row-" + ContentHash.sha256(line).substring(0, ID_DIGITS);
  }

  /** The id of a line as far as one can be found, for rows that are broken. */
  public static String idOf(String line) {
    try {
      JsonNode row = parse(line);
      return row.isObject() ? id(row, line) : derivedId(line);
    } catch (BrokenRowException e) {
      return BROKEN_ID
          .matcher(line)
          .results()
          .findFirst()
          .map(m -> m.group(1))
          .orElseGet(() -> derivedId(line));
    }
  }

  private static String id(JsonNode row, String line) {
    JsonNode id = row.path("id");
    return id.isTextual() && !id.textValue().isBlank()
        ? id.textValue()
        : id.isIntegralNumber() ? id.asText() : derivedId(line);
  }

  static JsonNode parse(String text) throws BrokenRowException {
    try {
      JsonNode node = Json.mapper().readTree(text);
      if (node == null || node.isMissingNode()) {
        throw new BrokenRowException("expected JSON, found nothing");
      }
      return node;
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw new BrokenRowException(
          "not JSON at character %d: %s".formatted(column, e.getOriginalMessage()));
    }
  }

  private static List<String> keys(JsonNode row) {
    return row.properties().stream().map(Map.Entry::getKey).limit(10).toList();
  }
}
