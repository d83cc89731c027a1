package dev.whetstone.datasets.job;

import dev.whetstone.datasets.PrepareConfig.Quality;
import dev.whetstone.datasets.decontaminate.Contamination;
import dev.whetstone.datasets.language.Languages;
import dev.whetstone.datasets.measure.Measures;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import dev.whetstone.datasets.rows.RowKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Names of the columns that travel through the job, and a conversation as columns and back. */
final class RowColumns {
  static final String POSITION = "position";
  static final String ID = "id";
  static final String SOURCE = "source";
  static final String LINE = "line";
  static final String MESSAGES = "messages";
  static final String REJECTED = "rejected";
  static final String PROMPT_TURNS = "prompt_turns";
  static final String LABEL = "label";
  static final String TOOLS = "tools";
  static final String LANGUAGE = "language";
  static final String LANGUAGE_CONFIDENCE = "language_confidence";
  static final String SCORES = "scores";
  static final String TEXT_HASH = "text_hash";
  static final String CHANGES = "changes";
  static final String BEFORE = "before";
  static final String REASON = "reason";
  static final String DETAIL = "detail";
  static final String LEAKS = "leaks";

  /** Columns that {@link #conversation(Row)} reads. */
  static final List<String> SAID = List.of(ID, MESSAGES, REJECTED, PROMPT_TURNS, LABEL, TOOLS);

  private static final String CONVERSATION =
      "position BIGINT, id STRING, source STRING, line BIGINT, "
          + "messages ARRAY<%1$s>, rejected ARRAY<%1$s>, prompt_turns INT, label BOOLEAN, "
              .formatted(
                  "STRUCT<role: STRING, content: STRING, tool_calls: STRING, extra: STRING, "
                      + "loss: BOOLEAN, weight: DOUBLE>")
          + "tools STRING, language STRING, language_confidence FLOAT, "
          + Measures.ALL.stream()
              .map(measure -> measure.key() + ": FLOAT")
              .collect(
                  Collectors.joining(", ", "scores STRUCT<", ", " + Quality.KEY + ": FLOAT>, "));

  /**
   * Every row that was read. The language is null where it was not looked for, its confidence also
   * where there is too little text. {@code scores} is null where a row was dropped before it was
   * measured, and each score where its measure judges no such text. {@code reason} and {@code
   * detail} are null while the row is alive; {@code leaks} are the benchmark items that it holds,
   * the one with most of it first, or null; {@code before} is the text before cleaning, where
   * cleaning changed or dropped the row.
   */
  static final StructType READ =
      StructType.fromDDL(
          CONVERSATION
              + "text_hash STRING, changes STRING, before STRING, reason STRING, detail STRING, "
              + "leaks ARRAY<STRUCT<item: INT, first: BOOLEAN, kind: STRING, share: DOUBLE,"
              + " evidence: STRING>>");

  /**
   * Rows that are left, with their place and tokens. {@code piece}: its number where a conversation
   * was split, else 0; the scores of a piece are those of the whole. {@code cut}: tokens that are
   * gone. {@code reason} as above.
   */
  static final StructType TOKENISED =
      StructType.fromDDL(
          CONVERSATION
              + "row_order BIGINT, row_range INT, split STRING, input_ids ARRAY<INT>, labels"
              + " ARRAY<INT>, loss_weights ARRAY<FLOAT>, rejected_input_ids ARRAY<INT>,"
              + " rejected_labels ARRAY<INT>, length INT, targets INT, piece INT, cut INT, digest"
              + " STRING, reason STRING, detail STRING");

  private RowColumns() {}

  /** Turns as Spark's structs; null for none. */
  static Row[] structs(List<Message> turns) {
    return turns.isEmpty()
        ? null
        : turns.stream()
            .map(
                m ->
                    RowFactory.create(
                        m.role(),
                        m.content(),
                        orNull(m.toolCalls()),
                        orNull(m.extra()),
                        m.loss(),
                        m.isWeighted() ? m.weight() : null))
            .toArray(Row[]::new);
  }

  /** {@code prompt_turns} of a row: null where it is no pair and has no label. */
  static Integer promptTurns(Conversation row) {
    return row.kind() == RowKind.CONVERSATION ? null : row.promptTurns();
  }

  static String language(Optional<Languages.Guess> guess) {
    return guess.map(Languages.Guess::code).orElse(null);
  }

  static Float confidence(Optional<Languages.Guess> guess) {
    return guess
        .filter(g -> !Double.isNaN(g.confidence()))
        .map(g -> (float) g.confidence())
        .orElse(null);
  }

  /**
   * Scores in the order of {@link Measures#ALL} as Spark's struct; that of the classifier, which is
   * the last, is null until {@link QualityScores} tells it.
   */
  static Row scores(double[] scores) {
    return RowFactory.create(
        DoubleStream.concat(DoubleStream.of(scores), DoubleStream.of(Double.NaN))
            .mapToObj(s -> Double.isNaN(s) ? null : (float) s)
            .toArray());
  }

  /**
   * Benchmark items as Spark's structs; null for none. {@code first} is true for one item of each
   * task: so rows of a task can be counted item by item.
   */
  static Row[] leaks(List<Contamination> leaks) {
    Set<String> tasks = new HashSet<>();
    return leaks.isEmpty()
        ? null
        : leaks.stream()
            .map(
                l ->
                    RowFactory.create(
                        l.item(), tasks.add(l.task()), l.kind().key(), l.share(), l.evidence()))
            .toArray(Row[]::new);
  }

  /** The conversation in a row of {@link #READ} or {@link #TOKENISED}. */
  static Conversation conversation(Row row) {
    return conversation(row, orEmpty(row.getAs(TOOLS)));
  }

  private static Conversation conversation(Row row, String tools) {
    Integer promptTurns = row.getAs(PROMPT_TURNS);
    return new Conversation(
        row.getAs(ID),
        turns(row, MESSAGES),
        tools,
        turns(row, REJECTED),
        row.getAs(LABEL),
        promptTurns == null ? 0 : promptTurns);
  }

  private static List<Message> turns(Row row, String column) {
    int index = row.fieldIndex(column);
    List<Row> turns = row.isNullAt(index) ? List.of() : row.getList(index);
    return turns.stream()
        .map(
            t ->
                new Message(
                    t.getString(0),
                    t.getString(1),
                    orEmpty(t.getString(2)),
                    orEmpty(t.getString(3)),
                    weight(t)))
        .toList();
  }

  private static Double weight(Row turn) {
    if (turn.isNullAt(4)) {
      return null;
    }
    return turn.isNullAt(5) ? (turn.getBoolean(4) ? 1.0 : 0.0) : turn.getDouble(5);
  }

  /** The turns in a row as text; empty where it could not be read. */
  static String text(Row row) {
    return row.getAs(MESSAGES) == null ? "" : conversation(row, "").text();
  }

  static String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
