package dev.whetstone.datasets.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.items.ItemsFolder;
import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.job.source.Block;
import dev.whetstone.datasets.job.source.SourceFiles;
import dev.whetstone.datasets.job.source.SourceFiles.SourceFile;
import dev.whetstone.datasets.measure.FlaggedWords;
import dev.whetstone.datasets.personal.Pseudonyms;
import dev.whetstone.datasets.quality.QualityModel;
import dev.whetstone.datasets.tokens.ModelText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a job works on.
 *
 * @param against datasets whose rows no new row may repeat
 * @param model the target model as a link of the lineage, where one is named
 * @param text its tokenizer and template
 * @param flagged words to look for, where the recipe names a file of them
 * @param quality the classifier of rows, where one is named
 * @param qualityLink that classifier as a link of the lineage
 * @param pseudonyms for personal data, where the recipe asks for them
 */
record Inputs(
    List<SourceFile> sources,
    List<ItemsFolder> items,
    List<DatasetFolder> against,
    Optional<Ancestor> model,
    Optional<ModelText> text,
    FlaggedWords flagged,
    Optional<QualityModel> quality,
    Optional<Ancestor> qualityLink,
    Optional<Pseudonyms> pseudonyms) {
  private static final String TOKENIZER = "tokenizer";
  private static final String CHAT_TEMPLATE = "chat_template";

  /**
   * Reads and hashes all inputs.
   *
   * @throws dev.whetstone.artifacts.BadInputException if one is missing or damaged
   */
  static Inputs look(PrepareConfig config, Optional<Pseudonyms> pseudonyms) {
    int cores = Runtime.getRuntime().availableProcessors();
    List<SourceFile> sources = SourceFiles.look(config.sources(), cores);
    List<ItemsFolder> items =
        config.decontaminate().stream().map(folder -> ItemsFolder.open(Path.of(folder))).toList();
    List<DatasetFolder> against =
        config.dedup().against().stream().map(f -> DatasetFolder.open(Path.of(f))).toList();
    Optional<Path> classifier =
        Optional.of(config.quality().model()).filter(m -> !m.isEmpty()).map(Path::of);
    Optional<QualityModel> quality = classifier.map(QualityModel::open);
    Optional<Ancestor> qualityLink = classifier.map(QualityModel::asAncestor);
    Optional<Path> words =
        Optional.of(config.flaggedWords()).filter(file -> !file.isEmpty()).map(Path::of);
    Optional<Path> model =
        Optional.of(config.model()).filter(m -> !m.isEmpty()).map(Inputs::modelFolder);
    Optional<ModelText> text = model.map(ModelText::read);
    return new Inputs(
        sources,
        items,
        against,
        model.map(folder -> link(folder, text.orElseThrow())),
        text,
        words.map(FlaggedWords::read).orElse(FlaggedWords.NONE),
        quality,
        qualityLink,
        pseudonyms);
  }

  /** Tokenising needs no weights; where they are missing, the lineage names the tokenizer. */
  private static Ancestor link(Path model, ModelText text) {
    return Files.exists(model.resolve("config.json"))
        ? ModelFolder.open(model).asAncestor()
        : new Ancestor(
            "tokenizer",
            model.toAbsolutePath().getFileName().toString(),
            "sha256:" + text.tokenizerSha256(),
            Map.of());
  }

  private static Path modelFolder(String model) {
    Path folder = HubCache.locate(Path.of(model));
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          ("model %s: expected a model folder; fetch it with: whetstone fetch %s --to DIR, and name"
                  + " DIR, or run the whole recipe with: whetstone run.")
              .formatted(model, model));
    }
    return folder;
  }

  long sizeBytes() {
    return sources.stream().mapToLong(SourceFile::sizeBytes).sum();
  }

  List<Block> blocks() {
    return sources.stream().flatMap(s -> s.blocks().stream()).toList();
  }

  List<Item> benchmarkItems() {
    return items.stream().flatMap(folder -> folder.items().stream()).toList();
  }

  ItemsOfBenchmarks items(PrepareConfig config) {
    return new ItemsOfBenchmarks(
        benchmarkItems(), config.overlap().ngram(), config.overlap().minShare());
  }

  /**
   * Hashes of all that the dataset depends on. Of the model, that is tokenizer and template: other
   * weights give the same rows.
   */
  Map<String, String> hashes() {
    Map<String, String> hashes = new TreeMap<>();
    for (int i = 0; i < sources.size(); i++) {
      hashes.put("sources/" + i, "sha256:" + sources.get(i).sha256());
    }
    for (int i = 0; i < items.size(); i++) {
      hashes.put("items/" + i, items.get(i).manifest().content());
    }
    hashes.putAll(hashesOfAgainst());
    pseudonyms.ifPresent(p -> hashes.put("pseudonym_key", "sha256:" + p.fingerprint()));
    quality.ifPresent(q -> hashes.put("quality", q.content()));
    if (!flagged.sha256().isEmpty()) {
      hashes.put("flagged_words", "sha256:" + flagged.sha256());
    }
    text.ifPresent(
        t -> {
          hashes.put(TOKENIZER, "sha256:" + t.tokenizerSha256());
          hashes.put(CHAT_TEMPLATE, "sha256:" + t.templateSha256());
        });
    return hashes;
  }

  private Map<String, String> hashesOfAgainst() {
    Map<String, String> hashes = new TreeMap<>();
    for (int i = 0; i < against.size(); i++) {
      hashes.put("against/" + i, against.get(i).manifest().content());
    }
    return hashes;
  }

  Map<String, String> hashesWithModel() {
    Map<String, String> hashes = new TreeMap<>(hashes());
    model.ifPresent(m -> hashes.put(m.kind(), m.content()));
    return hashes;
  }

  /**
   * The section without paths: where an input lies does not change what is made of it, and its hash
   * is among {@link #hashes}.
   */
  ObjectNode section(PrepareConfig config) {
    ObjectNode section = Json.mapper().valueToTree(config);
    section.remove("decontaminate");
    ((ObjectNode) section.get("dedup")).remove("against");
    section.set(
        "sources", Json.mapper().valueToTree(sources.stream().map(SourceFile::reading).toList()));
    // Its hash is among the inputs, where it lies is not.
    section
        .withObject("/quality")
        .put("model", config.quality().model().isEmpty() ? "" : "quality");
    section.put("flagged_words", config.flaggedWords().isEmpty() ? "" : "flagged_words");
    section.set("mixture", mixture(config));
    return section.put("model", config.model().isEmpty() ? "" : "model");
  }

  /** What is taken of which files; null where that is each row once. */
  private JsonNode mixture(PrepareConfig config) {
    if (config.sources().stream().noneMatch(Source::mixed)) {
      return NullNode.getInstance();
    }
    ArrayNode mixture = Json.mapper().valueToTree(config.sources());
    for (int s = 0; s < mixture.size(); s++) {
      ((ObjectNode) mixture.get(s)).put("files", files(s)).remove(List.of("path", "dataset_info"));
    }
    return mixture;
  }

  private long files(int source) {
    return sources.stream().filter(file -> file.source() == source).count();
  }

  /** Number of the first file of each of the recipe's sources. */
  int[] firstFiles(PrepareConfig config) {
    int[] first = new int[config.sources().size()];
    for (int s = 1; s < first.length; s++) {
      first[s] = first[s - 1] + (int) files(s - 1);
    }
    return first;
  }

  /** Keys that matter only after rows have been read, cleaned and measured. */
  private static final List<String> AFTER_ROWS =
      List.of(
          "model",
          "max_length",
          "min_length",
          "too_long",
          "mixture",
          "loss_on",
          "rules",
          "dedup",
          "split",
          "publish",
          "seed");

  /** Of all that cleaned and measured rows depend on: another bound re-scores nothing. */
  String idOfRows(PrepareConfig config) {
    ObjectNode section = section(config);
    section.remove(AFTER_ROWS);
    section.withObject("/quality").remove("min");
    section.put("by", config.dedup().by().key());
    Map<String, String> hashes = hashes();
    hashes.keySet().removeAll(List.of(TOKENIZER, CHAT_TEMPLATE));
    hashes.keySet().removeAll(hashesOfAgainst().keySet());
    return StepId.of("prepare.rows", PrepareDataset.BEHAVIOUR_VERSION, section, hashes);
  }

  /** Of all that clusters of duplicates depend on. */
  String idOfClusters(PrepareConfig config) {
    ObjectNode section = Json.mapper().createObjectNode();
    section.set("rules", Json.mapper().valueToTree(config.rules()));
    section.put("quality_min", config.quality().min());
    section.set("dedup", section(config).get("dedup"));
    section.put("seed", config.seed());
    Map<String, String> hashes = hashesOfAgainst();
    hashes.put("rows", idOfRows(config));
    return StepId.of("prepare.clusters", PrepareDataset.BEHAVIOUR_VERSION, section, hashes);
  }

  /** Sources, items, model, and what those were made of. */
  List<Ancestor> lineage() {
    List<Ancestor> lineage = new ArrayList<>();
    for (SourceFile source : sources) {
      lineage.add(
          new Ancestor(
              "source",
              source.name(),
              "sha256:" + source.sha256(),
              Map.of("bytes", Long.toString(source.sizeBytes()))));
    }
    for (ItemsFolder folder : items) {
      String name = folder.path().toAbsolutePath().getFileName().toString();
      int count = folder.items().size();
      lineage.add(
          folder.manifest().asAncestor("items", name, Map.of("items", Integer.toString(count))));
    }
    qualityLink.ifPresent(lineage::add);
    model.ifPresent(lineage::add);
    return lineage;
  }

  String sentence() {
    String benchmarks = items.isEmpty() ? "" : ", %d items folders".formatted(items.size());
    return "%d files, %,d bytes%s%s"
        .formatted(
            sources.size(),
            sizeBytes(),
            benchmarks,
            model.map(m -> ", model " + m.name()).orElse(""));
  }
}
