package dev.whetstone.leaderboard.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Publish;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What task and datasets allow to be published. */
final class Permissions {
  /**
   * Benchmarks that anyone may read anyway, by {@code dataset_path}: as the tasks of
   * lm-evaluation-harness 0.4.13 name them, and by the short names of older results. Left out on
   * purpose, since their authors ask that examples are not put on the web again: GPQA, BIG-bench
   * and what is cut from it (BBH).
   */
  private static final Set<String> PUBLIC =
      Set.of(
          "ai2_arc",
          "allenai/ai2_arc",
          "allenai/openbookqa",
          "allenai/sciq",
          "allenai/winogrande",
          "aps/super_glue",
          "baber/piqa",
          "cais/mmlu",
          "cambridgeltl/xcopa",
          "eleutherai/coqa",
          "eleutherai/drop",
          "eleutherai/hendrycks_math",
          "eleutherai/lambada_openai",
          "eleutherai/logiqa",
          "eleutherai/race",
          "eleutherai/wikitext_document_level",
          "google-research-datasets/mbpp",
          "google/ifeval",
          "gsm8k",
          "hails/mmlu_no_train",
          "hellaswag",
          "juletxara/mgsm",
          "mandarjoshi/trivia_qa",
          "mbpp",
          "nyu-mll/glue",
          "openai/gsm8k",
          "openai/openai_humaneval",
          "openai_humaneval",
          "openbookqa",
          "piqa",
          "rowan/hellaswag",
          "sciq",
          "super_glue",
          "tiger-lab/mmlu-pro",
          "trivia_qa",
          "truthful_qa",
          "truthfulqa/truthful_qa",
          "winogrande",
          "wis-k/instruction-following-eval",
          "xcopa");

  private Permissions() {}

  /**
   * What the task says ({@code metadata.publish}); without a word all of a known public benchmark,
   * of anything else only hashes.
   *
   * @throws IllegalArgumentException if it says something unknown
   */
  static Publish ofTask(JsonNode config) {
    JsonNode said = config.path("metadata").path(Publish.KEY);
    if (!said.isMissingNode() && !said.isNull()) {
      return Publish.of(said.asText());
    }
    // Files of one's own can be read under any name.
    boolean hasOwnFiles =
        config.path("dataset_kwargs").has("data_files")
            || config.path("dataset_kwargs").has("data_dir");
    String source = config.path("dataset_path").asText("").toLowerCase(Locale.ROOT);
    return PUBLIC.contains(source) && !hasOwnFiles ? Publish.TEXT : Publish.UNSAID;
  }

  /**
   * What all datasets of a lineage allow; everything where there is none.
   *
   * @throws BadInputException if one says something unknown
   */
  static Publish ofTraining(List<Ancestor> lineage) {
    Publish allowed = Publish.TEXT;
    for (Ancestor ancestor : lineage) {
      if (ancestor.kind().equals("dataset")) {
        String said = ancestor.facts().getOrDefault(Publish.KEY, Publish.UNSAID.key());
        try {
          allowed = allowed.strictest(Publish.of(said));
        } catch (IllegalArgumentException e) {
          throw new BadInputException(
              "lineage, dataset %s: %s.".formatted(ancestor.name(), e.getMessage()), e);
        }
      }
    }
    return allowed;
  }
}
