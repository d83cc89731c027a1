package dev.whetstone.artifacts.model;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A PEFT LoRA adapter: {@code adapter_config.json} and {@code adapter_model.safetensors}. Tensor
 * names are PEFT's, such as {@code base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}
 * [R, I] and {@code lora_B.weight} [O, R].
 *
 * <p>Config keys are those of {@code LoraConfig} in PEFT 0.21 ({@code peft/tuners/lora/config.py}).
 */
public final class AdapterFolder {
  public static final String CONFIG_FILE = "adapter_config.json";
  public static final String TENSORS_FILE = "adapter_model.safetensors";

  /** Our key for {@link Config#lineage}. */
  public static final String LINEAGE_KEY = "whetstone_lineage";

  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  /**
   * The newest PEFT that this layout was read with; readers that know less of it refuse nothing.
   */
  private static final String PEFT_VERSION = "0.18.0";

  /** Keys whose effect we do not apply: anything but null, false, empty is refused. */
  private static final List<String> REFUSED =
      List.of(
          "alora_invocation_tokens",
          "alpha_pattern",
          "arrow_config",
          "exclude_modules",
          "fan_in_fan_out",
          "kasa_config",
          "layer_replication",
          "layers_pattern",
          "layers_to_transform",
          "lora_bias",
          "megatron_config",
          "modules_to_save",
          "monteclora_config",
          "rank_pattern",
          "target_parameters",
          "trainable_token_indices",
          "use_bdlora",
          "use_dora",
          "use_qalora",
          "use_rslora",
          "velora_config");

  /** Initialisations that also change the base weights, which a reader would have to repeat. */
  private static final Set<String> REFUSED_INITIALISATIONS =
      Set.of("pissa", "olora", "corda", "loftq", "lora_ga");

  /**
   * @param baseModel name or path of the base model
   * @param lora the adapter's shape
   * @param lineage our own keys ({@code whetstone_*} in the file, which PEFT ignores): content
   *     hashes and facts
   */
  public record Config(String baseModel, LoraConfig lora, List<Ancestor> lineage) {
    public Config {
      requireNonNull(baseModel, "baseModel is null");
      requireNonNull(lora, "lora is null");
      lineage = List.copyOf(lineage);
    }
  }

  private final Path path;
  private final Config config;

  private AdapterFolder(Path path, Config config) {
    this.path = path;
    this.config = config;
  }

