package dev.whetstone.datasets.job.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.job.source.SourceFiles.SourceFile;
import dev.whetstone.datasets.read.BrokenRowException;
import dev.whetstone.datasets.read.RowFormat;
import dev.whetstone.datasets.read.RowReader;
import dev.whetstone.datasets.rows.Conversation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceFormatsTest {
  private static final Configuration CONFIGURATION = new Configuration();

  private static final TypeReference<Map<String, String>> CELLS = new TypeReference<>() {};

  @TempDir Path folder;

  @Test
  void theSameRowsComeOutOfEveryFormat() throws Exception {
    List<JsonNode> rows = rows(50);
    byte[] jsonl = TestFiles.jsonl(rows);
    Map<String, byte[]> files = new TreeMap<>();
    files.put("rows.jsonl", jsonl);
    files.put("rows.jsonl.gz", TestFiles.gzip(jsonl));
    files.put("rows.jsonl.zst", TestFiles.zstd(jsonl));
    files.put("members.jsonl.gz", joined(jsonl, true));
    files.put("frames.jsonl.zst", joined(jsonl, false));
    files.put("rows.json", Json.pretty(rows).getBytes(StandardCharsets.UTF_8));
    files.put("rows.json.gz", TestFiles.gzip(Json.line(rows).getBytes(StandardCharsets.UTF_8)));
    files.put(
        "objects.json",
        rows.stream()
            .map(Json::pretty)
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.UTF_8));
    files.put("lines.json", jsonl);
    files.put("no-name-at-all", jsonl);
    files.put("rows.csv", TestFiles.csv(rows, ','));
    files.put("rows.tsv.zst", TestFiles.zstd(TestFiles.csv(rows, '\t')));
    files.put("rows.arrow", TestFiles.arrow(rows, 7, false));
    files.put("rows.feather", TestFiles.arrow(rows, 7, true));
    for (var file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    for (CompressionCodecName codec :
        List.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.GZIP,
            CompressionCodecName.ZSTD,
            CompressionCodecName.LZ4_RAW)) {
      String name = codec + ".parquet";
      TestFiles.parquet(folder.resolve(name), rows, codec, 1000);
      files.put(name, new byte[0]);
    }
    List<Conversation> expected = conversations("rows.jsonl");
    assertThat(expected).hasSize(50);
    assertThat(expected.get(3).messages().get(1).toolCalls()).isEqualTo("[{\"x\": 1e5}]");
    for (String name : files.keySet()) {
      assertThat(conversations(name)).as(name).isEqualTo(expected);
    }
  }

  @Test
  void aParquetFileIsReadByATaskForEachRowGroup() throws Exception {
    TestFiles.parquet(folder.resolve("p.parquet"), rows(50), CompressionCodecName.SNAPPY, 1000);
    List<Block> blocks =
        look(new Source(folder.resolve("p.parquet").toString(), null)).get(0).blocks();
    assertThat(blocks.size()).isGreaterThan(3);
    assertThat(lines(blocks)).extracting(Line::number).containsExactlyElementsOf(numbers(50));
  }

  @Test
  void bordersOfJsonRowsAreFoundWhateverStandsInThem() throws Exception {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      List<String> rows = new ArrayList<>();
      for (int i = random.nextInt(5); i >= 0; i--) {
        rows.add(json(random, 3));
      }
      for (boolean array : new boolean[] {true, false}) {
        String text =
            array
                ? "\uFEFF [" + String.join(" ,\n", rows) + "\n]\n"
                : String.join("\n", rows.stream().map(r -> "{\"a\": " + r + "}").toList());
        Path file = Files.writeString(folder.resolve("x.json"), text);
        List<Line> read = lines(look(new Source(file.toString(), "json")).get(0).blocks());
        assertThat(read)
            .as("seed %d", seed)
            .extracting(line -> Json.mapper().readTree(line.text()))
            .containsExactlyElementsOf(
                rows.stream()
                    .map(r -> array ? r : "{\"a\": " + r + "}")
                    .map(SourceFormatsTest::tree)
                    .toList());
        assertThat(read).extracting(Line::number).containsExactlyElementsOf(numbers(rows.size()));
      }
    }
  }

  @Test
  void cellsOfCsvComeBackAsTheyWere() throws Exception {
    List<String> cells =
        List.of("", "a", "a,b", "say \"x\"", "two\nlines", "cr\r\nlf", "\t", "é\"");
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var text = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "").append("one,two\n");
      List<Map<String, String>> expected = new ArrayList<>();
      String end = random.nextBoolean() ? "\r\n" : "\n";
      int n = random.nextInt(6);
      for (int i = 0; i < n; i++) {
        Map<String, String> row = new TreeMap<>();
        for (String column : List.of("one", "two")) {
          String cell = cells.get(random.nextInt(cells.size()));
          row.put(column, cell);
          text.append('"').append(cell.replace("\"", "\"\"")).append('"');
          text.append(column.equals("one") ? "," : i < n - 1 || random.nextBoolean() ? end : "");
        }
        expected.add(row);
      }
      Path file = Files.writeString(folder.resolve("x.csv"), text);
      List<Map<String, String>> read = new ArrayList<>();
      for (Line line : lines(look(new Source(file.toString(), null)).get(0).blocks())) {
        read.add(Json.mapper().readValue(line.text(), CELLS));
      }
      assertThat(read).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void blocksOfAnySizeGiveTheSameRecords() throws Exception {
    List<String> pieces =
        List.of("a", ",", "\n", "\r\n", "\"\"", "\"x\ny\"", "\"a,\"\"b\"", "é", "\"", "\r");
    int whole = 0;
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      var text = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "").append("\"o\nne\",two\n");
      for (int i = random.nextInt(40); i > 0; i--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
      }
      Path file = Files.writeString(folder.resolve("x.csv"), text);
      for (long bytes : new long[] {1000, 1, 5, 17}) {
        List<Block> blocks =
            SourceFiles.cut(file.toString(), FileFormat.CSV, bytes, CONFIGURATION).blocks();
        Object read = attempt(blocks);
        Object slow =
            attempt(
                SourceFiles.cut(file.toString(), FileFormat.CSV, 10_000, CONFIGURATION).blocks());
        whole += slow instanceof List<?> ? 1 : 0;
        assertThat(read).as("seed %d, blocks of %d", seed, bytes).isEqualTo(slow);
      }
    }
    assertThat(whole).as("files that hold no open quote").isGreaterThan(100);
  }

  /** Lines, or the sentence that ended them. */
  private static Object attempt(List<Block> blocks) throws IOException {
    try {
      return lines(blocks);
    } catch (BadInputException e) {
      return e.getMessage();
    }
  }

  @Test
  void brokenRowsOfTextsAreToldByTheirLine() throws Exception {
    Path csv =
        Files.writeString(
            folder.resolve("x.csv"), "a,b\n1,\n\"two\nlines\",2\n\n1,2,3\n4\n5 \"6\" 7,8\n");
    assertThat(lines(look(new Source(csv.toString(), null)).get(0).blocks()))
        .containsExactly(
            new Line(2, "{\"a\":\"1\"}", ""),
            new Line(3, "{\"a\":\"two\\nlines\",\"b\":\"2\"}", ""),
            new Line(
                6,
                "{\"a\":\"1\",\"b\":\"2\",\"field 3\":\"3\"}",
                "expected 2 fields, as the header has, found 3"),
            new Line(7, "{\"a\":\"4\"}", "expected 2 fields, as the header has, found 1"),
            new Line(8, "{\"a\":\"5 \\\"6\\\" 7\",\"b\":\"8\"}", ""));
    Path json = Files.writeString(folder.resolve("x.json"), "[{\"a\": 1}, nonsense, , {\"b\": 2}]");
    assertThat(lines(look(new Source(json.toString(), null)).get(0).blocks()))
        .extracting(line -> line.text().strip())
        .containsExactly("{\"a\": 1}", "nonsense", "", "{\"b\": 2}");
  }

  @Test
  void emptyFilesHoldNoRows() throws Exception {
    for (String name : List.of("a.jsonl", "a.json", "a.csv", "a.jsonl.gz")) {
      Files.write(folder.resolve(name), new byte[0]);
      assertThat(lines(name)).as(name).isEmpty();
    }
    Files.writeString(folder.resolve("b.json"), " [ ] \n");
    Files.writeString(folder.resolve("b.csv"), "messages\n");
    Files.write(folder.resolve("b.jsonl.gz"), TestFiles.gzip(new byte[0]));
    Files.write(folder.resolve("b.arrow"), TestFiles.arrow(List.of(), 1, false));
    TestFiles.parquet(
        folder.resolve("b.parquet"), List.of(), CompressionCodecName.UNCOMPRESSED, 1000);
    for (String name : List.of("b.json", "b.csv", "b.jsonl.gz", "b.arrow", "b.parquet")) {
      assertThat(lines(name)).as(name).isEmpty();
    }
  }

  @Test
  void aFileThatIsCutOffIsOneSentence() throws Exception {
    List<JsonNode> rows = rows(200);
    byte[] jsonl = TestFiles.jsonl(rows);
    TestFiles.parquet(folder.resolve("p"), rows, CompressionCodecName.UNCOMPRESSED, 4000);
    Map<String, byte[]> whole = new TreeMap<>();
    whole.put("x.jsonl.gz", TestFiles.gzip(jsonl));
    whole.put("x.jsonl.zst", TestFiles.zstd(jsonl));
    whole.put("x.json", Json.line(rows).getBytes(StandardCharsets.UTF_8));
    whole.put("x.arrow", TestFiles.arrow(rows, 7, false));
    whole.put("y.arrow", TestFiles.arrow(rows, 7, true));
    whole.put("x.parquet", Files.readAllBytes(folder.resolve("p")));
    for (var file : whole.entrySet()) {
      int size = file.getValue().length;
      int footer = file.getKey().equals("y.arrow") ? size - indexOfEnd(file.getValue()) : 1;
      for (int length : new int[] {size - footer, size / 2, size / 3, 200, 60}) {
        Path torn = folder.resolve(file.getKey());
        Files.write(torn, TestFiles.cut(file.getValue(), length));
        assertThatThrownBy(() -> lines(file.getKey()))
            .as("%s, %d of %d bytes", file.getKey(), length, size)
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining(file.getKey() + ": expected ")
            .hasMessageContaining("cut off or damaged");
      }
    }
    Files.writeString(folder.resolve("q.csv"), "a,b\n1,2\n3,\"4\n5,6\n");
    assertThatThrownBy(() -> lines("q.csv"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            "q.csv: the quote that opens in the record of line 3 is never closed");
    Files.writeString(folder.resolve("h.csv"), "a,a\n1,2\n");
    assertThatThrownBy(() -> lines("h.csv"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("names of the columns, each once, found [a, a]");
    Files.writeString(folder.resolve("z.json"), "[{\"a\": 1}] trailing");
    assertThatThrownBy(() -> lines("z.json")).hasMessageContaining("more follows after the end");
  }

  /** Where the stream within an Arrow file ends: before the last four bytes of its end mark. */
  private static int indexOfEnd(byte[] file) {
    for (int i = file.length - 8; i >= 0; i--) {
      if (Arrays.equals(file, i, i + 8, new byte[] {-1, -1, -1, -1, 0, 0, 0, 0}, 0, 8)) {
        return i + 4;
      }
    }
    throw new IllegalStateException("no end mark");
  }

  @Test
  void bytesTurnedAtRandomNeverEscapeASentence() throws Exception {
    List<JsonNode> rows = rows(30);
    TestFiles.parquet(folder.resolve("p"), rows, CompressionCodecName.SNAPPY, 1000);
    List<byte[]> files =
        List.of(
            Files.readAllBytes(folder.resolve("p")),
            TestFiles.arrow(rows, 7, false),
            TestFiles.gzip(TestFiles.jsonl(rows)));
    List<String> names = List.of("x.parquet", "x.arrow", "x.jsonl.gz");
    for (long seed = 0; seed < 90; seed++) {
      var random = new Random(seed);
      byte[] bytes = files.get((int) (seed % 3)).clone();
      for (int i = 0; i < 3; i++) {
        bytes[random.nextInt(8, bytes.length)] = (byte) random.nextInt(256);
      }
      String name = names.get((int) (seed % 3));
      Files.write(folder.resolve(name), bytes);
      try {
        lines(name);
      } catch (BadInputException e) {
        assertThat(e).as("seed %d", seed).hasMessageContaining(name);
      }
    }
  }

  @Test
  void foldersOfSaveToDiskAreReadInTheirOwnOrder() throws Exception {
    List<JsonNode> rows = rows(4);
    TestFiles.saved(folder.resolve("one"), rows);
    assertThat(ids(new Source(folder.resolve("one").toString(), null)))
        .containsExactly("r0", "r1", "r2", "r3");
    Path dict = folder.resolve("dict");
    TestFiles.saved(dict.resolve("train"), rows.subList(0, 2));
    TestFiles.saved(dict.resolve("test"), rows.subList(2, 4));
    Files.writeString(dict.resolve("dataset_dict.json"), "{\"splits\": [\"train\", \"test\"]}");
    assertThat(ids(new Source(dict.toString(), null))).containsExactly("r0", "r1");
    assertThat(ids(new Source(dict.toString(), null, null, "test", null, null, null, null, null)))
        .containsExactly("r2", "r3");
    assertThatThrownBy(
            () -> ids(new Source(dict.toString(), null, null, "dev", null, null, null, null, null)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a split \"dev\", found the splits train, test");
    Files.delete(dict.resolve("train/data-00001.arrow"));
    assertThatThrownBy(() -> ids(new Source(dict.toString(), null)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lists \"data-00001.arrow\", which is not there");
    Files.writeString(
        dict.resolve("train/state.json"), "{\"_data_files\": [{\"filename\": \"../../p\"}]}");
    assertThatThrownBy(() -> ids(new Source(dict.toString(), null)))
        .hasMessageContaining("expected names within its folder");
  }

  @Test
  void foldersGiveTheirFilesByPath() throws Exception {
    List<JsonNode> rows = rows(4);
    Path shelf = Files.createDirectories(folder.resolve("shelf/b")).getParent();
    Files.write(shelf.resolve("b/2.jsonl"), TestFiles.jsonl(rows.subList(1, 2)));
    Files.write(shelf.resolve("c.jsonl.gz"), TestFiles.gzip(TestFiles.jsonl(rows.subList(2, 3))));
    TestFiles.parquet(
        shelf.resolve("a.parquet"), rows.subList(0, 1), CompressionCodecName.ZSTD, 1000);
    Files.writeString(shelf.resolve("README.md"), "about");
    Files.writeString(shelf.resolve("dataset_infos.json"), "{}");
    Files.writeString(shelf.resolve(".hidden.jsonl"), "{}");
    Files.writeString(shelf.resolve("_SUCCESS"), "");
    assertThat(ids(new Source(shelf.toString(), null))).containsExactly("r0", "r1", "r2");
    assertThat(ids(new Source(shelf + "/*.{parquet,gz}", null))).containsExactly("r0", "r2");
    assertThatThrownBy(
            () -> ids(new Source(Files.createDirectory(folder.resolve("bare")).toString(), null)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a folder with files of rows");
    assertThatThrownBy(
            () ->
                ids(
                    new Source(
                        shelf.toString(), null, null, "train", null, null, null, null, null)))
        .hasMessageContaining("has no splits");
  }

  @Test
  void anEntryOfLlamaFactoryTellsFileAndRows() throws Exception {
    Files.writeString(folder.resolve("shop.json"), "[{\"q\": \"a\", \"r\": \"b\"}]");
    Path info =
        Files.writeString(
            folder.resolve("dataset_info.json"),
            "{\"shop\": {\"file_name\": \"shop.json\", \"columns\": {\"prompt\": \"q\","
                + " \"response\": \"r\"}}, \"far\": {\"hf_hub_url\": \"x/y\"},"
                + " \"odd\": {\"file_name\": \"shop.json\", \"formatting\": \"poem\"}}");
    SourceFile file = look(llama(info, "shop")).get(0);
    assertThat(file.reading()).contains("json, llama-factory{").contains("\"prompt\":\"q\"");
    assertThat(conversations(file.blocks()).get(0).messages())
        .extracting(m -> m.role() + m.content())
        .containsExactly("usera", "assistantb");
    for (String[] bad :
        new String[][] {
          {"shops", "expected an entry \"shops\", found shop, far, odd"},
          {"far", "expected a file_name, found hf_hub_url"},
          {"odd", "unknown formatting \"poem\"; known: alpaca, sharegpt, openai"}
        }) {
      assertThatThrownBy(() -> look(llama(info, bad[0])))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(bad[1]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "x.jsonl | [1]           | JSONL",
        "x.json  | [1]           | JSON",
        "x.json  | {\"a\": 1}    | JSONL",
        "x.json  | {\"a\":       | JSON",
        "x.data  | {\"a\": 1}    | JSONL",
        "x.data  | [             | JSON",
        "x.csv   | {\"a\": 1}    | CSV",
        "X.TSV   | a             | TSV",
      })
  void aTextIsToldByItsNameAndWhatItBeginsWith(String name, String text, FileFormat format)
      throws IOException {
    Path file = Files.writeString(folder.resolve(name), text.strip());
    assertThat(look(new Source(file.toString(), null)).get(0).reading())
        .startsWith(format.key() + ",");
  }

  @Test
  void theFormatsOfRecipesAreThoseThatAreRead() {
    assertThat(Source.FORMATS.subList(1, Source.FORMATS.size()))
        .isEqualTo(Stream.of(FileFormat.values()).map(FileFormat::key).toList());
  }

  private static Source llama(Path info, String name) {
    return new Source(null, null, null, null, info.toString(), name, null, null, null);
  }

  private static List<SourceFile> look(Source source) {
    return SourceFiles.look(List.of(source), 2);
  }

  private List<Line> lines(String name) throws IOException {
    return lines(look(new Source(folder.resolve(name).toString(), null)).get(0).blocks());
  }

  private static List<Line> lines(List<Block> blocks) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (Block block : blocks) {
      try (Lines read = block.open(CONFIGURATION)) {
        read.forEachRemaining(lines::add);
      }
    }
    return lines;
  }

  private List<Conversation> conversations(String name) throws IOException, BrokenRowException {
    return conversations(look(new Source(folder.resolve(name).toString(), null)).get(0).blocks());
  }

  private static List<Conversation> conversations(List<Block> blocks)
      throws IOException, BrokenRowException {
    RowFormat rows = blocks.get(0).rows();
    List<Conversation> conversations = new ArrayList<>();
    for (Line line : lines(blocks)) {
      assertThat(line.fault()).isEmpty();
      conversations.add(RowReader.of(rows).read(line.text()));
    }
    return conversations;
  }

  private static List<String> ids(Source source) throws IOException, BrokenRowException {
    List<String> ids = new ArrayList<>();
    for (SourceFile file : look(source)) {
      conversations(file.blocks()).forEach(row -> ids.add(row.id()));
    }
    return ids;
  }

  private static List<Long> numbers(long n) {
    return Stream.iterate(1L, i -> i + 1).limit(n).toList();
  }

  private static byte[] joined(byte[] jsonl, boolean gzip) {
    byte[] left = Arrays.copyOf(jsonl, jsonl.length / 3);
    byte[] right = Arrays.copyOfRange(jsonl, jsonl.length / 3, jsonl.length);
    byte[] first = gzip ? TestFiles.gzip(left) : TestFiles.zstd(left);
    byte[] second = gzip ? TestFiles.gzip(right) : TestFiles.zstd(right);
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static JsonNode tree(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  private static List<JsonNode> rows(int n) {
    List<JsonNode> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      String calls = i % 4 == 3 ? ", \"tool_calls\": \"[{\\\"x\\\": 1e5}]\"" : "";
      rows.add(
          tree(
              "{\"id\": \"r%d\", \"messages\": [{\"role\": \"user\", \"content\": \"caf\u00E9 \\\"%d\\\",\\n%d\"}, {\"role\": \"assistant\", \"content\": \"%d\"%s}]}"
                  .formatted(i, i, i * 7919, i, calls)));
    }
    return rows;
  }

  private static String json(Random random, int depth) {
    List<String> scalars = List.of("1", "\"]}\"", "\"\\\\\"", "\"a\\\"[{,\"", "null", "\"é\"");
    int kind = depth == 0 ? 0 : random.nextInt(3);
    if (kind == 0) {
      return scalars.get(random.nextInt(scalars.size()));
    }
    List<String> parts = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parts.add((kind == 1 ? "" : "\"k" + i + "\":") + json(random, depth - 1));
    }
    String inner = String.join(random.nextBoolean() ? "," : " ,\n ", parts);
    return kind == 1 ? "[" + inner + "]" : "{" + inner + " }";
  }
}
