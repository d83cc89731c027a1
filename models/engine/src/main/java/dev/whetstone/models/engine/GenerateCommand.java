package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One greedy answer. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = "Answers a prompt, greedily, and prints the answer.",
    footer = {
      "",
      "Examples:",
      "  whetstone generate --model models/smollm2 --prompt \"What is a whetstone?\"",
      "  whetstone generate --model models/smollm2 --adapter out/run/adapter < order.txt"
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

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "256",
      description = "most tokens of the answer (default: ${DEFAULT-VALUE})")
  private int maxNewTokens;

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
    try (LoadedModel opened = model.open()) {
      int[] tokens = raw ? opened.tokenizer().encode(text, true) : chat(opened, text);
      var request = new LanguageModel.GenerateRequest(tokens, maxNewTokens, List.of());
      System.out.println(opened.generate(List.of(request), done -> {}).get(0).text());
    }
    return 0;
  }

  private int[] chat(LoadedModel opened, String text) {
    var messages = new ArrayList<Map<String, Object>>();
    if (system != null) {
      messages.add(Map.of("role", "system", "content", system));
    }
    messages.add(Map.of("role", "user", "content", text));
    return ModelOptions.encode(opened, messages);
  }
}
