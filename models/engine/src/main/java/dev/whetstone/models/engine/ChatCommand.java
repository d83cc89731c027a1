package dev.whetstone.models.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  /** Decoders give this for a character whose bytes are not all there yet. */
  private static final char INCOMPLETE = '\uFFFD';

  @Mixin private ModelOptions model;

  @Option(names = "--system", paramLabel = "TEXT", description = "system message")
  private String system;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "256",
      description = "most tokens of an answer (default: ${DEFAULT-VALUE})")
  private int maxNewTokens;

  @Override
  public Integer call() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (LoadedModel opened = model.open()) {
      List<Map<String, Object>> messages = begin();
      System.err.print("> ");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals("/exit")) {
          break;
        }
        if (line.equals("/new")) {
          messages = begin();
        } else if (!line.isBlank()) {
          messages.add(Map.of("role", "user", "content", line));
          messages.add(Map.of("role", "assistant", "content", answer(opened, messages)));
        }
        System.err.print("> ");
      }
    }
    return 0;
  }

  private List<Map<String, Object>> begin() {
    var messages = new ArrayList<Map<String, Object>>();
    if (system != null) {
      messages.add(Map.of("role", "system", "content", system));
    }
    return messages;
  }

  /** Prints the answer as it comes. */
  private String answer(LoadedModel opened, List<Map<String, Object>> messages) {
    var request =
        new LanguageModel.GenerateRequest(
            ModelOptions.encode(opened, messages), maxNewTokens, List.of());
    var printed = new StringBuilder();
    var answers = new AllAnswers<LanguageModel.Generation>(1);
    opened.generate(
        List.of(request),
        answers,
        (index, tokens) -> {
          String sofar = opened.tokenizer().decode(tokens, true);
          boolean whole = !sofar.isEmpty() && sofar.charAt(sofar.length() - 1) != INCOMPLETE;
          if (whole && sofar.length() > printed.length()) {
            System.out.print(sofar.substring(printed.length()));
            System.out.flush();
            printed.setLength(0);
            printed.append(sofar);
          }
        },
        done -> {});
    String text = answers.inOrder().get(0).text();
    System.out.println(text.substring(Math.min(text.length(), printed.length())));
    return text;
  }
}
