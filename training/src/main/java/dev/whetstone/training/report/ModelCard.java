package dev.whetstone.training.report;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.report.RunPage.Equivalence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code README.md} of an adapter, as the Hugging Face Hub shows it: metadata in front (the Hub's
 * documentation, "Model Cards"), then what the adapter is, what it learnt from and how to use it.
 * It says nothing of the machine: of a path its last part.
 *
 * @param run that made the adapter
 * @param lora the adapter's shape
 * @param adapterContent its content hash
 * @param license of the adapter, an identifier of the Hub such as {@code apache-2.0}; absent where
 *     it is not known
 */
public record ModelCard(
    RunPage run, LoraConfig lora, String adapterContent, Optional<String> license) {
  /** Keys of a recipe that are paths of the machine, or said elsewhere on the card. */
  private static final Set<String> UNSAID =
      Set.of("dataset", "model", "adapter", "evaluate.include_path");

  /**
   * Ranks that vLLM accepts as its maximum (vllm 0.33.0, vllm/config/lora.py, MaxLoRARanks),
   * without 1, which older ones refuse.
   */
  private static final List<Integer> VLLM_RANKS = List.of(8, 16, 32, 64, 128, 256, 320, 512);

  /** The first one whose vllm/lora/peft_helper.py reads rank_pattern and alpha_pattern. */
  private static final String VLLM_WITH_PATTERNS = "0.32.0";

  public ModelCard {
    requireNonNull(run, "run is null");
    requireNonNull(lora, "lora is null");
    requireNonNull(adapterContent, "adapterContent is null");
    requireNonNull(license, "license is null");
  }

  /** The card. */
  public String markdown() {
    var card = new StringBuilder();
    frontMatter(card);
    card.append("# ").append(Markdown.escape(run.name())).append("\n\n");
    card.append(
        "A LoRA adapter of rank %d for %s, trained with %s.\n"
            .formatted(
                lora.rank(),
                Markdown.escape(baseModel()),
                run.config().objective().kind().key().toUpperCase(Locale.ROOT)));
    results(card);
    data(card);
    recipe(card);
    equivalence(card);
    use(card);
    lineage(card);
    limits(card);
    return card.toString();
  }

  private void frontMatter(StringBuilder card) {
    card.append("---\nbase_model: ").append(quoted(baseModel()));
    card.append("\nlibrary_name: peft\npipeline_tag: text-generation\n");
    license.ifPresent(name -> card.append("license: ").append(quoted(name)).append('\n'));
    card.append("tags:\n- lora\n- ");
    card.append(run.config().objective().kind().key()).append("\n- whetstone\n---\n\n");
  }

  /** A JSON string is a YAML string. */
  private static String quoted(String text) {
    return Json.line(text);
  }

  private String baseModel() {
    String named = run.config().model();
    return HubReference.isOne(named)
        ? publicName(named)
        : Ancestor.newest(run.lineage(), "model")
            .map(ModelCard::publicName)
            .orElseGet(() -> publicName(named));
  }

  private static String publicName(Ancestor ancestor) {
    return HubReference.isOne(ancestor.facts().getOrDefault("source", ""))
        ? ancestor.name()
        : publicName(ancestor.name());
  }

  /** A hub's name without its scheme and revision; of a path the last part. */
  static String publicName(String named) {
    if (HubReference.isOne(named)) {
      return HubReference.parse(named).repository();
    }
    String path = named.replace('\\', '/').replaceAll("/+$", "");
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void results(StringBuilder card) {
    List<Evaluation> evaluations = run.evaluations();
    card.append("\n## Results\n\n");
    if (evaluations.isEmpty()) {
      card.append("Nothing was measured on rows that were not trained on.\n");
      return;
    }
    Evaluation before = evaluations.get(0);
    Evaluation after =
        evaluations.stream()
            .filter(each -> each.step() == run.bestStep())
            .findFirst()
            .orElse(evaluations.get(evaluations.size() - 1));
    var rows = new ArrayList<List<String>>();
    rows.add(
        List.of(
            "validation loss, " + run.lossUnit(),
            Figures.nats(before.lossNats()),
            Figures.nats(after.lossNats())));
    addRows(rows, "validation ", before.more(), after.more());
    addRows(rows, "", before.scores(), after.scores());
    Markdown.table(
        card,
        List.of("", "step " + before.step(), "step " + after.step() + ", this adapter"),
        rows);
  }

  private static void addRows(
      List<List<String>> rows, String what, Map<String, Double> before, Map<String, Double> after) {
    var names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      rows.add(List.of(what + name, number(before.get(name)), number(after.get(name))));
    }
  }

  private static String number(Double value) {
    return value == null ? "not measured" : Figures.number(value);
  }

  private void data(StringBuilder card) {
    card.append("\n## What it was trained on\n\n");
    var rows = new LinkedHashMap<String, String>();
    rows.put(run.exampleNoun(), Figures.count(run.data().examples()));
    rows.put("tokens of all of them", Figures.count(run.data().tokens()));
    int chosen = run.bestStep() > 0 ? run.bestStep() : run.step();
    List<StepMetrics> taken = run.metrics().stream().filter(each -> each.step() <= chosen).toList();
    if (!taken.isEmpty()) {
      rows.put("optimizer steps of this adapter", Figures.count(taken.size()));
      rows.put("tokens of those steps", Figures.count(taken.get(taken.size() - 1).tokens()));
      rows.put(
          "targets of the loss among them",
          Figures.count(taken.stream().mapToLong(StepMetrics::targets).sum()));
    }
    Ancestor.newest(run.lineage(), "dataset")
        .ifPresent(
            dataset -> {
              rows.put("dataset", publicName(dataset));
              dataset.facts().forEach((fact, value) -> rows.put("dataset, " + fact, value));
              rows.put("dataset, content hash", dataset.content());
            });
    Markdown.table(card, List.of("", ""), rows(rows));
  }

  private void recipe(StringBuilder card) {
    card.append("\n## Recipe\n\n");
    var rows = new LinkedHashMap<String, String>();
    rows.put("adapted modules", String.join(", ", lora.targets()));
    Recipe.rows(run.config())
        .forEach(
            (key, value) -> {
              if (!UNSAID.contains(key)) {
                rows.put(key, value);
              }
            });
    Markdown.table(card, List.of("key", "value"), rows(rows));
  }

  private static List<List<String>> rows(Map<String, String> byKey) {
    return byKey.entrySet().stream()
        .map(entry -> List.of(entry.getKey(), entry.getValue()))
        .toList();
  }

  private void equivalence(StringBuilder card) {
    if (run.equivalence().isEmpty()) {
      return;
    }
    card.append("\n## Is the merged model the trained model?\n\n");
    card.append("Log-probabilities of tokens, against the adapter on its base model.\n\n");
    var rows = new ArrayList<List<String>>();
    for (Equivalence each : run.equivalence()) {
      rows.add(
          List.of(
              each.compared(),
              Figures.number(each.largestNats()),
              Figures.number(each.meanNats()),
              String.format(Locale.ROOT, "%.2f %%", 100 * each.sameGreedy()),
              Figures.count(each.positions())));
    }
    Markdown.table(
        card,
        List.of(
            "compared", "largest difference, nats", "mean, nats", "same greedy token", "positions"),
        rows);
  }

  private void use(StringBuilder card) {
    String base = Json.line(baseModel());
    card.append("\n## How to use it\n\n`adapter` is this folder.\n\n");
    card.append(
        """
        ```python
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(%s)
        model = AutoModelForCausalLM.from_pretrained(%s, dtype="auto")
        model = PeftModel.from_pretrained(model, "adapter")
        ```

        """
            .formatted(base, base));
    var commands = new ArrayList<String>();
    String model = shell(baseModel());
    String own = HubReference.isOne(run.config().model()) ? shell(run.config().model()) : model;
    Optional<Integer> rank = VLLM_RANKS.stream().filter(each -> each >= largestRank()).findFirst();
    if (rank.isPresent() && !unserved()) {
      commands.add(
          "vllm serve %s --enable-lora --max-lora-rank %d --lora-modules tuned=adapter"
              .formatted(model, rank.get()));
    }
    commands.add("whetstone chat --model %s --adapter adapter".formatted(own));
    commands.add("whetstone merge --model %s --adapter adapter --out merged".formatted(own));
    card.append("```bash\n").append(String.join("\n", commands)).append("\n```\n");
  }

  /** As one word of a shell. */
  private static String shell(String text) {
    return text.matches("[\\w@:/.-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private int largestRank() {
    return lora.rankPattern().values().stream()
        .mapToInt(rank -> rank)
        .reduce(lora.rank(), Math::max);
  }

  /** Whether the adapter has parts that vLLM does not apply beside its base model. */
  private boolean unserved() {
    return lora.dora() || lora.bias() != LoraConfig.Bias.NONE || !lora.modulesToSave().isEmpty();
  }

  private void lineage(StringBuilder card) {
    card.append("\n## Where it comes from\n\n");
    for (Ancestor ancestor : run.lineage()) {
      lineage(card, ancestor.kind(), publicName(ancestor), ancestor.content());
    }
    lineage(card, "adapter", run.name(), adapterContent);
    card.append("\nHashes are of the content, in Whetstone's form.\n");
  }

  private static void lineage(StringBuilder card, String kind, String name, String content) {
    card.append("- ").append(Markdown.escape(kind)).append(": ");
    card.append(Markdown.escape(name));
    card.append(", ").append(Markdown.code(content)).append('\n');
  }

  private void limits(StringBuilder card) {
    card.append("\n## Limits\n\n");
    var limits = new ArrayList<String>();
    limits.add(
        "It was trained for the task of its rows. What it does on others was measured only where a"
            + " table above says so.");
    limits.add(
        "It has the faults of its base model and of its rows, and may repeat parts of them: share"
            + " it as you would share the rows.");
    if (run.evaluations().isEmpty()) {
      limits.add("Whether it learnt its rows by heart is not known: nothing was held out.");
    }
    if (run.evaluations().stream().allMatch(each -> each.scores().isEmpty())) {
      limits.add("No benchmark was scored; a lower loss alone does not make better answers.");
    } else {
      limits.add("Scores are of single measurements during training, without error bars.");
    }
    if (run.equivalence().isEmpty()) {
      limits.add("Merged weights were not compared with the adapter.");
    }
    if (unserved()) {
      limits.add("vLLM does not apply all parts of this adapter: merge it first.");
    } else if (!lora.rankPattern().isEmpty() || !lora.alphaPattern().isEmpty()) {
      limits.add(
          "vLLM before "
              + VLLM_WITH_PATTERNS
              + " scales some modules wrongly without a word: it knows one rank and alpha for"
              + " all.");
    }
    if (license.isEmpty()) {
      limits.add("Its licence is not known; that of the base model holds in any case.");
    }
    limits.forEach(limit -> card.append("- ").append(limit).append('\n'));
  }
}
