import dev.whetstone.models.text.testing.TinyTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Spark's format hf-arrow beside Hugging Face datasets. {@code write FOLDER} makes datasets of every
 * shape, with their rows as JSON Lines beside them; {@code read FOLDER...} writes the rows of others
 * to FOLDER.jsonl; {@code tokenizer FOLDER} makes a tokenizer and a template for prepare.
 */
final class HfArrow {
  private static final String TURN =
      "array(named_struct('role', 'user', 'content', concat('第', id, '题:上海在哪里？ 🦊'), 'tool_calls', CAST(null AS STRING)),"
          + " named_struct('role', 'assistant', 'content', IF(id % 3 = 0, '', '在中国。'), 'tool_calls',"
          + " IF(id % 3 = 0, '[{\"type\": \"function\", \"function\": {\"name\": \"map\", \"arguments\": {\"city\": \"上海\", \"zoom\": {\"level\": 3}}}}]', null)))";

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[1]);
    if (arguments[0].equals("tokenizer")) {
      TinyTokenizer.write(folder);
      return;
    }
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.jsonGenerator.ignoreNullFields", "false")
            .getOrCreate();
    if (arguments[0].equals("write")) {
      write(spark, folder);
    } else {
      for (String name : List.of(arguments).subList(1, arguments.length)) {
        lines(spark.read().format("hf-arrow").load(name), Path.of(name + ".jsonl"));
      }
    }
    spark.stop();
  }

  private static void write(SparkSession spark, Path folder) throws Exception {
    Dataset<Row> ids = spark.range(0, 2500, 1, 3).toDF();
    dict(folder.resolve("messages"), ids.selectExpr(
        "concat('r', id) AS id", TURN + " AS messages",
        "'[{\"type\": \"function\", \"function\": {\"name\": \"map\", \"parameters\": {\"type\": \"object\"}}}]' AS tools",
        "named_struct('gopher_mean', CAST(id AS FLOAT) / 7, 'other', CAST(null AS FLOAT)) AS scores"));
    dict(folder.resolve("tokens"), ids.selectExpr(
        "concat('r', id) AS id", "transform(sequence(0, id % 50), i -> CAST(i * 7 AS INT)) AS input_ids",
        "transform(sequence(0, id % 50), i -> IF(i % 2 = 0, -100, CAST(i * 7 AS INT))) AS labels", "CAST(id % 50 + 1 AS INT) AS length"));
    dict(folder.resolve("preference"), ids.selectExpr(
        "concat('r', id) AS id", TURN + " AS messages", "slice(" + TURN + ", 2, 1) AS rejected", "id % 2 = 0 AS label"));
    one(folder.resolve("types"), spark.sql(
        """
        SELECT 1Y AS b, 2S AS s, 3 AS i, 4L AS l, 1.5F AS f, 2.5D AS d, true AS t, '中文' AS c, DATE'2026-01-02' AS day,
          TIMESTAMP'2026-01-02 03:04:05.123' AS at, TIMESTAMP_NTZ'2026-01-02 03:04:05' AS local, -1.25BD AS decimal,
          X'00FF' AS bytes, array(array('x'), array()) AS lists, named_struct('k', named_struct('z', 1L)) AS structs
        UNION ALL SELECT null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
        """));
    one(folder.resolve("empty"), ids.where("id < 0").selectExpr("concat('r', id) AS id", TURN + " AS messages"));
  }

  private static void dict(Path folder, Dataset<Row> rows) throws Exception {
    Files.createDirectories(folder);
    one(folder.resolve("train"), rows.where("id != 'r7'"));
    one(folder.resolve("validation"), rows.where("id = 'r7'"));
    one(folder.resolve("test"), rows.where("id = 'none'"));
    Files.writeString(folder.resolve("dataset_dict.json"), "{\"splits\": [\"train\", \"validation\", \"test\"]}");
  }

  private static void one(Path folder, Dataset<Row> rows) throws Exception {
    rows.write().format("hf-arrow").option("split", folder.getFileName().toString())
        .option("max_shard_bytes", 60_000).mode("overwrite").save(folder.toString());
    lines(rows, Path.of(folder + ".jsonl"));
  }

  private static void lines(Dataset<Row> rows, Path file) throws Exception {
    Files.write(file, new ArrayList<>(rows.toJSON().collectAsList()));
  }
}
