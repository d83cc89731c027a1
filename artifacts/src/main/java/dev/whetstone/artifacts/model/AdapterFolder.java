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
import dev.whetstone.artifacts.model.AdapterTensor.Kind;
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
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A PEFT LoRA adapter: {@code adapter_config.json} and {@code adapter_model.safetensors}, whose
 * tensors are those of {@link AdapterTensor}. rsLoRA, DoRA, ranks and alphas by pattern, trained
 * biases and modules that are stored as a whole are part of it.
 *
 * <p>Config keys are those of {@code LoraConfig} in PEFT 0.21 ({@code peft/tuners/lora/config.py}).
 */
public final class AdapterFolder {
  public static final String CONFIG_FILE = "adapter_config.json";
  public static final String TENSORS_FILE = "adapter_model.safetensors";

  /** Our key for {@link Config#lineage}. */
  public static final String LINEAGE_KEY = "whetstone_lineage";

  private static final int NAMED_FAULTS = 5;

  /**
   * The newest PEFT that this layout was read with; readers that know less of it refuse nothing.
   */
  private static final String PEFT_VERSION = "0.18.0";

  /** Keys whose effect we do not apply: anything but null, false, empty is refused. */
  private static final List<String> REFUSED =
      List.of(
          "alora_invocation_tokens",
          "arrow_config",
          "fan_in_fan_out",
          "kasa_config",
          "layer_replication",
          "lora_bias",
          "megatron_config",
          "monteclora_config",
          "target_parameters",
          "trainable_token_indices",
          "use_bdlora",
          "use_qalora",
          "velora_config");

  /** Keys that narrow the targets: the tensors say what was adapted. */
  private static final List<String> NARROWING =
      List.of("exclude_modules", "layers_pattern", "layers_to_transform");

