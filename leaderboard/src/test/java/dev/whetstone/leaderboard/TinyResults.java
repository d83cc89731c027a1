package dev.whetstone.leaderboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.result.ResultFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes result folders of a tiny world: an order task (generated text, {@code json_exact_match}
 * and a graded {@code json_field_f1}) and a multiple-choice task ({@code acc}).
 */
public final class TinyResults {
  private static final String DATE = "2026-01-02T03-04-05.000000";
  private static final List<String> FIRST = List.of("Mira", "Jonas", "Ada", "Tom", "Lea", "Noor");
  private static final List<String> THINGS =
      List.of("oak shelf", "desk lamp", "steel kettle", "wool rug", "copper pan", "field notebook");

  private final String model;
  private final String adapter;
  private final int shots;
  private int documents = 40;
  private double rightOrders = 0.2;
  private double rightGeneral = 0.5;
  private long seed;
  private String publish = "text";
  private String trainedOn = "text";
  private String source = "json";
  private String mark = "";
  private boolean higherIsBetter = true;

  private TinyResults(String model, String adapter, int shots) {
    this.model = model;
    this.adapter = adapter;
    this.shots = shots;
  }

  public static TinyResults ofBase(String model, int shots) {
    return new TinyResults(model, "", shots);
  }

  public static TinyResults ofAdapter(String model, String adapter) {
    return new TinyResults(model, adapter, 0);
  }

  public TinyResults documents(int count) {
    documents = count;
    return this;
  }

  /** Probabilities of a right answer, and the seed that they are drawn with. */
  public TinyResults right(double orders, double general, long drawnWith) {
    rightOrders = orders;
    rightGeneral = general;
    seed = drawnWith;
    return this;
  }

  /** What the tasks say of publishing, and what the adapter's dataset says; empty for nothing. */
  public TinyResults publish(String tasks, String dataset) {
    publish = tasks;
    trainedOn = dataset;
    return this;
  }

  /** {@code dataset_path} of the tasks. */
  public TinyResults from(String datasetPath) {
    source = datasetPath;
    return this;
  }

  /** A word that stands in every text of documents, prompts, answers and settings. */
  public TinyResults marked(String word) {
    mark = word;
    return this;
  }

  /** As if few exact matches were good. */
  public TinyResults lowIsGood() {
    higherIsBetter = false;
    return this;
  }

  /** Writes a folder with our manifest. */
  public Path write(Path folder) {
    writeLmEval(folder);
    var lineage = new ArrayList<Ancestor>();
    if (!adapter.isEmpty()) {
      lineage.add(
          new Ancestor("source", "orders.jsonl", hash("source"), Map.of("bytes", "815230")));
      lineage.add(new Ancestor("items", "items", hash("items"), Map.of("items", "120")));
    }
    lineage.add(
        new Ancestor(
            "model",
            model,
            hash(model),
            Map.of("license", "Apache-2.0", "parameters", "134515008")));
    if (!adapter.isEmpty()) {
      lineage.add(
          new Ancestor(
              "dataset",
              "orders",
              hash("dataset"),
              facts(
                  "read",
                  "2801",
                  "kept train",
                  "2400",
                  "kept validation",
                  "50",
                  "dropped exact_duplicate",
                  "160",
                  "dropped near_duplicate",
                  "118",
                  "dropped contaminated",
                  "42",
                  "dropped empty",
                  "31")));
      lineage.add(
          new Ancestor(
              "run",
              "orders",
              hash("run"),
              Map.of(
                  "steps",
                  "120",
                  "tokens",
                  "31210",
                  "loss last",
                  "0.184211",
                  "seconds",
                  "178.2",
                  "learning rate",
                  "2e-4")));
      lineage.add(
          new Ancestor("adapter", adapter, hash(adapter), Map.of("rank", "16", "alpha", "32")));
    }
    ArtifactFolder.finish(
        folder,
        new Manifest(
            ResultFolder.FORMAT,
            hash("id" + model + adapter + shots + documents + seed + publish),
            hash("content" + model + adapter + shots + documents + seed + mark),
            Map.of("model", hash(model)),
            Json.mapper()
                .createObjectNode()
                .put("num_fewshot", shots)
                .put("system_instruction", mark)
                .put("tasks", "orders,general"),
            Json.mapper().createObjectNode().put("requests", documents),
            Map.of("fewshot", 1234L),
            Map.of("whetstone", "0.1.0", "java", "17", "device", "cpu"),
            lineage,
            "2026-01-02T03:04:05Z",
            63.5));
    return folder;
  }

