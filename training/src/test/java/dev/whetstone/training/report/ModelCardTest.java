package dev.whetstone.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.report.RunPage.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelCardTest {
  private static final LoraConfig LORA = LoraConfig.plain(24, 48, List.of("q_proj", "v_proj"));
  private static final String CONTENT = "sha256:" + "ad".repeat(32);

  private static String card(RunPage run) {
    return new ModelCard(run, LORA, CONTENT, Optional.of("apache-2.0")).markdown();
  }

  private static RunPage with(RunPage run, TrainConfig config, List<Ancestor> lineage) {
    return new RunPage(
        run.name(),
        config,
        run.progress(),
        run.metrics(),
        List.of(),
        run.data(),
        run.trainedParameters(),
        run.bestStep(),
        run.compute(),
        run.preflight(),
        run.memory(),
        List.of(),
        lineage);
  }

  @Test
  void frontMatterIsWhatTheHubReads() {
    assertThat(card(SyntheticRuns.sft(240, 240, Status.FINISHED)))
        .startsWith(
            """
            ---
            base_model: "Qwen/Qwen2.5-7B-Instruct"
            library_name: peft
            pipeline_tag: text-generation
            license: "apache-2.0"
            tags:
            - lora
            - sft
            - whetstone
            ---
            """);
  }

  @Test
  void resultsAreOfTheChosenStep() {
    assertThat(card(SyntheticRuns.sft(240, 240, Status.FINISHED)))
        .contains("|  | step 0 | step 200, this adapter |")
        .contains("| validation loss, nats a target | 2.310 | 0.799 |")
        .contains("| orders/exact_match | ");
  }

  @Test
  void loadersGetCommandsThatTheyTake() {
    assertThat(card(SyntheticRuns.sft(240, 240, Status.FINISHED)))
        .contains("PeftModel.from_pretrained(model, \"adapter\")")
        .contains(
            "vllm serve Qwen/Qwen2.5-7B-Instruct --enable-lora --max-lora-rank 32 --lora-modules")
        .contains("whetstone chat --model hf:Qwen/Qwen2.5-7B-Instruct --adapter adapter");
  }

  @Test
  void aServerThatWouldMisreadTheAdapterIsNamed() {
    RunPage run = SyntheticRuns.sft(12, 12, Status.FINISHED);
    String plain = new ModelCard(run, LORA, CONTENT, Optional.empty()).markdown();
    assertThat(plain).doesNotContain("- vLLM");
    String patterns =
        new ModelCard(run, lora(false, Map.of("q_proj", 64)), CONTENT, Optional.empty()).markdown();
    assertThat(patterns).contains("--max-lora-rank 64", "- vLLM before 0.32.0 scales some modules");
    String dora = new ModelCard(run, lora(true, Map.of()), CONTENT, Optional.empty()).markdown();
    assertThat(dora).doesNotContain("vllm serve").contains("merge it first");
  }

  private static LoraConfig lora(boolean dora, Map<String, Integer> ranks) {
    return new LoraConfig(
        LORA.rank(),
        LORA.alpha(),
        0,
        LORA.targets(),
        ranks,
        Map.of(),
        false,
        dora,
        LoraConfig.Bias.NONE,
        List.of());
  }

  @Test
  void lineageEndsWithTheAdaptersOwnHash() {
    String card = card(SyntheticRuns.sft(240, 240, Status.FINISHED));
    assertThat(card).contains("- source: orders-2025.jsonl, `sha256:3f3f");
    assertThat(card.lines().filter(line -> line.contains(", `sha256:")).toList())
        .last()
        .asString()
        .startsWith("- adapter: ")
        .endsWith(", `" + CONTENT + "`");
  }

  @Test
  void nothingOfTheMachineIsSaid() {
    RunPage run = SyntheticRuns.sft(12, 12, Status.FINISHED);
    TrainConfig config =
        SyntheticRuns.config(
            """
            {"dataset": "/home/grace/secret/rows", "model": "/home/grace/models/tiny/", "steps": 12,
             "adapter": "/home/grace/first", "evaluate": {"every": 6, "include_path": "/home/grace/tasks"}}
            """);
    List<Ancestor> lineage =
        List.of(
            new Ancestor("source", "/home/grace/secret/rows.jsonl", "sha256:1", Map.of()),
            new Ancestor("dataset", "secret/rows", "sha256:2", Map.of("read", "7")),
            new Ancestor("model", "tiny", "sha256:3", Map.of("source", "/home/grace/tiny.gguf")));
    assertThat(card(with(run, config, lineage)))
        .contains("base_model: \"tiny\"", "- source: rows.jsonl,", "| dataset | rows |")
        .doesNotContain("grace", "secret", "/home");
  }

  @ParameterizedTest
  @CsvSource({
    "hf:org/name@main, org/name",
    "ms:org/name, org/name",
    "models/tiny/, tiny",
    "C:\\models\\tiny, tiny",
    "tiny, tiny",
  })
  void aPathIsNamedByItsLastPart(String named, String expected) {
    assertThat(ModelCard.publicName(named)).isEqualTo(expected);
  }

  @Test
  void whatWasNotMeasuredIsSaid() {
    RunPage run = SyntheticRuns.sft(12, 12, Status.FINISHED);
    String card =
        new ModelCard(with(run, run.config(), List.of()), LORA, CONTENT, Optional.empty())
            .markdown();
    assertThat(card)
        .doesNotContain("license:", "Is the merged model")
        .contains("Nothing was measured on rows that were not trained on.")
        .contains("No benchmark was scored")
        .contains("Merged weights were not compared with the adapter.")
        .contains("Its licence is not known");
  }

  @Test
  void textIsNeverMarkup() {
    assertThat(Markdown.escape("a|b\n<i> *c* `d` [e](f)"))
        .isEqualTo("a\\|b \\<i\\> \\*c\\* \\`d\\` \\[e\\](f)");
    assertThat(card(SyntheticRuns.sft(1, 1, Status.FINISHED)))
        .contains("# 订单 · orders \\<to\\> JSON &amp; back");
  }
}
