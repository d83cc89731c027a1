package dev.whetstone.models.engine;

import dev.whetstone.models.engine.generation.GenerationSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A conversation at the prompt. */
@Command(
    name = "chat",
    mixinStandardHelpOptions = true,
    description =
        "Talks to a model: a line is a message, /new starts again, /exit or end of input ends.",
    footer = {"", "Example:", "  whetstone chat --model models/smollm2 --adapter out/run/adapter"})
final class ChatCommand implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(names = "--system", paramLabel = "TEXT", description = "system message")
  private String system;

  @Mixin private GenerationOptions generation;

  @Override
  public Integer call() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    GenerationSettings settings = generation.settings(model.folder());
    try (LoadedModel opened = model.open()) {
      List<Map<String, Object>> messages = ModelOptions.begin(system);
      System.err.print("> ");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals("/exit")) {
          break;
        }
        if (line.equals("/new")) {
          messages = ModelOptions.begin(system);
        } else if (!line.isBlank()) {
          messages.add(Map.of("role", "user", "content", line));
          messages.add(Map.of("role", "assistant", "content", answer(opened, messages, settings)));
        }
        System.err.print("> ");
      }
    }
    return 0;
  }

  private static String answer(
      LoadedModel opened, List<Map<String, Object>> messages, GenerationSettings settings) {
    // Each answer of a conversation draws numbers of its own.
    var request =
        new LanguageModel.GenerateRequest(
            ModelOptions.encode(opened, messages),
            settings.withSampling(settings.sampling().forRequest(messages.size())));
    return ModelOptions.print(opened, request).text();
  }
}