  /** Embedding and head ({@code peft/utils/other.py}, EMBEDDING_LAYER_NAMES). */
  private static final Set<String> ENDS = Set.of("embed_tokens", "lm_head");

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
   * Opens and checks a folder; an adapter kind that we do not apply exactly (trained tokens, fused
   * experts, biases of B) is bad input.
   *
   * @param named a folder, or the hub name of an adapter that was fetched before ({@link
   *     HubCache#locate})
   * @throws BadInputException if a file is missing, a key asks for an effect that we do not apply,
   *     or tensors are not those that the config speaks of
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
    try {
      checkTensors(folder, config);
    } catch (IllegalArgumentException e) {
      throw new BadInputException("%s: %s.".formatted(file, e.getMessage()), e);
    }
    return new AdapterFolder(folder, config);
  }

  private static void checkKind(Path file, JsonNode json) {
    var faults = new ArrayList<String>();
    if (!json.path("peft_type").asText().equals("LORA")) {
      faults.add("peft_type is %s, expected \"LORA\"".formatted(json.path("peft_type")));
    }
    for (String key : REFUSED) {
      if (isSet(json.path(key))) {
        faults.add("%s is %s".formatted(key, json.path(key)));
      }
    }
    String initialisation = json.path("init_lora_weights").asText("true");
    if (REFUSED_INITIALISATIONS.stream().anyMatch(initialisation::startsWith)) {
      faults.add(
          "init_lora_weights is \"%s\", which changes the base weights too"
              .formatted(initialisation));
    }
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "%s: this kind of adapter is not applied here: %s; merge the adapter with PEFT, or train it without."
              .formatted(file, String.join("; ", faults)));
    }
  }

  private static boolean isSet(JsonNode value) {
    boolean unset =
        value.isMissingNode()
            || value.isNull()
            || (value.isBoolean() && !value.booleanValue())
            || (value.isContainerNode() && value.isEmpty());
    return !unset;
  }

  private static Config config(Path folder, JsonNode json) {
    Path file = folder.resolve(CONFIG_FILE);
    if (!json.path("r").isIntegralNumber() || !json.path("r").canConvertToInt()) {
      throw new BadInputException(
          "%s: expected \"r\" as an integer, found %s.".formatted(file, json.path("r")));
    }
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
              json.path("r").intValue(),
              alpha.asDouble(8), // PEFT's default
              dropout.asDouble(0),
              targets(folder, json),
              pattern(json, "rank_pattern", JsonNode::isInt, "integers", JsonNode::intValue),
              pattern(json, "alpha_pattern", JsonNode::isNumber, "numbers", JsonNode::doubleValue),
              flag(json, "use_rslora"),
              flag(json, "use_dora"),
              LoraConfig.Bias.of(json.path("bias").asText("none")),
              saved(folder, json)),
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

  private static boolean flag(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (isSet(value) && !value.isBoolean()) {
      throw new IllegalArgumentException(
          "expected \"%s\" as true or false, found %s".formatted(key, value));
    }
    return value.asBoolean(false);
  }

  /** Values by pattern, in the order of the file: the first that fits a module counts. */
  private static <T> Map<String, T> pattern(
      JsonNode json,
      String key,
      Predicate<JsonNode> fits,
      String expected,
      Function<JsonNode, T> value) {
    JsonNode pattern = json.path(key);
    var values = new LinkedHashMap<String, T>();
    if (!isSet(pattern)) {
      return values;
    }
    for (Map.Entry<String, JsonNode> entry : pattern.properties()) {
      if (fits.test(entry.getValue())) {
        values.put(entry.getKey(), value.apply(entry.getValue()));
      }
    }
    if (values.isEmpty() || values.size() != pattern.size()) {
      throw new IllegalArgumentException(
          "expected \"%s\" as %s by pattern, found %s".formatted(key, expected, pattern));
    }
    return values;
  }

  private static List<String> names(JsonNode json, String key) {
    JsonNode names = json.path(key);
    var all = new ArrayList<String>();
    if (!isSet(names)) {
      return all;
    }
    names.forEach(name -> all.add(name.asText()));
    if (!names.isArray() || all.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "expected \"%s\" as a list of names, found %s".formatted(key, names));
    }
    return all;
  }

  /**
   * What {@code modules_to_save} names; PEFT adds the other one of embedding and head where they
   * are to stay equal, and does not name it.
   */
  private static List<String> saved(Path folder, JsonNode json) {
    List<String> saved = names(json, "modules_to_save");
    if (flag(json, "ensure_weight_tying") && lastParts(saved).stream().anyMatch(ENDS::contains)) {
      try (TensorSource tensors = Safetensors.open(folder.resolve(TENSORS_FILE))) {
        tensors.names().stream()
            .flatMap(name -> AdapterTensor.of(name).stream())
            .filter(tensor -> tensor.kind() == Kind.WEIGHT)
            .map(AdapterTensor::module)
            .filter(module -> ENDS.containsAll(lastParts(List.of(module))))
            .filter(module -> saved.stream().noneMatch(own -> LoraConfig.isWithin(module, own)))
            .toList()
            .forEach(saved::add);
      }
    }
    return saved;
  }

  /**
   * PEFT also takes a pattern or {@code "all-linear"}, and narrows them by other keys: then the
   * tensors say what was adapted.
   */
  private static List<String> targets(Path folder, JsonNode json) {
    JsonNode targets = json.path("target_modules");
    var names = new TreeSet<String>();
    boolean narrowed = NARROWING.stream().anyMatch(key -> isSet(json.path(key)));
    if (targets.isArray() && !narrowed) {
      targets.forEach(target -> names.add(target.asText()));
      return List.copyOf(names);
    }
    try (TensorSource tensors = Safetensors.open(folder.resolve(TENSORS_FILE))) {
      for (String name : tensors.names()) {
        AdapterTensor.of(name)
            .filter(tensor -> tensor.kind() == Kind.DOWN)
            .ifPresent(tensor -> names.add(tensor.module()));
      }
    }
    return targets.asText().equals("all-linear") && !narrowed
        ? lastParts(names)
        : List.copyOf(names);
  }

  private static List<String> lastParts(Collection<String> modules) {
    var parts = new TreeSet<String>();
    modules.forEach(module -> parts.add(module.substring(module.lastIndexOf('.') + 1)));
    return List.copyOf(parts);
  }

  private static void checkTensors(Path folder, Config config) {
    Path file = folder.resolve(TENSORS_FILE);
    var faults = new ArrayList<String>();
    try (TensorSource tensors = Safetensors.open(file)) {
      var replaced = new HashSet<String>();
      var saved = new TreeSet<>(config.lora().modulesToSave());
      for (String name : new TreeSet<>(tensors.names())) {
        Optional<AdapterTensor> tensor = AdapterTensor.of(name);
        if (tensor.isEmpty()) {
          faults.add(name + " is not a LoRA pair's tensor");
          continue;
        }
        fault(tensor.get(), tensors, config.lora()).ifPresent(what -> faults.add(name + what));
        if (tensor.get().kind().replaces() && !replaced.add(tensor.get().base())) {
          faults.add(name + " replaces what another tensor replaces");
        }
        saved.removeIf(module -> LoraConfig.isWithin(tensor.get().module(), module));
      }
      saved.forEach(module -> faults.add("no tensor is of " + module + ", which was to be saved"));
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
                  String.join("; ", faults.subList(0, Math.min(NAMED_FAULTS, faults.size())))));
    }
  }

  /** What is wrong with a tensor, to follow its name. */
  private static Optional<String> fault(
      AdapterTensor tensor, TensorSource tensors, LoraConfig lora) {
    List<Long> shape = tensors.shape(tensor.name());
    boolean saved = lora.saves(tensor.module());
    return switch (tensor.kind()) {
      case DOWN -> {
        if (saved) {
          yield Optional.of(" adapts a module that is saved as a whole");
        }
        if (lora.dora() && !has(tensors, tensor, Kind.MAGNITUDE)) {
          yield Optional.of(" has no lora_magnitude_vector beside it");
        }
        yield pairFault(tensor, tensors, lora, Kind.UP, 0, "[%d, in]");
      }
      case UP -> pairFault(tensor, tensors, lora, Kind.DOWN, 1, "[out, %d]");
      case MAGNITUDE -> {
        if (!lora.dora()) {
          yield Optional.of(" is of DoRA, but use_dora is false");
        }
        if (!has(tensors, tensor, Kind.UP)) {
          yield Optional.of(" has no pair beside it");
        }
        List<Long> up = tensors.shape(tensor.other(Kind.UP).name());
        yield up.isEmpty() || shape.equals(up.subList(0, 1))
            ? Optional.empty()
            : Optional.of(" is %s, expected %s".formatted(shape, up.subList(0, 1)));
      }
      case WEIGHT ->
          saved
              ? Optional.empty()
              : Optional.of(" is not a LoRA pair's tensor, nor of modules_to_save");
      case ADAPTED_WEIGHT ->
          has(tensors, tensor, Kind.DOWN)
              ? Optional.empty()
              : Optional.of(" has no pair beside it");
      case BIAS ->
          saved || lora.bias() == LoraConfig.Bias.ALL
              ? Optional.empty()
              : Optional.of(" is a bias, but bias is \"%s\"".formatted(lora.bias().key()));
      case ADAPTED_BIAS ->
          lora.bias() != LoraConfig.Bias.NONE
              ? Optional.empty()
              : Optional.of(" is a bias, but bias is \"none\"");
      case SPARE, ORIGINAL ->
          saved && lora.bias() == LoraConfig.Bias.ALL
              ? Optional.empty()
              : Optional.of(" is not of a saved module");
    };
  }

  private static boolean has(TensorSource tensors, AdapterTensor beside, Kind kind) {
    return tensors.names().contains(beside.other(kind).name());
  }

  private static Optional<String> pairFault(
      AdapterTensor tensor,
      TensorSource tensors,
      LoraConfig lora,
      Kind partner,
      int rankAt,
      String expected) {
    int rank = lora.rank(tensor.module());
    List<Long> shape = tensors.shape(tensor.name());
    if (shape.size() != 2 || shape.get(rankAt) != rank) {
      return Optional.of(" is %s, expected %s".formatted(shape, expected.formatted(rank)));
    }
    return has(tensors, tensor, partner) ? Optional.empty() : Optional.of(" has no partner");
  }

  /**
   * Writes a whole adapter folder, which appears at once by rename and replaces one that is there.
   * {@code more} are further keys for the config; ours begin with {@code whetstone_}.
   *
   * @param tensors in PEFT's names ({@link AdapterTensor#name}), any order: they are written sorted
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
    json.put("alpha_pattern", alphas(config.lora().alphaPattern()));
    json.put("auto_mapping", null);
    json.put("base_model_name_or_path", config.baseModel());
    json.put("bias", config.lora().bias());
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.put("layers_pattern", null);
    json.put("layers_to_transform", null);
    json.put("lora_alpha", number(config.lora().alpha()));
    json.put("lora_dropout", config.lora().dropout());
    List<String> saved = config.lora().modulesToSave();
    json.put("modules_to_save", saved.isEmpty() ? null : saved);
    json.put("peft_type", "LORA");
    json.put("peft_version", PEFT_VERSION);
    json.put("r", config.lora().rank());
    json.put("rank_pattern", config.lora().rankPattern());
    json.put("revision", null);
    json.put("target_modules", config.lora().targets());
    json.put("task_type", "CAUSAL_LM");
    json.put("use_dora", config.lora().dora());
    json.put("use_rslora", config.lora().rsLora());
    if (!config.lineage().isEmpty()) {
      json.put(LINEAGE_KEY, config.lineage());
    }
    return json;
  }

  private static Map<String, Number> alphas(Map<String, Double> pattern) {
    var alphas = new LinkedHashMap<String, Number>(); // in the order of the pattern
    pattern.forEach((module, alpha) -> alphas.put(module, number(alpha)));
    return alphas;
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

  /**
   * Content hash of the tensors and of what changes their effect: rank, alpha, targets and, where
   * they are there, alphas by pattern and rsLoRA. All else shows in the tensors.
   */
  public String content() {
    LoraConfig lora = config.lora();
    ContentHash hash =
        ContentHash.of("adapter/1")
            .add(lora.rank())
            .addJson(lora.alpha())
            .addJson(lastParts(lora.targets()));
    if (!lora.alphaPattern().isEmpty()) {
      hash.add("alpha_pattern")
          .addJson(List.copyOf(lora.alphaPattern().keySet()))
          .addJson(List.copyOf(lora.alphaPattern().values()));
    }
    if (lora.rsLora()) {
      hash.add("use_rslora");
    }
    try (TensorSource tensors = tensors()) {
      var names = new TreeSet<>(tensors.names());
      hash.add(names.size());
      for (String name : names) {
        Safetensors.addTo(hash, tensors, name);
      }
    }
    return hash.finish();
  }

  /** What an adapter is, for people: rank, alpha, targets and, where they are there, its ways. */
  public Map<String, String> facts() {
    LoraConfig lora = config.lora();
    var facts = new LinkedHashMap<String, String>();
    facts.put("rank", Integer.toString(lora.rank()));
    facts.put("alpha", String.valueOf(number(lora.alpha())));
    facts.put("targets", String.join(", ", lastParts(lora.targets())));
    if (!lora.rankPattern().isEmpty()) {
      facts.put("rank by pattern", Json.line(lora.rankPattern()));
    }
    if (!lora.alphaPattern().isEmpty()) {
      facts.put("alpha by pattern", Json.line(alphas(lora.alphaPattern())));
    }
    if (lora.rsLora()) {
      facts.put("scale", "alpha / sqrt(rank) (rsLoRA)");
    }
    if (lora.dora()) {
      facts.put("row lengths", "trained (DoRA)");
    }
    if (lora.bias() != LoraConfig.Bias.NONE) {
      facts.put("biases trained", lora.bias().key());
    }
    if (!lora.modulesToSave().isEmpty()) {
      facts.put("modules saved", String.join(", ", lora.modulesToSave()));
    }
    return facts;
  }

  /**
   * This adapter as a link of a lineage. It is called as the run that made it, which a recipe
   * names; an adapter from elsewhere as its folder.
   */
  public Ancestor asAncestor() {
    String name =
        Ancestor.newest(config.lineage(), "run")
            .map(Ancestor::name)
            .orElseGet(() -> path.toAbsolutePath().normalize().getFileName().toString());
    return new Ancestor("adapter", name, content(), new TreeMap<>(facts()));
  }
}
