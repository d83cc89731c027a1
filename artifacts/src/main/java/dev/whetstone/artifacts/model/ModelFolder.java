package dev.whetstone.artifacts.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A model folder as transformers writes it: {@code config.json}, {@code tokenizer.json}, weights,
 * {@code tokenizer_config.json}, {@code chat_template.jinja}, {@code generation_config.json}. A
 * manifest is there only where Whetstone made or fetched the folder.
 */
public record ModelFolder(Path path) {
  public static final String FORMAT = "whetstone.model/1";

  private static final String CONFIG = "config.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String TOKENIZER = "tokenizer.json";
  private static final String PIECES = "tokenizer.model"; // of SentencePiece
  private static final String CHAT_TEMPLATE = "chat_template.jinja";

  /**
   * Opens a folder and checks that config, tokenizer and weights are there.
   *
   * @param named a folder, or the hub name of a model that was fetched before ({@link
   *     HubCache#locate})
   */
  public static ModelFolder open(Path named) {
    Path folder = HubCache.locate(named);
    if (Files.isRegularFile(folder)) {
      throw new BadInputException(
          folder
              + ": expected a model folder, found a file; turn a .gguf file into a folder with:"
              + " whetstone fetch "
              + folder
              + " --to DIR.");
    }
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          folder + ": expected a model folder here, found none; fetch one with: whetstone fetch.");
    }
    List<String> missing = missing(file -> Files.isRegularFile(folder.resolve(file)));
    if (!missing.isEmpty()) {
      throw new BadInputException(
          "%s: expected a model folder, but it lacks %s."
              .formatted(folder, String.join(" and ", missing)));
    }
    if (Manifest.exists(folder)) {
      Manifest.read(folder, FORMAT);
    }
    return new ModelFolder(folder);
  }

  /**
   * What keeps a folder, here or elsewhere, from being a model's; empty if nothing does.
   *
   * @param has whether a file of this name is in it
   */
  public static List<String> missing(Predicate<String> has) {
    var missing = new ArrayList<String>();
    if (!has.test(CONFIG)) {
      missing.add(CONFIG);
    }
    if (!has.test(TOKENIZER) && !has.test(PIECES)) {
      missing.add(TOKENIZER);
    }
    if (!has.test(Safetensors.MODEL_FILE) && !has.test(Safetensors.INDEX_FILE)) {
      missing.add(Safetensors.MODEL_FILE + " (or " + Safetensors.INDEX_FILE + ")");
    }
    return missing;
  }

  /** The manifest, where Whetstone made or fetched the folder. */
  public Optional<Manifest> manifest() {
    return Manifest.exists(path) ? Optional.of(Manifest.read(path, FORMAT)) : Optional.empty();
  }

  /** {@code config.json}. */
  public JsonNode config() {
    return object(CONFIG);
  }

  /** {@code tokenizer_config.json}, or an empty object. */
  public JsonNode tokenizerConfig() {
    return Files.exists(path.resolve(TOKENIZER_CONFIG))
        ? object(TOKENIZER_CONFIG)
        : Json.mapper().createObjectNode();
  }

  private JsonNode object(String file) {
    JsonNode json = Json.read(path.resolve(file));
    if (!json.isObject()) {
      throw new BadInputException(
          "%s: expected a JSON object, found %s."
              .formatted(path.resolve(file), json.getNodeType()));
    }
    return json;
  }

  /** {@code tokenizer.json}; where there is none, ChatGLM's {@code tokenizer.model}. */
  public Path tokenizerFile() {
    Path json = path.resolve(TOKENIZER);
    return Files.exists(json) || !Files.exists(path.resolve(PIECES)) ? json : path.resolve(PIECES);
  }

  /**
   * {@code chat_template.jinja}, else {@code chat_template} of the tokenizer's configuration; where
   * that is a list of named templates, the one named {@code default}.
   */
  public Optional<String> chatTemplate() {
    Path file = path.resolve(CHAT_TEMPLATE);
    if (Files.exists(file)) {
      InputFile.check(file, "a chat template");
      return Optional.of(InputFile.text(file, "a chat template"));
    }
    JsonNode inConfig = tokenizerConfig().path("chat_template");
    for (JsonNode named : inConfig) {
      if (named.path("name").asText().equals("default")) {
        return Optional.of(named.path("template").asText());
      }
    }
    return inConfig.isTextual() ? Optional.of(inConfig.textValue()) : Optional.empty();
  }

  /** The weights, named as transformers names them. The caller closes them. */
  public TensorSource weights() {
    return Safetensors.openFolder(path);
  }

  /**
   * Content hash of config, tokenizer, template and weights; from the manifest where there is one,
   * else computed, which reads every byte of the weights.
   */
  public String content() {
    return manifest().map(Manifest::content).orElseGet(() -> contentOf(path));
  }

  /**
   * The rule of the content hash, for whoever makes a folder and has no manifest yet: {@code
   * config.json} in canonical form, the bytes of the tokenizer's file, the chat template, then each
   * tensor by name ({@link Safetensors#addTo}). How the weights are cut into files does not enter.
   */
  public static String contentOf(Path folder) {
    var model = new ModelFolder(folder);
    ContentHash hash = ContentHash.of("model/1").addJson(model.config());
    hash.add(InputFile.bytes(model.tokenizerFile(), "a tokenizer"));
    Optional<String> template = model.chatTemplate();
    hash.add(template.isPresent() ? 1 : 0).add(template.orElse(""));
    try (TensorSource weights = model.weights()) {
      var names = new TreeSet<>(weights.names());
      hash.add(names.size());
      try (Progress progress = Progress.quiet("hash " + folder, names.size())) {
        for (String name : names) {
          Safetensors.addTo(hash, weights, name);
          progress.add(1);
        }
      }
    }
    return hash.finish();
  }

  /**
   * This model as a link of a lineage. Its name is {@code name}, else {@code source}, of the
   * manifest's recipe, else the folder's; its facts are {@code architecture}, {@code parameters},
   * {@code source}, {@code revision}, {@code license} and {@code dtype} as far as that recipe has
   * them, and those of its own ancestors.
   */
  public Ancestor asAncestor() {
    var facts = new TreeMap<String, String>();
    facts.put("architecture", config().path("model_type").asText("unknown"));
    facts.put("parameters", Long.toString(parameters()));
    Optional<Manifest> manifest = manifest();
    JsonNode recipe =
        manifest.map(Manifest::recipe).orElseGet(() -> Json.mapper().createObjectNode());
    for (String fact : List.of("source", "revision", "license", "dtype")) {
      if (recipe.path(fact).isTextual()) {
        facts.put(fact, recipe.path(fact).textValue());
      }
    }
    for (Ancestor source : manifest.map(Manifest::lineage).orElse(List.of())) {
      Map<String, String> known = source.facts();
      known.forEach(facts::putIfAbsent);
    }
    String folderName = path.toAbsolutePath().normalize().getFileName().toString();
    String name = recipe.path("name").asText(recipe.path("source").asText(folderName));
    return new Ancestor("model", name, content(), facts);
  }

  /**
   * The lineage of what is made of this model.
   *
   * @param link {@link #asAncestor}, which may have to read all weights: so it is asked once
   */
  public List<Ancestor> lineageThrough(Ancestor link) {
    return Stream.concat(
            manifest().map(Manifest::lineage).orElse(List.of()).stream(), Stream.of(link))
        .toList();
  }

  /** Number of weights, shared ones counted once. */
  public long parameters() {
    try (TensorSource weights = weights()) {
      return weights.names().stream()
          .mapToLong(name -> Safetensors.elements(weights.shape(name)))
          .sum();
    }
  }
}
