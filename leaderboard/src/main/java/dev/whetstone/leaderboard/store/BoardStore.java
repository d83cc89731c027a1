package dev.whetstone.leaderboard.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.entry.Contender;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.Exposure;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.Publishing;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.entry.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The entries of a board in one SQLite file. Entries are only ever added; adding one that is there
 * changes nothing. Several processes may use the file at once: writers wait for one another,
 * readers see the last commit.
 *
 * <p>Holds no open connection between calls, but for {@link #changes}. Safe for several threads.
 */
public final class BoardStore {
  private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
  private static final TypeReference<Map<String, Double>> NUMBERS = new TypeReference<>() {};
  private static final TypeReference<List<Ancestor>> LINEAGE = new TypeReference<>() {};

  private final Database database;
  private final Clock clock;

  private BoardStore(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Opens the board in {@code file}, making it and its folder if needed, and brings its tables up
   * to date.
   *
   * @throws BadInputException if the file is no board
   */
  public static BoardStore open(Path file, Clock clock) {
    if (Files.isDirectory(file)) {
      throw new BadInputException(
          file + ": expected a board's database, found a folder; choose another --db.");
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
    return new BoardStore(Database.open(file), clock);
  }

  /**
   * Adds {@code entry}, whole or not at all.
   *
   * @return whether it was new
   */
  public boolean add(Entry entry) {
    return database.write(
        handle -> {
          int added = insertEntry(handle, entry);
          if (added == 0) {
            return false;
          }
          long number =
              handle
                  .createQuery("SELECT number FROM entry WHERE entry_key = :key")
                  .bind("key", entry.key())
                  .mapTo(Long.class)
                  .one();
          for (int i = 0; i < entry.tasks().size(); i++) {
            insertTask(handle, number, i, entry.tasks().get(i));
          }
          return true;
        });
  }

  /** All entries in the order in which they were added. */
  public List<Entry> entries() {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM entry ORDER BY number")
                .map((row, context) -> entry(handle, row))
                .list());
  }

  /** The entry with this key. */
  public Optional<Entry> find(String key) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM entry WHERE entry_key = :key")
                .bind("key", key)
                .map((row, context) -> entry(handle, row))
                .findOne());
  }

  /** Tells whether something that pages show has changed since. Holds a connection until closed. */
  public BoardChanges changes() {
    return new BoardChanges(database.connection());
  }

  /** The jobs that are kept with this board. */
  public ScheduleStore schedule() {
    return new ScheduleStore(database);
  }

  /** Connections to the same file for a library that keeps tables of its own in it. */
  public DataSource dataSource() {
    return database.source();
  }

  private int insertEntry(Handle handle, Entry entry) {
    return handle
        .createUpdate(
            """
            INSERT INTO entry (entry_key, content, name, base, base_name, adapter, chat_template,
              recipe, versions, lineage, evaluated, seconds, added)
            VALUES (:key, :content, :name, :base, :baseName, :adapter, :chatTemplate,
              :recipe, :versions, :lineage, :evaluated, :seconds, :added)
            ON CONFLICT (entry_key) DO NOTHING
            """)
        .bind("key", entry.key())
        .bind("content", entry.content())
        .bind("name", entry.name())
        .bind("base", entry.model().base())
        .bind("baseName", entry.model().baseName())
        .bind("adapter", entry.model().adapter())
        .bind("chatTemplate", entry.chatTemplate())
        .bind("recipe", Json.line(entry.recipe()))
        .bind("versions", Json.line(entry.versions()))
        .bind("lineage", Json.line(entry.lineage()))
        .bind("evaluated", entry.evaluated())
        .bind("seconds", entry.seconds())
        .bind("added", clock.millis())
        .execute();
  }

  private static void insertTask(Handle handle, long number, int position, TaskResult task) {
    handle
        .createUpdate(
            """
            INSERT INTO task_result (entry_number, position, task, version, shots, task_hash,
              primary_metric, config, publish_documents, publish_answers)
            VALUES (:number, :position, :task, :version, :shots, :hash, :primary, :config,
              :publishDocuments, :publishAnswers)
            """)
        .bind("number", number)
        .bind("position", position)
        .bind("task", task.task())
        .bind("version", task.version())
        .bind("shots", task.shots())
        .bind("hash", task.taskHash())
        .bind("primary", task.primary())
        .bind("config", Json.line(task.config()))
        .bind("publishDocuments", task.publishing().documents().key())
        .bind("publishAnswers", task.publishing().answers().key())
        .execute();
    PreparedBatch metrics =
        handle.prepareBatch(
            """
            INSERT INTO metric (entry_number, task, position, metric_key, value, standard_error,
              higher_is_better, documents)
            VALUES (:number, :task, :position, :key, :value, :error, :higher, :documents)
            """);
    for (int i = 0; i < task.metrics().size(); i++) {
      Metric metric = task.metrics().get(i);
      metrics
          .bind("number", number)
          .bind("task", task.task())
          .bind("position", i)
          .bind("key", metric.key())
          .bind("value", boxed(metric.value()))
          .bind("error", boxed(metric.standardError()))
          .bind("higher", metric.higherIsBetter() ? 1 : 0)
          .bind("documents", task.samples().size())
          .add();
    }
    metrics.execute();
    PreparedBatch samples =
        handle.prepareBatch(
            """
            INSERT INTO sample (entry_number, task, position, doc_id, doc_hash, target_hash, prompt,
              target, answer, scores, exposure)
            VALUES (:number, :task, :position, :docId, :docHash, :targetHash, :prompt, :target,
              :answer, :scores, :exposure)
            """);
    for (int i = 0; i < task.samples().size(); i++) {
      Sample sample = task.samples().get(i);
      samples
          .bind("number", number)
          .bind("task", task.task())
          .bind("position", i)
          .bind("docId", sample.docId())
          .bind("docHash", sample.docHash())
          .bind("targetHash", sample.targetHash())
          .bind("prompt", sample.prompt())
          .bind("target", sample.target())
          .bind("answer", sample.answer())
          .bind("scores", Json.line(sample.scores()))
          .bind("exposure", sample.exposure().key())
          .add();
    }
    if (!task.samples().isEmpty()) {
      samples.execute();
    }
  }

  private static Entry entry(Handle handle, ResultSet row) throws SQLException {
    long number = row.getLong("number");
    return new Entry(
        row.getString("entry_key"),
        row.getString("content"),
        row.getString("name"),
        new Contender(row.getString("base"), row.getString("base_name"), row.getString("adapter")),
        row.getString("chat_template"),
        json(row.getString("recipe"), new TypeReference<JsonNode>() {}),
        json(row.getString("versions"), TEXTS),
        json(row.getString("lineage"), LINEAGE),
        row.getString("evaluated"),
        row.getDouble("seconds"),
        handle
            .createQuery("SELECT * FROM task_result WHERE entry_number = :number ORDER BY position")
            .bind("number", number)
            .map((task, context) -> task(handle, number, task))
            .list());
  }

  private static TaskResult task(Handle handle, long number, ResultSet row) throws SQLException {
    String task = row.getString("task");
    return new TaskResult(
        task,
        row.getString("version"),
        row.getInt("shots"),
        row.getString("task_hash"),
        row.getString("primary_metric"),
        json(row.getString("config"), new TypeReference<JsonNode>() {}),
        new Publishing(
            Publish.of(row.getString("publish_documents")),
            Publish.of(row.getString("publish_answers"))),
        new ArrayList<>(
            handle
                .createQuery(
                    "SELECT * FROM metric WHERE entry_number = :number AND task = :task ORDER BY"
                        + " position")
                .bind("number", number)
                .bind("task", task)
                .map(
                    (metric, context) ->
                        new Metric(
                            metric.getString("metric_key"),
                            optional(metric, "value"),
                            optional(metric, "standard_error"),
                            metric.getInt("higher_is_better") == 1))
                .list()),
        handle
            .createQuery(
                "SELECT * FROM sample WHERE entry_number = :number AND task = :task ORDER BY"
                    + " position")
            .bind("number", number)
            .bind("task", task)
            .map(
                (sample, context) ->
                    new Sample(
                        sample.getLong("doc_id"),
                        sample.getString("doc_hash"),
                        sample.getString("target_hash"),
                        sample.getString("prompt"),
                        sample.getString("target"),
                        sample.getString("answer"),
                        json(sample.getString("scores"), NUMBERS),
                        Exposure.of(sample.getString("exposure"))))
            .list());
  }

  private static OptionalDouble optional(ResultSet row, String column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static Double boxed(OptionalDouble value) {
    return value.isPresent() ? (Double) value.getAsDouble() : null;
  }

  static <T> T json(String text, TypeReference<T> type) {
    try {
      return Json.mapper().readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new BadInputException("the board's database holds " + Json.sentence(e), e);
    }
  }
}
