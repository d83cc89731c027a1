import dev.whetstone.artifacts.Json;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes what a story of seconds begins with, for the tests of the tours: a random model of two
 * layers, raw rows with planted dirt, tasks, a recipe. The steps themselves are the real commands.
 *
 * <p>An order becomes JSON that holds its city, and most go to one city: so much even this model can
 * learn, so that the adapter is better than its base, as in a real story.
 *
 * <pre>java -cp CLASSPATH-OF-EVAL notebooks/TinyStory.java FOLDER RECIPES</pre>
 */
public final class TinyStory {
  private static final String INSTRUCTION = "Order to JSON.";
  private static final List<String> COLOURS = List.of("red", "blue", "green", "white", "brown", "grey");
  private static final List<String> THINGS = List.of("lamps", "rugs", "chairs", "pans", "vases", "boxes");
  private static final List<String> DAYS = List.of("Monday", "Tuesday", "Friday", "Sunday");
  private static final List<String> NAMES = List.of("Ada", "Tom", "Lea", "Noor", "Mira", "Jonas");

  private final Random random = new Random(0);
  private final Path folder;
  private final List<String> raw = new ArrayList<>();
  private final List<String> planted = new ArrayList<>();

  private TinyStory(Path folder) {
    this.folder = folder;
  }

  private record Order(String text, String answer) {}

  /** Folder to write into, and the recipes' folder, whose general questions are taken. */
  public static void main(String... args) throws IOException {
    var story = new TinyStory(Path.of(args[0]).toAbsolutePath().normalize());
    TinyModel.write(story.folder.resolve("model"), 3);
    List<Order> test = story.tasks(Path.of(args[1]));
    story.rows(test);
    story.recipe();
  }

  private String one(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  private Order order(String pattern) {
    String city = random.nextInt(5) < 4 ? "Bern" : "Lima";
    String text =
        pattern.formatted(
            one(NAMES), random.nextInt(2, 99), one(COLOURS), one(THINGS), city, one(DAYS));
    return new Order(text, "{\"to\": \"" + city + "\"}");
  }

  private List<Order> tasks(Path recipes) throws IOException {
    var test = new ArrayList<Order>();
    var lines = new ArrayList<String>();
    for (int i = 0; i < 24; i++) {
      Order order = order("Hi, %s here: it is %d %s %s that we need in %s before %s noon, please");
      test.add(order);
      lines.add(task("test-" + i, order));
    }
    write("world/tasks/orders-test.jsonl", lines);
    Order shot = order("%s would like %d %s %s in %s by %s");
    write("world/tasks/orders-shots.jsonl", List.of(task("shot-0", shot)));
    write(
        "world/tasks/orders.yaml",
        List.of(
            """
            task: orders
            dataset_path: json
            dataset_kwargs: {data_files: {test: orders-test.jsonl, shots: orders-shots.jsonl}}
            test_split: test
            fewshot_split: shots
            fewshot_config: {sampler: first_n}
            output_type: generate_until
            description: "%s"
            doc_to_text: "{{text}}"
            doc_to_target: "{{target}}"
            target_delimiter: ""
            fewshot_delimiter: ""
            generation_kwargs: {until: ["\\n\\n"], do_sample: false, max_gen_toks: 20}
            metric_list:
              - {metric: json_exact_match, aggregation: mean, higher_is_better: true}
            metadata: {version: 1.0}"""
                .formatted(INSTRUCTION)));
    Path general = recipes.resolve("quickstart/tasks");
    write("world/tasks/general.yaml", Files.readAllLines(general.resolve("general.yaml")));
    List<String> questions = Files.readAllLines(general.resolve("general.jsonl"));
    write("world/tasks/general.jsonl", questions.subList(0, 24));
    return test;
  }

  private static String task(String id, Order order) {
    return Json.line(Map.of("id", id, "text", order.text(), "target", order.answer()));
  }

  private void rows(List<Order> test) throws IOException {
    var clean = new ArrayList<Order>();
    for (int i = 0; i < 96; i++) {
      clean.add(order("Dear all, %s wants %d %s %s sent to %s on %s, thank you"));
      raw.add(row("order-" + i, clean.get(i)));
    }
    for (int i = 0; i < 4; i++) {
      Order order = clean.get(i);
      plant("exact-duplicate", order);
      plant("near-duplicate", new Order(order.text() + "!", order.answer()));
      plant("contaminated", test.get(i));
      plant("personal-data", new Order(order.text() + " Mail ada@example.com", order.answer()));
      plant("empty", new Order("  ", order.answer()));
    }
    String id = "planted-" + planted.size();
    raw.add("{\"id\": \"" + id + "\", \"messages\": [{\"role\": \"us");
    planted.add(Json.line(Map.of("id", id, "reason", "broken")));
    write("world/raw/orders.jsonl", raw);
    write("world/planted.jsonl", planted);
  }

  private void plant(String reason, Order order) {
    String id = "planted-" + planted.size();
    raw.add(row(id, order));
    planted.add(Json.line(Map.of("id", id, "reason", reason)));
  }

  private static String row(String id, Order order) {
    var row = new LinkedHashMap<String, Object>();
    row.put("id", id);
    row.put(
        "messages",
        List.of(
            Map.of("role", "system", "content", INSTRUCTION),
            Map.of("role", "user", "content", order.text()),
            Map.of("role", "assistant", "content", order.answer())));
    return Json.line(row);
  }

  private void recipe() throws IOException {
    write(
        "recipe.yaml",
        List.of(
            """
            name: tiny
            model: %1$s/model
            prepare:
              sources: [{path: %1$s/world/raw/orders.jsonl}]
              max_length: 256
              personal_data: drop
              dedup: {keep: first}
              split: {train: 0.9, validation: 0.1}
            train:
              lora: {rank: 16, alpha: 32, targets: all-linear}
              learning_rate: 1.0e-2
              schedule: {kind: cosine, warmup: 0.05}
              steps: 200
              batch: {rows: 4, accumulate: 1}
            eval:
              tasks: [orders, general]
              include_path: %1$s/world/tasks
              apply_chat_template: true"""
                .formatted(Json.line(folder.toString()).replaceAll("^\"|\"$", ""))));
  }

  private void write(String file, List<String> lines) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, String.join("\n", lines) + "\n");
  }
}
