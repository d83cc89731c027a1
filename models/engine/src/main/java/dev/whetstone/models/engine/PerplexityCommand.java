package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mean loss of a model on the start of a text, as transformers computes it with labels = ids. */
@Command(
    name = "perplexity",
    mixinStandardHelpOptions = true,
    description =
        "Prints the mean loss of a model on the first tokens of a text; no special token is added.",
    footer = {
      "",
      "Example:",
      "  whetstone perplexity --model models/smollm2 --text book.txt --tokens 1024 --json"
    })
final class PerplexityCommand implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(names = "--text", required = true, paramLabel = "FILE", description = "text, UTF-8")
  private Path text;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "1024",
      description = "how many tokens of it (default: ${DEFAULT-VALUE})")
  private int tokens;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  @Override
  public Integer call() {
    String content;
    try {
      content = Files.readString(text);
    } catch (IOException e) {
      throw new BadInputException("%s: expected a text file in UTF-8: %s.".formatted(text, e), e);
    }
    try (LoadedModel opened = model.open()) {
      int[] all = opened.tokenizer().encode(content, false);
      int count = Math.min(tokens, all.length);
      if (count < 2 || count > opened.maxLength()) {
        throw new BadInputException(
            "%s: expected between 2 and %d tokens, found %d of which %d were asked for."
                .formatted(text, opened.maxLength(), all.length, tokens));
      }
      var request =
          new LanguageModel.ScoreRequest(Arrays.copyOf(all, 1), Arrays.copyOfRange(all, 1, count));
      double lossNats = -opened.score(List.of(request), done -> {}).get(0).sum() / (count - 1);
      System.out.println(json ? asJson(lossNats, count) : asText(lossNats, count));
    }
    return 0;
  }

  private static String asJson(double lossNats, int count) {
    var answer = new LinkedHashMap<String, Object>();
    answer.put("loss_nats", lossNats);
    answer.put("perplexity", Math.exp(lossNats));
    answer.put("tokens", count);
    return Json.line(answer);
  }

  private static String asText(double lossNats, int count) {
    return String.format(
        Locale.ROOT,
        "mean loss %.6f nats, perplexity %.3f, over %d tokens",
        lossNats,
        Math.exp(lossNats),
        count);
  }
}