  /**
   * Opens and checks a folder; an adapter kind that we do not apply exactly (DoRA, rsLoRA, rank
   * patterns) is bad input.
   *
   * @param named a folder, or the hub name of an adapter that was fetched before ({@link
   *     HubCache#locate})
   * @throws BadInputException if a file is missing, a key asks for an effect that we do not apply,
   *     or tensors are not pairs of rank {@code r}
   */
  public static AdapterFolder open(Path named) {
    Path folder = HubCache.locate(named);
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(folder + ": expected an adapter folder here, found none.");
    }
    if (!Files.exists(folder.resolve(TENSORS_FILE))) {
      throw new BadInputException(
          "%s: expected %s, found none%s."
              .formatted(
                  folder,
                  TENSORS_FILE,
                  Files.exists(folder.resolve("adapter_model.bin"))
                      ? "; its .bin file is a pickle, which is never opened"
                      : ""));
    }
    Path file = folder.resolve(CONFIG_FILE);
    JsonNode json = Json.read(file);
    if (!json.isObject()) {
      throw new BadInputException(file + ": expected a JSON object.");
    }
    checkKind(file, json);
    Config config = config(folder, json);
    checkTensors(folder, config);
    return new AdapterFolder(folder, config);
  }

  private static void checkKind(Path file, JsonNode json) {
    var faults = new ArrayList<String>();
    if (!json.path("peft_type").asText().equals("LORA")) {
      faults.add("peft_type is %s, expected \"LORA\"".formatted(json.path("peft_type")));
    }
    for (String key : REFUSED) {
      JsonNode value = json.path(key);
      boolean unset =
          value.isMissingNode()
              || value.isNull()
              || (value.isBoolean() && !value.booleanValue())
              || (value.isContainerNode() && value.isEmpty());
      if (!unset) {
        faults.add("%s is %s".formatted(key, value));
      }
    }
    if (!json.path("bias").asText("none").equals("none")) {
      faults.add("bias is %s, expected \"none\"".formatted(json.path("bias")));
    }
    String initialisation = json.path("init_lora_weights").asText("true");
    if (REFUSED_INITIALISATIONS.stream().anyMatch(initialisation::startsWith)) {
      faults.add(
          "init_lora_weights is \"%s\", which changes the base weights too"
              .formatted(initialisation));
    }
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "%s: this kind of adapter is not applied here: %s. Plain LoRA is; merge the adapter with"
                  .formatted(file, String.join("; ", faults))
              + " PEFT, or train it without.");
    }
  }

  private static Config config(Path folder, JsonNode json) {
    Path file = folder.resolve(CONFIG_FILE);
    if (!json.path("r").isIntegralNumber() || !json.path("r").canConvertToInt()) {
      throw new BadInputException(
          "%s: expected \"r\" as an integer, found %s.".formatted(file, json.path("r")));
    }
    int rank = json.path("r").intValue();
    JsonNode alpha = json.path("lora_alpha");
    JsonNode dropout = json.path("lora_dropout");
    if ((!alpha.isMissingNode() && !alpha.isNumber())
        || (!dropout.isMissingNode() && !dropout.isNumber())) {
      throw new BadInputException(
          "%s: expected \"lora_alpha\" and \"lora_dropout\" as numbers, found %s and %s."
              .formatted(file, alpha, dropout));
    }
    try {
      return new Config(
          json.path("base_model_name_or_path").asText(""),
          new LoraConfig(
              rank,
              alpha.asDouble(8), // PEFT's default
              dropout.asDouble(0),
              targets(folder, json.path("target_modules")),
              Map.of(),
              Map.of(),
              false,
              false,
              LoraConfig.Bias.NONE,
              List.of()),
          lineage(json.path(LINEAGE_KEY)));
    } catch (JsonProcessingException e) {
      throw new BadInputException("%s: %s: %s".formatted(file, LINEAGE_KEY, Json.sentence(e)), e);
    } catch (IllegalArgumentException e) {
      throw new BadInputException("%s: %s.".formatted(file, e.getMessage()), e);
    }
  }

  private static List<Ancestor> lineage(JsonNode json) throws JsonProcessingException {
    if (json.isMissingNode() || json.isNull()) {
      return List.of();
    }
    Ancestor[] links = Json.mapper().treeToValue(json, Ancestor[].class);
    if (Arrays.asList(links).contains(null)) {
      throw new IllegalArgumentException(LINEAGE_KEY + " has an empty link");
    }
    return List.of(links);
  }

  /** PEFT also takes a pattern or {@code "all-linear"}: then the tensors say what was adapted. */
  private static List<String> targets(Path folder, JsonNode targets) {
    var names = new TreeSet<String>();
    if (targets.isArray()) {
      targets.forEach(target -> names.add(lastPart(target.asText())));
      return List.copyOf(names);
    }
    try (TensorSource tensors = Safetensors.open(folder.resolve(TENSORS_FILE))) {
      for (String name : tensors.names()) {
        if (name.endsWith(A)) {
          names.add(lastPart(name.substring(0, name.length() - A.length())));
        }
      }
    }
    return List.copyOf(names);
  }

  private static String lastPart(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }

  private static void checkTensors(Path folder, Config config) {
    Path file = folder.resolve(TENSORS_FILE);
    var faults = new ArrayList<String>();
    try (TensorSource tensors = Safetensors.open(file)) {
      for (String name : new TreeSet<>(tensors.names())) {
        boolean isA = name.endsWith(A);
        if (!name.startsWith(PREFIX) || (!isA && !name.endsWith(B))) {
          faults.add(name + " is not a LoRA pair's tensor");
          continue;
        }
        String module = name.substring(0, name.length() - A.length());
        if (!tensors.names().contains(module + (isA ? B : A))) {
          faults.add(name + " has no partner");
        }
        List<Long> shape = tensors.shape(name);
        if (shape.size() != 2 || shape.get(isA ? 0 : 1) != config.lora().rank()) {
          faults.add(
              "%s is %s, expected %s"
                  .formatted(
                      name,
                      shape,
                      isA
                          ? "[%d, in]".formatted(config.lora().rank())
                          : "[out, %d]".formatted(config.lora().rank())));
        }
      }
      if (tensors.names().isEmpty()) {
        faults.add("it holds no tensor");
      }
    }
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "%s: %d of its tensors do not make a LoRA adapter of rank %d: %s."
              .formatted(
                  file,
                  faults.size(),
                  config.lora().rank(),
                  String.join("; ", faults.subList(0, Math.min(5, faults.size())))));
    }
  }

  /**
   * Writes a whole adapter folder, which appears at once by rename and replaces one that is there.
   * {@code more} are further keys for the config; ours begin with {@code whetstone_}.
   *
   * @param tensors pairs in PEFT's names, any order: they are written sorted
   */
  public static void write(
      Path folder, Config config, Map<String, Object> more, List<FloatTensor> tensors) {
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    Path beside = folder.toAbsolutePath().normalize().resolveSibling("." + name + ".unfinished");
    Path old = folder.toAbsolutePath().normalize().resolveSibling("." + name + ".replaced");
    try {
      deleteIfThere(beside);
      deleteIfThere(old);
      Files.createDirectories(beside);
      var sorted = new ArrayList<>(tensors);
      sorted.sort(java.util.Comparator.comparing(FloatTensor::name));
      Safetensors.write(beside.resolve(TENSORS_FILE), sorted, Safetensors.PT_METADATA);
      ArtifactFolder.writeAtomically(beside.resolve(CONFIG_FILE), Json.pretty(json(config, more)));
      if (Files.exists(folder)) {
        Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
      deleteIfThere(old);
    } catch (IOException e) {
      deleteIfThere(beside);
      throw ArtifactFolder.surroundings(folder, e);
    } catch (SurroundingsException e) {
      deleteIfThere(beside);
      throw e;
    }
  }

  private static void deleteIfThere(Path folder) {
    if (Files.exists(folder)) {
      ArtifactFolder.delete(folder);
    }
  }

  /** PEFT writes its keys sorted. */
  private static Map<String, Object> json(Config config, Map<String, Object> more) {
    var json = new TreeMap<String, Object>(more);
    json.put("alpha_pattern", Map.of());
    json.put("auto_mapping", null);
    json.put("base_model_name_or_path", config.baseModel());
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.put("layers_pattern", null);
    json.put("layers_to_transform", null);
    json.put("lora_alpha", number(config.lora().alpha()));
    json.put("lora_dropout", config.lora().dropout());
    json.put("modules_to_save", null);
    json.put("peft_type", "LORA");
    json.put("peft_version", PEFT_VERSION);
    json.put("r", config.lora().rank());
    json.put("rank_pattern", Map.of());
    json.put("revision", null);
    json.put("target_modules", config.lora().targets());
    json.put("task_type", "CAUSAL_LM");
    json.put("use_dora", false);
    json.put("use_rslora", false);
    if (!config.lineage().isEmpty()) {
      json.put(LINEAGE_KEY, config.lineage());
    }
    return json;
  }

  /** Readers such as vLLM's type {@code lora_alpha} as an integer. */
  private static Number number(double value) {
    if (value == Math.rint(value) && value <= Integer.MAX_VALUE) {
      return (int) value;
    }
    return value;
  }

  public Path path() {
    return path;
  }

  public Config config() {
    return config;
  }

  /** The keys of {@code adapter_config.json} that are ours ({@code whetstone_*}), sorted. */
  public Map<String, JsonNode> ownKeys() {
    var own = new TreeMap<String, JsonNode>();
    Json.read(path.resolve(CONFIG_FILE))
        .properties()
        .forEach(
            entry -> {
              if (entry.getKey().startsWith("whetstone_")) {
                own.put(entry.getKey(), entry.getValue());
              }
            });
    return own;
  }

  /** The caller closes them. */
  public TensorSource tensors() {
    return Safetensors.open(path.resolve(TENSORS_FILE));
  }

  /** All tensors, read whole. */
  public List<FloatTensor> values() {
    var values = new ArrayList<FloatTensor>();
    try (TensorSource tensors = tensors()) {
      for (String name : new TreeSet<>(tensors.names())) {
        List<Long> shape = tensors.shape(name);
        float[] read = new float[Math.toIntExact(Safetensors.elements(shape))];
        tensors.read(name, 0, FloatBuffer.wrap(read));
        values.add(new FloatTensor(name, shape, read));
      }
    }
    return values;
  }

  /** Content hash of the tensors and of what changes their effect (rank, alpha, targets). */
  public String content() {
    ContentHash hash =
        ContentHash.of("adapter/1")
            .add(config.lora().rank())
            .addJson(config.lora().alpha())
            .addJson(config.lora().targets());
    try (TensorSource tensors = tensors()) {
      var names = new TreeSet<>(tensors.names());
      hash.add(names.size());
      for (String name : names) {
        Safetensors.addTo(hash, tensors, name);
      }
    }
    return hash.finish();
  }

  /**
   * This adapter as a link of a lineage. It is called as the run that made it, which a recipe
   * names; an adapter from elsewhere as its folder.
   */
  public Ancestor asAncestor() {
    var facts = new TreeMap<String, String>();
    facts.put("rank", Integer.toString(config.lora().rank()));
    facts.put("alpha", String.valueOf(number(config.lora().alpha())));
    facts.put("targets", String.join(", ", config.lora().targets()));
    String name =
        Ancestor.newest(config.lineage(), "run")
            .map(Ancestor::name)
            .orElseGet(() -> path.toAbsolutePath().normalize().getFileName().toString());
    return new Ancestor("adapter", name, content(), facts);
  }
}
