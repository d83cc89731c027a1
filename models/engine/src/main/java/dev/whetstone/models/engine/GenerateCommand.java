package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.engine.LanguageModel.Finish;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.Generation;
import dev.whetstone.models.engine.generation.GenerationSettings;
import dev.whetstone.models.engine.generation.Sampling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Answers to one prompt. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = "Answers a prompt and prints the answer.",
    footer = {
      "",
      "Examples:",
      "  whetstone generate --model models/smollm2 --prompt \"What is a whetstone?\"",
      "  whetstone generate --model models/smollm2 --adapter out/run/adapter < order.txt",
      "  whetstone generate --model models/smollm2 --prompt \"Name a tool.\" --temperature 0.7"
          + " --top-p 0.9 --seed 1 --json",
      "  whetstone generate --model models/smollm2 --json-schema order.schema.json < order.txt"
    })
final class GenerateCommand implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "what to answer (default: all of standard input)")
  private String prompt;

  @Option(names = "--system", paramLabel = "TEXT", description = "system message")
  private String system;

  @Option(names = "--raw", description = "continue the text as it is, without the chat template")
  private boolean raw;

  @Mixin private GenerationOptions generation;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "answers to make, which needs a temperature; each draws numbers of its own (default:"
              + " ${DEFAULT-VALUE})")
  private int samples;

  @Option(names = "--stream", description = "print the answer as it comes")
  private boolean stream;

  @Option(
      names = "--json",
      description = "an answer a line: text, tokens, why it ended, and all settings that were used")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (raw && system != null) {
      throw new BadInputException("--system needs the chat template, which --raw leaves out.");
    }
    String text =
        prompt != null ? prompt : new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    if (text.isEmpty()) {
      throw new BadInputException(
          "expected a prompt by --prompt or on standard input, found an empty one.");
    }
    GenerationSettings settings = generation.settings(model.folder());
    refuseContradictions(settings);
    try (LoadedModel opened = model.open()) {
      int[] tokens = raw ? opened.tokenizer().encode(text, true) : chat(opened, text);
      if (stream) {
        tell(ModelOptions.print(opened, new GenerateRequest(tokens, settings)));
      } else {
        all(opened, tokens, settings);
      }
    }
    return 0;
  }

  private void refuseContradictions(GenerationSettings settings) {
    if (samples < 1) {
      throw new BadInputException("--samples: expected 1 or more, found %d.".formatted(samples));
    }
    if (samples > 1 && settings.sampling().isGreedy()) {
      throw new BadInputException(
          "--samples: at temperature 0 all %d answers would be the same; give a --temperature above 0."
              .formatted(samples));
    }
    if (stream && (json || samples > 1)) {
      throw new BadInputException(
          "--stream prints one answer as it comes; leave --json and --samples out.");
    }
  }

  private void all(LoadedModel opened, int[] tokens, GenerationSettings settings) {
    var requests = new ArrayList<GenerateRequest>();
    for (int i = 0; i < samples; i++) {
      // A single answer has the very seed that was given.
      Sampling own = samples == 1 ? settings.sampling() : settings.sampling().forRequest(i);
      requests.add(new GenerateRequest(tokens, settings.withSampling(own)));
    }
    for (Generation made : opened.generate(requests, done -> {})) {
      System.out.println(json ? Json.line(described(made)) : made.text());
      tell(made);
    }
  }

  /** An answer that looks whole but is not must not pass for one. */
  private static void tell(Generation made) {
    if (made.finish() == Finish.LENGTH && made.settings().schema().isPresent()) {
      System.err.printf(
          "generate: cut after %d tokens, so it may be no document of the schema; raise"
              + " --max-new-tokens.%n",
          made.tokens().length);
    }
  }

  private static Map<String, Object> described(Generation made) {
    var described = new LinkedHashMap<String, Object>();
    described.put("text", made.text());
    described.put("tokens", made.tokens());
    described.put("finish", made.finish().name().toLowerCase(Locale.ROOT));
    described.put("settings", made.settings().described());
    return described;
  }

  private int[] chat(LoadedModel opened, String text) {
    List<Map<String, Object>> messages = ModelOptions.begin(system);
    messages.add(Map.of("role", "user", "content", text));
    return ModelOptions.encode(opened, messages);
  }
}
