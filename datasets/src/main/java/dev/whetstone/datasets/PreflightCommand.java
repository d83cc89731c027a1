package dev.whetstone.datasets;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.preflight.Preflight;
import dev.whetstone.datasets.preflight.Preflight.Finding;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone preflight}. */
@Command(
    name = "preflight",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Tells which rows TRL and LLaMA-Factory would drop, cut or learn otherwise without a word,"
          + " were",
      "they to train on this data set as export --to writes it. Lengths are those of the data"
          + " set's",
      "own tokens."
    },
    footerHeading = "%nExample:%n",
    footer = "  whetstone preflight out/dataset --length 1024")
final class PreflightCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DATASET", description = "folder that prepare made")
  private Path dataset;

  @Option(
      names = "--length",
      paramLabel = "TOKENS",
      description =
          "max_length of TRL, cutoff_len of LLaMA-Factory; default: 1024 and 2048, as they have it")
  private Optional<Integer> length;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  @Override
  public Integer call() {
    if (length.isPresent() && length.get() < 1) {
      throw new BadInputException(
          "--length: expected at least 1 token, found " + length.get() + ".");
    }
    OptionalInt wanted = length.stream().mapToInt(tokens -> tokens).findFirst();
    Preflight preflight = Preflight.of(DatasetFolder.open(dataset), wanted);
    if (json) {
      System.out.println(Json.pretty(preflight));
      return 0;
    }
    System.out.printf(Locale.ROOT, "%,d rows%n", preflight.rows());
    if (!preflight.withTokens()) {
      System.out.println("Prepared without a model: rules about lengths were not checked.");
    }
    for (Finding finding : preflight.findings()) {
      if (finding.rows() == 0) {
        continue;
      }
      String tokens =
          finding.tokens() == 0 ? "" : String.format(Locale.ROOT, ", %,d tokens", finding.tokens());
      System.out.printf(
          Locale.ROOT,
          "%s, length %,d: %s: %,d rows%s: %s; such as %s%n",
          finding.trainer(),
          finding.length(),
          finding.effect().key(),
          finding.rows(),
          tokens,
          finding.rule(),
          String.join(", ", finding.examples()));
    }
    if (preflight.findings().stream().allMatch(finding -> finding.rows() == 0)) {
      System.out.println("Nothing is dropped, cut or learned otherwise.");
    }
    return 0;
  }
}
