package dev.whetstone.datasets.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.datasets.rows.Conversation;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One row as JSON to a conversation, strictly: a row that is not JSON to its last character, or of
 * no known shape, is broken and says why. A schema is never guessed from other rows.
 */
public final class RowReader {
  /** Conversations to learn from as they stand. */
  private static final List<RowShape> PLAIN =
      List.of(
          new MessagesShape(),
          new ShareGptShape(),
          new PromptCompletionShape(),
          new AlpacaShape(),
          new QueryResponseShape());

  /** Asked in order; the first whose keys are there reads the row. */
  static final List<RowShape> SHAPES =
      Stream.concat(
              Stream.of(
                  new OpenAiPreferenceShape(),
                  new SwiftPreferenceShape(),
                  new BailianPreferenceShape(),
                  new PreparedPreferenceShape(),
                  new PreferenceShape(),
                  new ImplicitPreferenceShape(),
                  new LabelledShape()),
              PLAIN.stream())
          .toList();

  private static final int ID_DIGITS = 12;
  private static final int KEYS_SHOWN = 10;

  // A line cut in its middle still tells its id if that stands before the cut.
  private static final Pattern BROKEN_ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"\\\\]{1,200})\"");

  private final List<RowShape> shapes;

  private RowReader(List<RowShape> shapes) {
    this.shapes = shapes;
  }

  /** Names of all shapes, as recipes have them. */
  public static List<String> shapeNames() {
    return SHAPES.stream().map(RowShape::name).toList();
  }

  /**
   * A reader of rows that are laid out so.
   *
   * @throws IllegalArgumentException if there is no such shape
   */
  public static RowReader of(RowFormat format) {
    if (format.equals(RowFormat.AUTO)) {
      return new RowReader(SHAPES);
    }
    if (!format.mapping().isEmpty()) {
      return new RowReader(List.of(LlamaFactoryShape.of(format.mapping())));
    }
    List<RowShape> named =
        SHAPES.stream().filter(shape -> shape.name().equals(format.shape())).toList();
    if (named.isEmpty()) {
      throw new IllegalArgumentException("unknown shape: " + format.shape());
    }
    return new RowReader(named);
  }

  /** The conversation in {@code line}. Its id is its {@code id}, else {@link #derivedId}. */
  public Conversation read(String line) throws BrokenRowException {
    var source = new SourceJson();
    JsonNode json = source.parse(line);
    if (!json.isObject()) {
      throw new BrokenRowException("expected a JSON object, found " + Fields.kind(json));
    }
    var row = new Fields(json, source);
    // A shape that is named need not be told from others.
    RowShape shape =
        shapes.size() == 1
            ? shapes.get(0)
            : shapes.stream().filter(s -> s.matches(row)).findFirst().orElseThrow(unknown(row));
    if (shapes.size() == 1 && !shape.isReadable(row)) {
      throw new BrokenRowException(
          "expected %s, found the keys %s".formatted(shape.keys(), keys(row)));
    }
    return shape.conversation(row).withId(id(json, line));
  }

  /**
   * The shape of a row that is neither a pair nor labelled, or that is so without what makes it.
   */
  static Optional<RowShape> plain(Fields row) {
    return PLAIN.stream().filter(shape -> shape.matches(row)).findFirst();
  }

  static Conversation plainConversation(Fields row) throws BrokenRowException {
    return plain(row).orElseThrow(unknown(row)).conversation(row);
  }

  private static Supplier<BrokenRowException> unknown(Fields row) {
    return () ->
        new BrokenRowException(
            "expected %s; found the keys %s"
                .formatted(
                    PLAIN.stream().map(RowShape::keys).collect(Collectors.joining(", or ")),
                    keys(row)));
  }

  private static String keys(Fields row) {
    return row.keys().stream().limit(KEYS_SHOWN).collect(Collectors.joining(", "));
  }

  /** The id of a line that names none or cannot be read: the same line has the same id. */
  public static String derivedId(String line) {
    return "row-" + ContentHash.sha256(line).substring(0, ID_DIGITS);
  }

  /** The id of a line as far as one can be found, for rows that are broken. */
  public static String idOf(String line) {
    try {
      JsonNode row = new SourceJson().parse(line);
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
}
