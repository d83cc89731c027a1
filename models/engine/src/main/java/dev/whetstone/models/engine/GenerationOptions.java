package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.models.engine.generation.GenerationConfigFile;
import dev.whetstone.models.engine.generation.GenerationSettings;
import dev.whetstone.models.engine.generation.Sampling;
import dev.whetstone.models.engine.schema.JsonSchema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say how a prompt is continued. */
final class GenerationOptions {
  private static final int DEFAULT_NEW_TOKENS = 256;
  private static final String OF_THE_MODEL = "model";

  @Option(
      names = {"--max-new-tokens", "--max-tokens"},
      paramLabel = "N",
      description = "most tokens of an answer (default: " + DEFAULT_NEW_TOKENS + ")")
  private Integer maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 always takes the most probable token (default); 1 samples as the model says")
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "sample the K most probable tokens only (default: all)")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "sample the most probable tokens that reach P together (default: all)")
  private Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "sample tokens at least P times as probable as the first (default: all)")
  private Double minP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      description = "above 1: tokens that prompt or answer hold become less probable (default: 1)")
  private Double repetitionPenalty;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of what is sampled; the same seed gives the same answer (default: 0)")
  private Long seed;

  @Option(
      names = "--generation-config",
      paramLabel = "FILE",
      description =
          "start from a generation_config.json; \"model\": from the model's own. Without it that"
              + " file is not read")
  private Path generationConfig;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "the answer ends before TEXT; may be given again")
  private List<String> stop = new ArrayList<>();

  @Option(
      names = "--json-schema",
      paramLabel = "FILE",
      description = "the answer is a JSON document of this schema, unless --max-new-tokens cuts it")
  private Path jsonSchema;

  /**
   * What the options ask for.
   *
   * @param model its folder, for the generation config it brings
   * @throws BadInputException if a value is out of range, or an option would have no effect
   */
  GenerationSettings settings(Path model) {
    GenerationConfigFile start = start(model);
    Sampling given = start.sampling();
    var sampling =
        new Sampling(
            temperature == null ? given.temperature() : temperature,
            topK == null ? given.topK() : topK,
            topP == null ? given.topP() : topP,
            minP == null ? given.minP() : minP,
            repetitionPenalty == null ? given.repetitionPenalty() : repetitionPenalty,
            seed == null ? given.seed() : seed);
    refuseWithoutEffect(sampling);
    if (stop.contains("")) {
      throw new BadInputException("--stop: expected a text, found an empty one.");
    }
    return new GenerationSettings(
        maxNewTokens == null ? start.maxNewTokens().orElse(DEFAULT_NEW_TOKENS) : maxNewTokens,
        stop,
        sampling,
        Optional.ofNullable(jsonSchema).map(GenerationOptions::schema));
  }

  private GenerationConfigFile start(Path model) {
    if (generationConfig == null) {
      return GenerationConfigFile.NONE;
    }
    return GenerationConfigFile.read(
        generationConfig.toString().equals(OF_THE_MODEL)
            ? model.resolve(GenerationConfigFile.NAME)
            : generationConfig);
  }

  private void refuseWithoutEffect(Sampling sampling) {
    var without = new ArrayList<String>();
    if (topK != null) {
      without.add("--top-k");
    }
    if (topP != null) {
      without.add("--top-p");
    }
    if (minP != null) {
      without.add("--min-p");
    }
    if (seed != null) {
      without.add("--seed");
    }
    if (sampling.isGreedy() && !without.isEmpty()) {
      throw new BadInputException(
          "%s has no effect at temperature 0, where the most probable token is taken; give a --temperature above 0."
              .formatted(String.join(", ", without)));
    }
  }

  private static JsonSchema schema(Path file) {
    String expected = "a JSON schema";
    InputFile.check(file, expected);
    return JsonSchema.parse(InputFile.text(file, expected), file.toString());
  }
}
