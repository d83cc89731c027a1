package dev.whetstone.datasets;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.pack.PackPlanWriter;
import dev.whetstone.datasets.pack.PackPlans;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone packs}. */
@Command(
    name = "packs",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Plans packs of another length for a prepared data set, from the tokens that it holds: the",
      "rows stay as they are, packs-<length>.arrow comes beside them. Prints the data set."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  whetstone packs out/dataset --length 2048",
      "  whetstone train orders.yaml --out out/run --set train.pack_length=2048"
    })
final class PacksCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DATASET", description = "folder that prepare made")
  private Path dataset;

  @Option(
      names = "--length",
      required = true,
      paramLabel = "TOKENS",
      description = "tokens of a pack; no row may be longer")
  private int length;

  @Override
  public Integer call() {
    if (length < 2) {
      throw new BadInputException("--length: expected at least 2 tokens, found " + length + ".");
    }
    DatasetFolder folder = DatasetFolder.open(dataset);
    Map<String, int[]> lengths = new TreeMap<>();
    Map<String, List<int[]>> plans = new TreeMap<>();
    for (String split : folder.splits()) { // no file before every split has its plan
      lengths.put(split, PackPlans.lengths(folder, split));
      plans.put(split, PackPlans.plan(folder, split, lengths.get(split), length));
    }
    plans.forEach(
        (split, packs) -> {
          PackPlanWriter.write(dataset.resolve(split), length, packs, lengths.get(split));
          long tokens = Arrays.stream(lengths.get(split)).asLongStream().sum();
          System.err.printf(
              Locale.ROOT,
              "packs: %s: %,d rows, %,d tokens in %,d packs of %,d, %.1f %% filled%n",
              split,
              lengths.get(split).length,
              tokens,
              packs.size(),
              length,
              packs.isEmpty() ? 0 : 100.0 * tokens / ((double) packs.size() * length));
        });
    System.out.println(dataset);
    return 0;
  }
}
