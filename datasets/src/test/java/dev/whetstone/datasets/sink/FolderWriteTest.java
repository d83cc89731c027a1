package dev.whetstone.datasets.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sink when all goes well, and when tasks, jobs and disks do not. */
class FolderWriteTest {
  private static SparkSession spark;

  @TempDir Path world;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2,2]") // a task may fail once
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.codegen.wholeStage", "false") // compiling takes longer than running
            .config("spark.sql.session.timeZone", "Asia/Kolkata")
            .config("spark.sql.datetime.java8API.enabled", "true")
            .config("spark.hadoop.fs.elsewhere.impl", ElsewhereFileSystem.class.getName())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @AfterEach
  void emptyTheDisk() {
    ElsewhereFileSystem.FREE_BYTES.set(Long.MAX_VALUE);
  }

  @Test
  void rowsComeInTheOrderOfPartitions() {
    write(numbers(0, 100, 7), "append");
    assertThat(read()).isEqualTo(texts(0, 100));
    assertThat(names("")).containsExactly("data", "dataset_info.json", "state.json");
    assertThat(names("data")).hasSize(7).allMatch(n -> n.matches("data-\\d{5}-of-00007.arrow"));
  }

  @Test
  void aTaskThatFailsOnceLeavesNeitherDebrisNorDoubleRows() {
    Dataset<Row> rows =
        numbers(0, 8000, 2).mapPartitions(failingOnce(), Encoders.STRING()).toDF("text");
    rows.write()
        .format(HfArrowSource.FORMAT)
        .option(HfArrowSource.MAX_SHARD_BYTES, 9000)
        .mode("append")
        .save(folder());
    assertThat(read()).isEqualTo(texts(0, 8000));
    assertThat(names("")).containsExactly("data", "dataset_info.json", "state.json");
    assertThat(names("data").size()).isEqualTo(shards(folder()).size()).isGreaterThan(4);
  }

  @Test
  void ofTwoAttemptsOfATaskOneCounts() throws Exception {
    FolderWrite job = job();
    DataWriterFactory tasks = job.createBatchWriterFactory(() -> 2);
    DataWriter<InternalRow> slow = tasks.createWriter(0, 10);
    slow.write(row("slow and aborted"));
    DataWriter<InternalRow> zombie = tasks.createWriter(1, 11);
    zombie.write(row("done, but its message was lost"));
    zombie.commit();
    zombie.close();
    List<WriterCommitMessage> messages = new ArrayList<>();
    for (int partition = 0; partition < 2; partition++) {
      DataWriter<InternalRow> winner = tasks.createWriter(partition, 20 + partition);
      winner.write(row("partition " + partition));
      messages.add(winner.commit());
      winner.close();
    }
    slow.abort();
    slow.close();
    job.commit(messages.toArray(WriterCommitMessage[]::new));
    assertThat(read()).containsExactly("partition 0", "partition 1");
    assertThat(names("")).containsExactly("data", "dataset_info.json", "state.json");

    DataWriter<InternalRow> late = tasks.createWriter(0, 30);
    late.write(row("after the end"));
    assertThatThrownBy(late::commit).isInstanceOf(IOException.class);
    late.abort();
    late.close();
    assertThat(names("")).containsExactly("data", "dataset_info.json", "state.json");
  }

  @Test
  void aJobThatFailsLeavesNothing() {
    assertThatThrownBy(() -> write(broken(), "append")).hasStackTraceContaining("planted");
    assertThat(Path.of(folder())).doesNotExist();
  }

  @Test
  void aJobThatFailsLeavesTheOldDatasetAsItWas() {
    write(numbers(0, 50, 3), "append");
    Map<String, String> before = bytes();
    assertThatThrownBy(() -> write(broken(), "overwrite")).hasStackTraceContaining("planted");
    assertThat(bytes()).isEqualTo(before);
  }

  @Test
  void overwritingTakesOldShardsCachesAndPlansAway() throws IOException {
    write(numbers(0, 50, 5), "append");
    Files.writeString(file("data/cache-5e1f.arrow"), "what map() made of the old rows");
    Files.writeString(file("cache-77.arrow"), "likewise");
    Files.writeString(file("packs-1024.arrow"), "plan of the old rows");
    Files.createDirectories(file("_tmp-of-a-killed-driver/data"));
    write(numbers(7, 9, 1), "overwrite");
    assertThat(read()).isEqualTo(texts(7, 9));
    assertThat(names("")).containsExactly("data", "dataset_info.json", "state.json");
    assertThat(names("data")).containsExactly("data-00000-of-00001.arrow");
  }

  @Test
  void foldersOfOtherFilesAreNotOverwritten() throws IOException {
    Files.createDirectories(file("data"));
    Files.writeString(file("thesis.tex"), "years of work");
    for (String mode : List.of("append", "overwrite")) {
      assertThatThrownBy(() -> write(numbers(0, 5, 1), mode))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("found thesis.tex");
    }
    assertThat(names("")).containsExactly("data", "thesis.tex");
  }

  @Test
  void appendingToADatasetIsRefused() {
    write(numbers(0, 5, 1), "append");
    Map<String, String> before = bytes();
    assertThatThrownBy(() -> write(numbers(5, 9, 1), "append"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("already holds a dataset")
        .hasMessageContaining("mode(\"overwrite\")");
    assertThat(bytes()).isEqualTo(before);
  }

  @Test
  void emptyPartitionsMakeNoShards() {
    write(numbers(0, 100, 5).where("text IN ('row 30', 'row 90')"), "append");
    assertThat(read()).containsExactly("row 30", "row 90");
    assertThat(names("data")).hasSize(2);
  }

  @Test
  void noRowsAtAllMakeOneShardOfNoRows() {
    write(numbers(0, 9, 3).where("text = ''"), "append");
    assertThat(read()).isEmpty();
    assertThat(names("data")).containsExactly("data-00000-of-00001.arrow");
    assertThat(spark.read().format("hf-arrow").load(folder()).columns()).containsExactly("text");
    spark
        .emptyDataFrame()
        .selectExpr("'x' AS text")
        .write()
        .format("hf-arrow")
        .mode("overwrite")
        .save(folder());
    assertThat(read()).isEmpty();
  }

  @Test
  void shardsEndAtTheBytesThatAreAskedFor() throws IOException {
    int limit = 40_000;
    String text = "concat(text, repeat('x', 1000)) AS text";
    numbers(0, 2000, 2)
        .selectExpr(text)
        .write()
        .format("hf-arrow")
        .option("max_shard_bytes", limit)
        .mode("append")
        .save(folder());
    assertThat(read()).hasSize(2000);
    List<String> shards = shards(folder());
    assertThat(shards.size()).isBetween(20, 60);
    for (String shard : shards) {
      assertThat(Files.size(file(shard))).isLessThan(2 * limit + 2000);
    }
    for (String wrong : List.of("0", "-3", "1 GB")) {
      assertThatThrownBy(
              () ->
                  numbers(0, 1, 1)
                      .write()
                      .format("hf-arrow")
                      .option("max_shard_bytes", wrong)
                      .mode("overwrite")
                      .save(folder()))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("max_shard_bytes, found \"" + wrong + "\"");
    }
  }

  @Test
  void rowsThatAreLargeHaveBatchesOfTheirOwn() {
    numbers(0, 6, 1)
        .selectExpr("concat(text, repeat('雪', 700000)) AS text")
        .write()
        .format("hf-arrow")
        .option("max_shard_bytes", 1_000_000)
        .mode("append")
        .save(folder());
    assertThat(names("data")).as("2.1 MB a row, 1 MB a shard").hasSize(6);
    assertThat(read())
        .allMatch(text -> text.length() == 700_005)
        .element(5)
        .asString()
        .startsWith("row 5雪");
  }

  @Test
  void columnsThatHuggingFaceCannotReadAreNamedAllAtOnce() {
    Dataset<Row> rows =
        numbers(0, 1, 1)
            .selectExpr(
                "text",
                "map('a', 1) AS m",
                "parse_json('{}') AS v",
                "INTERVAL '1' DAY AS i",
                "array(named_struct('x', named_struct('y', map(1, 2)))) AS deep",
                "1 AS a",
                "2 AS a");
    assertThatThrownBy(() -> write(rows, "append"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("m is MAP<STRING, INT>")
        .hasMessageContaining("v is VARIANT")
        .hasMessageContaining("i is INTERVAL DAY")
        .hasMessageContaining("deep[].x.y is MAP<INT, INT>")
        .hasMessageContaining("a is there twice");
    assertThat(Path.of(folder())).doesNotExist();
    assertThatThrownBy(() -> write(numbers(0, 1, 1).select(), "append"))
        .hasMessageContaining("there are none");
  }

  @Test
  void everyTypeComesBackAsItWas() {
    Dataset<Row> rows =
        spark.sql(
            """
            SELECT 1Y AS b, 2S AS s, 3 AS i, 4L AS l, 1.5F AS f, 2.5D AS d, true AS t, '中文 🦊' AS c,
              X'00FF' AS y, DATE'2026-01-02' AS day, TIMESTAMP'2026-01-02 03:04:05.123456' AS at,
              TIMESTAMP_NTZ'1969-12-31 23:59:59.999999' AS local, -1.25BD AS dec,
              CAST('12345678901234567890123456789012345678' AS DECIMAL(38,0)) AS wide,
              array(1, null) AS a, array(array('x'), array()) AS aa, named_struct('k', 'v', 'n', named_struct('z', 1L)) AS st,
              CAST(null AS STRING) AS n, null AS nothing
            UNION ALL
            SELECT null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
            """);
    write(rows, "append");
    Dataset<Row> back = spark.read().format("hf-arrow").load(folder());
    assertThat(back.collectAsList()).isEqualTo(rows.collectAsList());
    assertThat(back.schema().catalogString()).isEqualTo(rows.schema().catalogString());
  }

  @Test
  void theFingerprintFollowsTheRows() throws IOException {
    write(numbers(0, 50, 2), "append");
    String print = fingerprint();
    write(numbers(0, 50, 2), "overwrite");
    assertThat(fingerprint()).isEqualTo(print).hasSize(16);
    write(numbers(1, 51, 2), "overwrite");
    assertThat(fingerprint()).isNotEqualTo(print);
    numbers(0, 5, 1)
        .write()
        .format("hf-arrow")
        .option("fingerprint", "given")
        .mode("overwrite")
        .save(folder());
    assertThat(fingerprint()).isEqualTo("given");
  }

  @Test
  void anyFileSystemThatRenamesWillDo() {
    String elsewhere = ElsewhereFileSystem.SCHEME + ":" + folder();
    numbers(0, 50, 3).write().format("hf-arrow").mode("append").save(elsewhere);
    numbers(3, 40, 2).write().format("hf-arrow").mode("overwrite").save(elsewhere);
    assertThat(read(elsewhere)).isEqualTo(texts(3, 40));
    assertThat(names("")).containsExactly("data", "dataset_info.json", "state.json");
  }

  @Test
  void aFullDiskIsOneSentenceAndTheOldDatasetStands() {
    String elsewhere = ElsewhereFileSystem.SCHEME + ":" + folder();
    numbers(0, 50, 3).write().format("hf-arrow").mode("append").save(elsewhere);
    Map<String, String> before = bytes();
    for (long free : new long[] {0, 100, 2000, 60_000, 70_000}) {
      ElsewhereFileSystem.FREE_BYTES.set(free);
      Throwable failure =
          catchThrowable(
              () ->
                  numbers(0, 3000, 2).write().format("hf-arrow").mode("overwrite").save(elsewhere));
      if (failure == null) {
        assertThat(read(elsewhere)).as("%d bytes were enough", free).isEqualTo(texts(0, 3000));
        continue;
      }
      assertThat(failure)
          .as("%d bytes free", free)
          .hasStackTraceContaining("No space left on device");
      assertThat(bytes()).as("%d bytes free", free).isEqualTo(before);
    }
    ElsewhereFileSystem.FREE_BYTES.set(Long.MAX_VALUE);
  }

  /** The texts, but the first attempt of the second task fails in their midst. */
  private static MapPartitionsFunction<Row, String> failingOnce() {
    return rows -> {
      TaskContext task = TaskContext.get();
      List<String> texts = new ArrayList<>();
      while (rows.hasNext()) {
        texts.add(rows.next().getString(0));
      }
      return texts.stream()
          .peek(
              text -> {
                if (text.equals("row 7000") && task.attemptNumber() == 0) {
                  throw new IllegalStateException("planted");
                }
              })
          .iterator();
    };
  }

  private FolderWrite job() {
    var info =
        new LogicalWriteInfo() {
          @Override
          public CaseInsensitiveStringMap options() {
            return CaseInsensitiveStringMap.empty();
          }

          @Override
          public String queryId() {
            return "q";
          }

          @Override
          public StructType schema() {
            return StructType.fromDDL("text STRING");
          }
        };
    var write = new FolderWrite(folder(), info);
    write.toBatch();
    return write;
  }

  private static InternalRow row(String text) {
    return new GenericInternalRow(new Object[] {UTF8String.fromString(text)});
  }

  /** Rows "row FROM" to "row TO-1" in order. */
  private static Dataset<Row> numbers(int from, int to, int partitions) {
    return spark.range(from, to, 1, partitions).selectExpr("concat('row ', id) AS text");
  }

  private static Dataset<Row> broken() {
    return numbers(0, 4000, 2)
        .selectExpr("IF(text = 'row 3999', raise_error('planted'), text) AS text");
  }

  private static List<String> texts(int from, int to) {
    return Stream.iterate(from, i -> i + 1).limit(to - from).map(i -> "row " + i).toList();
  }

  private void write(Dataset<Row> rows, String mode) {
    rows.write().format(HfArrowSource.FORMAT).mode(mode).save(folder());
  }

  private List<String> read() {
    return read(folder());
  }

  private static List<String> read(String folder) {
    return spark
        .read()
        .format(HfArrowSource.FORMAT)
        .load(folder)
        .as(Encoders.STRING())
        .collectAsList();
  }

  private String folder() {
    return world.resolve("rows").toString();
  }

  private Path file(String name) {
    return Path.of(folder()).resolve(name);
  }

  private static List<String> shards(String folder) {
    List<String> shards = new ArrayList<>();
    Json.read(Path.of(folder, "state.json"))
        .get("_data_files")
        .forEach(f -> shards.add(f.get("filename").asText()));
    return shards;
  }

  private String fingerprint() {
    return Json.read(file("state.json")).get("_fingerprint").asText();
  }

  private List<String> names(String below) {
    try (Stream<Path> files = Files.list(file(below))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every file's bytes by its name. */
  private Map<String, String> bytes() {
    try (Stream<Path> files = Files.walk(Path.of(folder()))) {
      return files
          .filter(Files::isRegularFile)
          .collect(
              Collectors.toMap(
                  f -> Path.of(folder()).relativize(f).toString(),
                  FolderWriteTest::content,
                  (a, b) -> a,
                  TreeMap::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String content(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