  /** Writes the dataset that adapters were trained on, as far as a board reads it. */
  public static Path writeDataset(
      Path folder, Map<String, CheckedTask> checked, List<ContaminatedItem> found) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ArtifactFolder.writeAtomically(
        folder.resolve(DatasetFolder.CONTAMINATION),
        found.stream().map(item -> Json.line(item) + "\n").collect(Collectors.joining()));
    ArtifactFolder.finish(
        folder,
        new Manifest(
            DatasetFolder.FORMAT,
            hash("dataset id"),
            hash("dataset"),
            Map.of(),
            Json.mapper().createObjectNode(),
            Json.mapper().valueToTree(Map.of("contamination", checked)),
            Map.of(),
            Map.of(),
            List.of(),
            "2026-01-02T03:04:05Z",
            1));
    return folder;
  }

  /** Writes only the files that lm-evaluation-harness writes. */
  public Path writeLmEval(Path folder) {
    var orders = new ArrayList<String>();
    var general = new ArrayList<String>();
    var random = new Random(seed);
    double exact = 0;
    double fields = 0;
    double right = 0;
    for (int doc = 0; doc < documents; doc++) {
      boolean isExact = random.nextDouble() < rightOrders;
      double f1 = isExact ? 1 : random.nextInt(5) / 5.0;
      boolean isRight = random.nextDouble() < rightGeneral;
      exact += isExact ? 1 : 0;
      fields += f1;
      right += isRight ? 1 : 0;
      orders.add(orderRow(doc, isExact, f1));
      general.add(generalRow(doc, isRight));
    }
    ObjectNode file = Json.mapper().createObjectNode();
    ObjectNode results = file.putObject("results");
    results
        .putObject("orders")
        .put("alias", "orders")
        .put("json_exact_match,none", exact / documents)
        .put("json_exact_match_stderr,none", 0.04)
        .put("json_field_f1,none", fields / documents)
        .put("json_field_f1_stderr,none", "N/A");
    results
        .putObject("general")
        .put("alias", "general")
        .put("acc,none", right / documents)
        .put("acc_stderr,none", 0.05);
    ObjectNode configs = file.putObject("configs");
    configs
        .putObject("orders")
        .put("task", "orders")
        .put("output_type", "generate_until")
        .put("description", "Turn orders into JSON. " + mark)
        .put("doc_to_text", "{{text}} " + mark)
        .putArray("metric_list")
        .addObject()
        .put("metric", "json_exact_match");
    configs.putObject("general").put("output_type", "multiple_choice");
    for (String task : List.of("orders", "general")) {
      ObjectNode config = configs.withObject("/" + task).put("dataset_path", source);
      config.withObject("/metadata").put("version", 1.0);
      if (!publish.isEmpty()) {
        config.withObject("/metadata").put("publish", publish);
      }
      config
          .withObject("/fewshot_config")
          .putArray("samples")
          .addObject()
          .put("text", "An example. " + mark);
    }
    file.putObject("versions").put("orders", 1.0).put("general", 1.0);
    file.putObject("n-shot").put("orders", shots).put("general", 0);
    ObjectNode higher = file.putObject("higher_is_better");
    higher.putObject("orders").put("json_exact_match", higherIsBetter).put("json_field_f1", true);
    higher.putObject("general").put("acc", true);
    file.putObject("task_hashes").put("orders", "a".repeat(64)).put("general", "b".repeat(64));
    file.putObject("config")
        .put("model", "hf")
        .put("model_args", "pretrained=" + model + (adapter.isEmpty() ? "" : ",peft=" + adapter));
    file.put("date", 1767323045.5);
    file.put("model_name", model);
    file.put("lm_eval_version", "0.4.13");
    file.put("total_evaluation_time_seconds", "12.5");
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("results_" + DATE + ".json"), Json.pretty(file));
      Files.writeString(
          folder.resolve("samples_orders_" + DATE + ".jsonl"), String.join("\n", orders) + "\n");
      Files.writeString(
          folder.resolve("samples_general_" + DATE + ".jsonl"), String.join("\n", general) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  private String orderRow(int doc, boolean isExact, double f1) {
    String customer = mark + FIRST.get(doc % FIRST.size());
    String thing = THINGS.get(doc * 7 % THINGS.size());
    String text =
        "Hi, %s here, please send me %d of the %s by Friday."
            .formatted(customer, doc % 9 + 1, thing);
    String target =
        "{\"customer\": \"%s\", \"item\": \"%s\", \"quantity\": %d, \"due\": \"Friday\"}"
            .formatted(customer, thing, doc % 9 + 1);
    String wrong =
        f1 > 0.5
            ? target.replace("Friday", "Monday")
            : "Sure! The order is for " + customer + ": " + thing + ".";
    String prompt =
        "Example: a kettle for Kim.\n{\"customer\": \"Kim\"}\n\n".repeat(shots)
            + "Turn the order into JSON with the keys customer, item, quantity, due.\n\n"
            + text;
    ObjectNode row = row(doc, text, target, prompt);
    row.withObject("/arguments/gen_args_0").put("arg_1", "until");
    row.putArray("filtered_resps").add(isExact ? target : wrong);
    row.putArray("metrics").add("json_exact_match").add("json_field_f1");
    row.put("json_exact_match", isExact ? 1.0 : 0.0);
    row.put("json_field_f1", f1);
    return Json.line(row);
  }

  private String generalRow(int doc, boolean isRight) {
    int gold = doc % 3;
    ObjectNode row =
        row(
            doc,
            mark + "Which of these is number " + gold + "?",
            Integer.toString(gold),
            mark + "Which of these is number " + gold + "?\nAnswer:");
    var responses = row.putArray("filtered_resps");
    for (int choice = 0; choice < 3; choice++) {
      row.withObject("/arguments/gen_args_" + choice)
          .put("arg_0", "Which?")
          .put("arg_1", " choice " + choice + mark);
      boolean isBest = choice == (isRight ? gold : (gold + 1) % 3);
      responses.addArray().add(isBest ? "-1.5" : "-4.25").add("False");
    }
    row.putArray("metrics").add("acc");
    row.put("acc", isRight ? 1.0 : 0.0);
    return Json.line(row);
  }

  /** Names and values in turn, and what the dataset says of publishing, if it says anything. */
  private Map<String, String> facts(String... namesAndValues) {
    var facts = new TreeMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      facts.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    if (!trainedOn.isEmpty()) {
      facts.put("publish", trainedOn);
    }
    return facts;
  }

  private static ObjectNode row(int doc, String text, String target, String prompt) {
    ObjectNode row = Json.mapper().createObjectNode();
    row.put("doc_id", doc);
    row.putObject("doc").put("text", text);
    row.put("target", target);
    row.withObject("/arguments/gen_args_0").put("arg_0", prompt);
    row.put("filter", "none");
    // Of the whole document, as lm-evaluation-harness has it: texts may repeat.
    row.put("doc_hash", ContentHash.sha256(doc + " " + text));
    row.put("prompt_hash", ContentHash.sha256(prompt));
    row.put("target_hash", ContentHash.sha256(target));
    return row;
  }

  private static String hash(String text) {
    return ContentHash.of("test").add(text).finish();
  }
}
