package dev.whetstone.artifacts.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.items.ItemsFolder;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.result.ResultFolder;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds out what an artifact is, and what is in it. */
final class Inspector {
  private static final int SHOWN_METADATA = 80;

  private Inspector() {}

  /**
   * What lies at {@code path}.
   *
   * @throws BadInputException if it is no artifact, or a broken one
   */
  static Inspection inspect(Path path) {
    String name = path.toString();
    if (Files.isRegularFile(path)) {
      if (name.endsWith(".safetensors")) {
        return safetensors(path);
      }
      if (name.endsWith(".gguf")) {
        return gguf(path);
      }
    }
    if (Manifest.exists(path)) {
      return finished(path);
    }
    if (Files.exists(path.resolve(AdapterFolder.CONFIG_FILE))) {
      return adapter(path);
    }
    if (Files.exists(path.resolve("config.json"))) {
      return Inspection.plain("model", name, modelFacts(ModelFolder.open(path)), List.of());
    }
    throw new BadInputException(
        path
            + ": expected an artifact (a folder with manifest.json, config.json or"
            + " adapter_config.json, or a .safetensors or .gguf file), found "
            + (Files.exists(path) ? "none of these; is its making unfinished?" : "nothing there."));
  }

  private static Inspection finished(Path path) {
    String format = Json.read(path.resolve(Manifest.FILE)).path("format").asText();
    Manifest manifest = Manifest.read(path, format);
    String name = path.toString();
    return switch (format) {
      case DatasetFolder.FORMAT ->
          Inspection.of("dataset", name, datasetFacts(new DatasetFolder(path, manifest)), manifest);
      case ItemsFolder.FORMAT ->
          Inspection.of("items", name, itemsFacts(new ItemsFolder(path, manifest)), manifest);
      case ModelFolder.FORMAT ->
          Inspection.of("model", name, modelFacts(ModelFolder.open(path)), manifest);
      case RunFolder.FORMAT ->
          Inspection.of("run", name, runFacts(new RunFolder(path, manifest)), manifest);
      case ResultFolder.FORMAT ->
          Inspection.of("result", name, resultFacts(new ResultFolder(path, manifest)), manifest);
      default -> Inspection.of(format, name, Map.of(), manifest);
    };
  }

  private static Map<String, String> datasetFacts(DatasetFolder dataset) {
    var facts = new LinkedHashMap<String, String>();
    for (String split : dataset.splits()) {
      facts.put("rows " + split, Long.toString(dataset.rowCount(split)));
      for (int length : dataset.packLengths(split)) {
        facts.put(
            "packs " + split + " of " + length + " tokens",
            Integer.toString(dataset.packs(split, length).size()));
      }
    }
    return facts;
  }

  private static Map<String, String> itemsFacts(ItemsFolder folder) {
    return folder.items().stream()
        .collect(
            Collectors.groupingBy(
                item -> "items " + item.task(), TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> entry.getValue().toString(),
                (a, b) -> a,
                LinkedHashMap::new));
  }

  private static Map<String, String> modelFacts(ModelFolder model) {
    var facts = new LinkedHashMap<String, String>();
    facts.put("architecture", model.config().path("model_type").asText("unknown"));
    try (TensorSource weights = model.weights()) {
      facts.putAll(tensorFacts(weights));
    }
    facts.put("chat template", model.chatTemplate().isPresent() ? "yes" : "no");
    return facts;
  }

  private static Map<String, String> runFacts(RunFolder run) {
    var facts = new LinkedHashMap<String, String>();
    List<RunFolder.StepMetrics> metrics = run.metrics();
    facts.put("steps", Integer.toString(metrics.size()));
    if (!metrics.isEmpty()) {
      RunFolder.StepMetrics last = metrics.get(metrics.size() - 1);
      facts.put("loss", number(metrics.get(0).lossNats()) + " to " + number(last.lossNats()));
      facts.put("tokens", Long.toString(last.tokens()));
      facts.put("wall seconds", number(last.seconds()));
    }
    facts.put("adapter", Files.isDirectory(run.adapter()) ? run.adapter().toString() : "none");
    return facts;
  }

  /** Every metric of every task as lm-eval names it, such as {@code acc,none}. */
  private static Map<String, String> resultFacts(ResultFolder result) {
    var facts = new LinkedHashMap<String, String>();
    result
        .results()
        .path("results")
        .properties()
        .forEach(
            task ->
                task.getValue()
                    .properties()
                    .forEach(
                        metric -> {
                          JsonNode value = metric.getValue();
                          if (value.isNumber()) {
                            facts.put(
                                task.getKey() + " " + metric.getKey(), number(value.doubleValue()));
                          }
                        }));
    for (String task : result.tasks()) {
      facts.put(task + " samples", Integer.toString(result.samples(task).size()));
    }
    return facts;
  }

  private static Inspection adapter(Path path) {
    AdapterFolder adapter = AdapterFolder.open(path);
    var facts = new LinkedHashMap<String, String>();
    facts.put("base model", adapter.config().baseModel());
    facts.putAll(adapter.facts());
    facts.put("dropout", number(adapter.config().lora().dropout()));
    try (TensorSource tensors = adapter.tensors()) {
      facts.putAll(tensorFacts(tensors));
    }
    facts.put("content", adapter.content());
    adapter
        .ownKeys()
        .forEach(
            (key, value) -> {
              if (!key.equals(AdapterFolder.LINEAGE_KEY)) {
                facts.put(key, value.isTextual() ? value.textValue() : value.toString());
              }
            });
    return Inspection.plain("adapter", path.toString(), facts, adapter.config().lineage());
  }

  private static Inspection safetensors(Path file) {
    var facts = new LinkedHashMap<String, String>();
    try (TensorSource tensors = Safetensors.open(file)) {
      facts.putAll(tensorFacts(tensors));
    }
    facts.put("size", size(file));
    Safetensors.metadata(file).forEach((key, value) -> facts.put("metadata " + key, value));
    return Inspection.plain("safetensors", file.toString(), facts, List.of());
  }

  private static Inspection gguf(Path path) {
    var facts = new LinkedHashMap<String, String>();
    try (Gguf.File file = Gguf.open(path)) {
      facts.putAll(tensorFacts(file.tensors()));
      facts.put("size", size(path));
      file.metadata().forEach((key, value) -> facts.put(key, shortened(value)));
    }
    return Inspection.plain("gguf", path.toString(), facts, List.of());
  }

  private static String shortened(Object value) {
    if (value instanceof List<?> list) {
      return "list of " + list.size();
    }
    String line = value.toString().replaceAll("\\s+", " ");
    return line.length() <= SHOWN_METADATA ? line : line.substring(0, SHOWN_METADATA - 3) + "...";
  }

  private static Map<String, String> tensorFacts(TensorSource tensors) {
    var byDtype = new TreeMap<String, Integer>();
    long parameters = 0;
    for (String name : tensors.names()) {
      byDtype.merge(tensors.dtype(name).name(), 1, Integer::sum);
      parameters += Safetensors.elements(tensors.shape(name));
    }
    var facts = new LinkedHashMap<String, String>();
    facts.put(
        "tensors",
        byDtype.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", ")));
    facts.put("parameters", String.format(Locale.ROOT, "%,d", parameters));
    return facts;
  }

  private static String size(Path file) {
    try {
      return String.format(Locale.ROOT, "%,d bytes", Files.size(file));
    } catch (IOException e) {
      throw InputFile.unreadable(file, "a file", e);
    }
  }

  /** At most six significant digits. */
  private static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.toString(value);
    }
    return new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }
}
